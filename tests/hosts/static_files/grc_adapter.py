from datetime import UTC
from datetime import datetime

from grc_core import GRC
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Product
from grc_core import Shop

shop = Shop(currency="USD")
grc = GRC(shop)
shop.on("visit", endpoints="anything", product="path")
shop.on("order", endpoints=["webhook", "success"])
shop.place("product.below", endpoints="anything", product="path", selector="#item")
shop.place("order.thanks", endpoints="success", order="session_id", selector="main")


@shop.catalogue
def catalogue():
    from . import CATALOGUE

    for category, items in CATALOGUE["categories"].items():
        for it in items:
            yield Product(it["slug"], it["name"], it["price"], categories=[category])


@shop.products
def products(ids):
    return [product for product in catalogue() if product.id in ids]


@shop.orders
def orders(*, after=None):
    from . import sessions

    for it in sessions.list(after or 0):
        if it["payment_status"] == "paid":
            lines = [
                OrderLine(line["slug"], line["quantity"], Money(line["unit_amount"], "USD"))
                for line in it["line_items"]
            ]
            at = datetime.fromtimestamp(it["created"], UTC)
            email = it["customer_details"]["email"]
            yield Order(it["id"], lines, at, "paid", cursor=it["created"], email=email)
