from flask import request

from grc_core import GRC
from grc_core import Cart
from grc_core import CartLine
from grc_core import Customer
from grc_core.hosts.sql import SQLShop

from .api.carts import lines_of
from .api.carts import open_cart
from .database import database

shop = SQLShop(
    database,
    close=False,  # it is the request's own
    currency="EUR",
    without=("email",),
    customers="select id, name, joined created_at, joined cursor from customer",
    products="select id, title name, price from product",
    orders="select id, status state, placed_at, placed_at cursor, customer_id"
    " from \"order\" where status <> 'in_cart'",
    lines="select order_id, product_id, count quantity, price unit_price"
    " from line join product on id = product_id",
)
grc = GRC(shop)
shop.on("cart", endpoints="carts.add")
shop.on("order", endpoints="carts.check_out")
shop.on("signup", endpoints="customers.join")


def stated():
    return {**request.args, **(request.get_json(silent=True) or {})}.get("customer_id")


@shop.customer
def customer():
    return Customer(stated()) if stated() else None  # anybody may state any id: not verified


@shop.cart
def cart():
    id = open_cart(stated())
    return id and Cart(id, [CartLine(*line) for line in lines_of(id)])
