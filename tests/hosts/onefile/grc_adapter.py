from grc_core import GRC
from grc_core.hosts.sql import SQLShop


def connect():
    from . import connect  # the adapter is imported before the shop's one file is read

    return connect()


shop = SQLShop(
    connect,
    currency="INR",
    customers="select userId id, email, firstName name, since created_at, userId cursor from users",
    products="select productId id, name, price, stock from products",
    cart="select userId customer_id, productId product_id, count(*) quantity, price unit_price"
    " from kart join products using (productId) group by userId, productId",
)
grc = GRC(shop)
shop.on("visit", endpoints="product_description", product="productId")
shop.on("cart", endpoints=["add_to_cart", "remove_from_cart"])
shop.on("signup", endpoints="register")
shop.place("product.below", endpoints="product_description", product="productId", selector="#item")


@shop.signed_in
def signed_in():
    from . import user

    return (found := user()) and found[0]
