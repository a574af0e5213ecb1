"""Product pictures, drawn when first asked for and then kept by the browser."""

from flask import Blueprint
from flask import Response
from flask import abort
from sqlalchemy import select

from ..extensions import db
from ..models import Product
from ..pictures import draw

bp = Blueprint("pictures", __name__)


@bp.get("/pictures/<slug>.svg")
def show(slug: str) -> Response:
    """Send a product's picture."""
    kind = db.session.scalar(select(Product.picture).where(Product.slug == slug)) or abort(404)
    response = Response(draw(kind, slug), mimetype="image/svg+xml")
    response.cache_control.public = True
    response.cache_control.max_age = 31_536_000
    response.cache_control.immutable = True
    return response
