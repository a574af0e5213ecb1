"""The home page: shelves, what sells, and a way to order at once."""

from flask import Blueprint
from flask import render_template
from flask_login import current_user
from sqlalchemy import select

from ..extensions import db
from ..fulfilment import NOT_PLACED
from ..models import Order
from ..models import Product

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> str:
    """Show the front of the shop."""
    on_sale = select(Product).where(Product.active, Product.stock > 0)
    popular = db.session.scalars(on_sale.order_by(Product.sold.desc(), Product.id).limit(8))
    fresh = db.session.scalars(on_sale.order_by(Product.created_at.desc(), Product.id).limit(4))
    return render_template(
        "home.html", popular=popular.all(), fresh=fresh.all(), last_order=_last_order()
    )


def _last_order() -> Order | None:
    if not current_user.is_authenticated:
        return None
    mine = select(Order).where(
        Order.user_id == current_user.id, Order.state.not_in(("cancelled", *NOT_PLACED))
    )
    return db.session.scalar(mine.order_by(Order.placed_at.desc()).limit(1))
