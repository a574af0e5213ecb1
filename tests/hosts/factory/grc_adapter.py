from flask_login import current_user

from grc_core import GRC
from grc_core import Cart
from grc_core import CartLine
from grc_core.hosts.flask_login import login
from grc_core.hosts.flask_sqlalchemy import SQLAlchemyShop

from .extensions import db

models = {"user": "User", "product": "Product", "order": "Order"}
shop = SQLAlchemyShop(db, currency="CAD", **models, states={"new": "placed"})
grc = GRC(login(shop, shop.customer_of, staff="is_staff"))
shop.on("visit", endpoints="product.show", product="id")
shop.on("cart", endpoints=["order.add", "order.place"])
shop.on("order", endpoints="order.place")
shop.on("signup", endpoints="app.sign_up")
shop.place("product.below", endpoints="product.show", product="id")
shop.place("order.thanks", endpoints="order.done", order="id")


@shop.cart
def cart():
    if current_user.is_authenticated:
        lines = [CartLine(i.product_id, i.quantity, i.product.price) for i in current_user.cart]
        return Cart(current_user.id, lines, customer_id=current_user.id)
