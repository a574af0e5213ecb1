from datetime import UTC
from datetime import datetime

from grc_core import GRC
from grc_core import Cart
from grc_core import CartLine
from grc_core import Customer
from grc_core import Order
from grc_core import OrderLine
from grc_core import Product
from grc_core import Shop

shop = Shop(currency="USD")
grc = GRC(shop)
shop.on("visit", endpoints="flower", product="slug")
shop.on("cart", endpoints=["save_cart", "buy"])
shop.on("order", endpoints="buy")
shop.on("signup", endpoints="join")
shop.place("product.below", endpoints="flower", product="slug", selector="article")
shop.place("order.thanks", endpoints="thanks", order="id", selector="#thanks")


def flowers():
    from . import shop as module  # it imports this adapter first

    return module


def born(it):
    return datetime.fromtimestamp(int(str(it["_id"])[:8], 16), UTC)


def customer_of(it):
    return Customer(it["_id"], it["mail"], it["name"], created_at=born(it), cursor=it["_id"])


@shop.customer
def customer():
    return (me := flowers().person()) and customer_of(me).replace(verified=True)


@shop.customers
def customers():
    return map(customer_of, flowers().store.people.find())


@shop.products
def products(ids):
    goods = (flowers().store.goods.find_one(slug=id) for id in ids)
    return [Product(it["slug"], it["title"], it["prices"]["USD"]) for it in goods if it]


@shop.cart
def cart():
    if me := flowers().person():
        each = {it.id: it.price for it in products([line["slug"] for line in me["basket"]])}
        lines = [CartLine(line["slug"], line["n"], each[line["slug"]]) for line in me["basket"]]
        return Cart(me["_id"], lines)


@shop.orders
def orders():
    for it in flowers().store.orders.find():
        lines = [OrderLine(line["slug"], line["n"], line["each"]) for line in it["lines"]]
        yield Order(it["_id"], lines, born(it), "placed", it["version"], it["who"])
