from flask import session

from grc_core import GRC
from grc_core.hosts.sql import SQLShop


def connect():
    from . import connect

    return connect()


shop = SQLShop(
    connect,
    currency="GBP",
    customers="select n id, mail email, created_at, n cursor from drinker",
    products="select n id, name, price from tea",
    orders="select n id, drinker customer_id, created_at placed_at, n cursor, status state"
    " from sale",
    lines="select sale order_id, tea product_id, grams quantity, price unit_price from sale_line",
    cart="select drinker customer_id, tea product_id, sum(grams) quantity, price unit_price"
    " from cup join tea on n = tea group by drinker, tea",
)
grc = GRC(shop)
shop.on("visit", endpoints="tea", product="n")
shop.on("cart", endpoints=["tea", "sale"])
shop.on("order", endpoints="sale")
shop.on("signup", endpoints="join")
shop.place("product.below", endpoints="tea", product="n", selector="#tea")
shop.place("order.thanks", endpoints="sale", order="n")
shop.signed_in(lambda: session.get("drinker"))
