from flask import session

from grc_core import GRC
from grc_core.hosts.sql import SQLShop


def connect():
    from .app import connect

    return connect()


shop = SQLShop(
    connect,
    currency="EUR",
    locales=("de", "en"),
    timezone="Europe/Vienna",
    cents=True,
    customers="select id, email, name, since created_at, since cursor from reader",
    products="select isbn id, title name, cents price, '/shop/book/' || isbn url from book",
    orders="select number id, reader customer_id, at placed_at, changed cursor, status state,"
    " cents total from purchase",
    lines="select number order_id, isbn product_id, n quantity, cents unit_price"
    " from purchase_line",
    cart="select reader customer_id, isbn product_id, n quantity, cents unit_price"
    " from bag join book using (isbn)",
)
grc = GRC(shop, url_prefix="/relations")
shop.on("visit", endpoints="book", product="isbn")
shop.on("cart", endpoints=["put", "buy"])
shop.on("order", endpoints="buy")
shop.on("signup", endpoints="join")
shop.place("product.below", endpoints="book", product="isbn")
shop.place("order.thanks", endpoints="purchase", order="number")
shop.signed_in(lambda: session.get("reader"))
