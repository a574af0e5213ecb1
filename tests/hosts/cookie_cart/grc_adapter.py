from flask import session

from grc_core import GRC
from grc_core import Cart
from grc_core import CartLine
from grc_core.hosts.sql import SQLShop

from .tables import engine

shop = SQLShop(
    lambda: engine().raw_connection(),
    currency="CAD",
    customers="select id, email, username name, joined created_at, joined cursor from users",
    products="select slug id, title name, price from beans",
    orders="select id, user_id customer_id, made placed_at, max(made, ifnull(paid, '')) cursor,"
    " iif(paid is null, 'placed', 'paid') state from orders",
    lines="select order_id, slug product_id, bags quantity, price unit_price"
    " from order_lines join beans using (slug)",
)
grc = GRC(shop)
shop.on("visit", endpoints="products.detail", product="slug")
shop.on("cart", endpoints=["carts.add", "carts.delete", "orders.create"])
shop.on("order", endpoints=["orders.create", "orders.pay"])
shop.on("signup", endpoints="users.sign_up")
shop.place("product.below", endpoints="products.detail", product="slug", selector="main")
shop.place("order.thanks", endpoints="orders.pay", order="number", selector="main")
shop.signed_in(lambda: session.get("user"))


@shop.cart
def cart():
    bag = session.get("Coffees", {})
    price = {it.id: it.price for it in shop.functions["products"](list(bag))}
    return Cart(session.get("user"), [CartLine(s, it["bags"], price[s]) for s, it in bag.items()])
