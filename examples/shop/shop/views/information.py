"""Help, site map and what robots read."""

from flask import Blueprint
from flask import Response
from flask import make_response
from flask import render_template
from sqlalchemy import select

from ..extensions import db
from ..models import Product
from ..places import COUNTRIES
from ..places import PROVINCES
from ..shipping import FREE_FROM
from ..shipping import METHODS
from ..taxes import BY_REGION
from ..taxes import GST

bp = Blueprint("pages", __name__)


@bp.get("/help")
def help_page() -> str:
    """Explain ordering, payment, delivery, taxes and returns."""
    return render_template(
        "help.html",
        book_rate=GST.book_percent,
        countries=COUNTRIES,
        free_from=FREE_FROM,
        shipping_methods=METHODS,
        provinces=PROVINCES,
        taxes=BY_REGION,
    )


@bp.get("/stores")
def stores() -> str:
    """Show where the stores are, when they open, and which take returns."""
    return render_template("stores.html")


@bp.get("/site-map")
def site_map() -> str:
    """List every page and product."""
    return render_template("site_map.html", products=_products())


@bp.get("/sitemap.xml")
def sitemap_xml() -> Response:
    """List every page and product for search engines."""
    response = make_response(render_template("sitemap.xml", products=_products()))
    response.mimetype = "application/xml"
    return response


@bp.get("/robots.txt")
def robots() -> Response:
    """Keep robots out of carts and accounts."""
    return Response(render_template("robots.txt"), mimetype="text/plain")


def _products() -> list[Product]:
    return list(db.session.scalars(select(Product).where(Product.active).order_by(Product.id)))
