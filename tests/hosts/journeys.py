"""What a visitor does in each shop, from the front page to the order, and what that must tell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .embedding import Browser
from .embedding import Host


@dataclass(frozen=True)
class Journey:
    """A walk through a shop, and how many events it makes."""

    walk: Callable[[Browser, Host], None]
    orders: int
    signups: int
    carts: int
    #: how many visits of product pages
    visits: int


def _factory(visitor: Browser, host: Host) -> None:
    visitor.get("/")
    visitor.get("/sign-up")
    visitor.post("/sign-up", {"email": "ann@example.com"})
    visitor.post("/sign-up", {"email": "ann@example.com", "first_name": "Ann"})
    visitor.get("/product/1")
    visitor.post("/order/cart/1")
    visitor.post("/order/cart/2")
    visitor.post("/order/cart/2")
    visitor.get("/order/cart")
    visitor.post("/order/place", {"card": "refused"})
    visitor.post("/order/place")
    visitor.get("/order/done/1")
    visitor.get("/order/done/1")
    visitor.post("/order/place")
    visitor.get("/nowhere")
    visitor.get("/static/none.css")
    visitor.post("/log-out")
    visitor.get("/product/2")


def _onefile(visitor: Browser, host: Host) -> None:
    visitor.get("/")
    visitor.get("/registerationForm")
    visitor.post("/register", {"email": "ann@example.com"})
    visitor.post("/register", {"email": "ann@example.com", "firstName": "Ann"})
    visitor.post("/register", {"email": "ann@example.com", "firstName": "Ann"})
    visitor.get("/addToCart?productId=1")
    visitor.post("/login", {"email": "ann@example.com"})
    visitor.get("/productDescription?productId=1")
    visitor.get("/addToCart?productId=1")
    visitor.get("/addToCart?productId=2")
    visitor.get("/removeFromCart?productId=1")
    visitor.get("/removeFromCart?productId=1")
    visitor.get("/cart")
    visitor.get("/checkout")
    visitor.get("/productDescription?productId=9")


def _json_api(visitor: Browser, host: Host) -> None:
    visitor.get("/")
    visitor.get("/store.js")
    visitor.post("/api/customers", json={})
    visitor.post("/api/customers", json={"name": "Ann"})
    visitor.post("/api/customers", json={"name": "Ann"})
    visitor.get("/api/products")
    visitor.get("/api/products/7")
    visitor.post("/api/cart/lines", json={"customer_id": 1, "product_id": 7})
    visitor.post("/api/cart/lines", json={"customer_id": 1, "product_id": 8, "count": 2})
    visitor.post("/api/cart/lines", json={"customer_id": 1, "product_id": 99})
    visitor.get("/api/cart?customer_id=1")
    visitor.post("/api/orders/checkout", json={"customer_id": 1})
    visitor.post("/api/orders/checkout", json={"customer_id": 1})


def _documents(visitor: Browser, host: Host) -> None:
    visitor.get("/")
    visitor.post("/join", {"mail": "ann@example.com", "name": "Ann"})
    visitor.post("/join", {"mail": "ann@example.com", "name": "Ann"})
    visitor.get("/flowers/roses/red")
    visitor.post("/saveCart", json={"basket": [{"slug": "roses/red", "n": 1}]})
    visitor.post("/saveCart", json={"basket": [{"slug": "roses/red", "n": 1}]})
    visitor.post("/saveCart", json={"basket": [{"slug": "tulips", "n": 3}]})
    visitor.get(visitor.post("/buy").raw.headers["Location"])
    visitor.post("/buy")
    visitor.get("/flowers/none")


def _cookie_cart(visitor: Browser, host: Host) -> None:
    visitor.get("/")
    visitor.post("/carts/add/kenya")
    visitor.post("/signup", {"username": "ann", "email": "ann@example.com"})
    visitor.post("/signup", {"username": "ann", "email": "ann@example.com"})
    visitor.post("/login", {"username": "ann"})
    visitor.get("/kenya")
    visitor.post("/carts/add/kenya", {"bags": "2"})
    visitor.post("/carts/add/decaf")
    visitor.get("/carts/delete/decaf")
    visitor.post("/order")
    visitor.get("/payment/1")
    visitor.post("/payment/1")
    visitor.post("/order")
    visitor.get("/anything/else")


def _static_files(visitor: Browser, host: Host) -> None:
    visitor.get("/")
    visitor.get("/desk-lamp")
    place = visitor.post("/checkout/desk-lamp", {"quantity": "2"}).raw.headers["Location"]
    id = place.rpartition("/")[2]
    visitor.get(f"/success?session_id={id}")
    body, signature = host.import_("payments").Sessions(_sessions(host)).pay(id, "bob@example.com")
    for _ in range(2):
        visitor.post("/hooks/payment", body, headers={"Signature": signature})
    visitor.post("/hooks/payment", body, headers={"Signature": "guessed"})
    visitor.get(f"/success?session_id={id}")
    visitor.get("/grc-is-not-a-lamp")


def _sessions(host: Host) -> str:
    return str(host.instance / "sessions.json")


def _mounted(visitor: Browser, host: Host) -> None:
    visitor.get("/")
    visitor.get("/book/978-1")
    visitor.post("/join", {"email": "ann@example.com", "name": "Ann"})
    visitor.post("/join", {"email": "ann@example.com", "name": "Ann"})
    visitor.get("/book/978-1")
    visitor.post("/bag/978-1")
    visitor.post("/bag/978-2")
    visitor.get(visitor.post("/buy").raw.headers["Location"].removeprefix("/shop"))
    visitor.post("/buy")
    visitor.get("/purchase/none")


def _rewriting(visitor: Browser, host: Host) -> None:
    visitor.get("/")
    visitor.get("/", Accept_Encoding="gzip")
    tag = visitor.get("/").raw.headers["ETag"]
    visitor.get("/", If_None_Match=tag)
    visitor.post("/join", {"mail": "ann@example.com"})
    visitor.post("/join", {"mail": "ann@example.com"})
    visitor.get("/tea/1")
    visitor.get("/tea/1", Accept_Encoding="gzip")
    visitor.post("/tea/1", {"grams": "50"})
    visitor.post("/tea/2")
    closed = host.instance / "closed"
    closed.touch()
    visitor.post("/sale")
    visitor.get("/tea/1")
    closed.unlink()
    visitor.post("/sale")
    visitor.get("/sale/1")
    visitor.post("/sale")
    visitor.get("/feed")
    visitor.get("/tea/99")


JOURNEYS: dict[str, Any] = {
    "factory": Journey(_factory, orders=1, signups=1, carts=4, visits=2),
    "onefile": Journey(_onefile, orders=0, signups=1, carts=3, visits=1),
    "json_api": Journey(_json_api, orders=1, signups=1, carts=2, visits=0),
    "documents": Journey(_documents, orders=1, signups=1, carts=3, visits=1),
    "cookie_cart": Journey(_cookie_cart, orders=1, signups=1, carts=4, visits=1),
    "static_files": Journey(_static_files, orders=1, signups=0, carts=0, visits=1),
    "mounted": Journey(_mounted, orders=1, signups=1, carts=3, visits=2),
    "rewriting": Journey(_rewriting, orders=1, signups=1, carts=3, visits=2),
}
