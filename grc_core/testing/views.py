"""The in-memory shop's pages; they behave as those of real shops do."""

from typing import TYPE_CHECKING

from flask import Flask
from flask import abort
from flask import redirect
from flask import request
from flask import session
from flask import url_for
from markupsafe import escape
from werkzeug.wrappers import Response

from ..values import CartLine
from ..values import Money
from ..values import OrderLine

if TYPE_CHECKING:  # the shop has these pages
    from .shop import MiniShop


def _page(body: str) -> str:
    lang = escape(request.args.get("lang", "en"))
    return (
        f'<!doctype html><html lang="{lang}"><head><title>Mini</title>'
        '<link rel="icon" href="data:,"></head>'
        f"<body><main>{body}</main></body></html>"
    )


def add_views(app: Flask, mini: "MiniShop") -> None:
    """Give an app the shop's pages."""
    _add_pages(app, mini)
    _add_checkout(app, mini)


def _add_pages(app: Flask, mini: "MiniShop") -> None:
    @app.get("/")
    def home() -> str:
        return _page("Welcome")

    @app.get("/product/<id>")
    def product(id: str) -> str:
        item = mini.products.get(id) or abort(404)
        return _page(
            f'{escape(item.name)}<grc-slot name="product.below" data-product="{id}"></grc-slot>'
        )

    @app.get("/slot/<name>")
    def slot(name: str) -> str:
        """Show one slot alone, about the product and the order of the query."""
        about = {"product": request.args.get("product"), "order": request.args.get("order")}
        if about["order"] and mini.grc:
            about["token"] = mini.grc.order_token(about["order"])
        named = "".join(f' data-{key}="{escape(it)}"' for key, it in about.items() if it)
        return _page(f'<grc-slot name="{escape(name)}"{named}></grc-slot>')

    @app.get("/done/<order_id>")
    def done(order_id: str) -> str:
        return _page(f"<h1>Order {escape(order_id)}</h1>")

    @app.get("/cart")
    def cart() -> str:
        return _page('Cart<grc-slot name="cart.below"></grc-slot>')

    @app.route("/add/<id>", methods=["GET", "POST"])
    def add(id: str) -> Response | str:
        if id not in mini.products:
            return abort(400)
        session.setdefault("cart", f"cart{mini.new_id()}")
        price = mini.products[id].price
        mini.carts.setdefault(session["cart"], []).append(CartLine(id, 1, price))
        return redirect(url_for("cart"))


def _add_checkout(app: Flask, mini: "MiniShop") -> None:
    @app.post("/empty")
    def empty() -> Response:
        mini.carts[session["cart"]] = []
        return redirect(url_for("cart"))

    @app.post("/checkout")
    def checkout() -> Response:
        lines = [
            OrderLine(line.product_id, line.quantity, line.unit_price)
            for line in mini.carts.pop(session.pop("cart", ""), [])
        ] or [OrderLine("1", 1, Money(1250, "CAD"))]
        order = mini.place(session.get("user"), lines=lines, email=request.form.get("email"))
        session["ordered"] = True
        if request.form.get("crash"):
            raise RuntimeError("after the commit")
        return redirect(url_for("done", order_id=order.id))

    @app.post("/sign-up")
    def sign_up() -> str:
        id = request.form["id"]
        if id not in mini.customers:
            mini.sign_up(id)
        session["user"] = id
        return _page("Welcome")

    @app.post("/sign-in/<id>")
    def sign_in(id: str) -> str:
        session["user"] = id
        return _page("Welcome back")
