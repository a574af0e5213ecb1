"""The plugin in a shop of one page per kind: thanks in two languages, counts only with consent."""

from collections.abc import Iterable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask import redirect
from flask import request
from flask import session
from flask import url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from grc_core import GRC
from grc_core import Customer
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Purpose
from grc_core import Shop
from grc_hello import Hello
from grc_hello import Seen

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
CUSTOMERS = {
    "ann": Customer("ann", consents=Purpose.ANALYTICS),
    "bob": Customer("bob", consents=Purpose.NECESSARY),
}


def page(body: str) -> str:
    lang = request.args.get("lang", "en")
    return f'<!doctype html><html lang="{lang}"><body><main>{body}</main></body></html>'


def add_views(app: Flask, orders: list[Order]) -> None:
    @app.get("/product")
    def product() -> str:
        return page("A tent")

    @app.get("/account")
    def account() -> str:
        return page('<grc-slot name="account.main"></grc-slot>')

    @app.post("/sign-in/<id>")
    def sign_in(id: str) -> str:
        session["user"] = id
        return page("Welcome")

    @app.post("/order/<int:quantity>")
    def place(quantity: int) -> Response:
        line = OrderLine("tent", quantity, Money.of(199, "CAD"))
        number, now = len(orders) + 1, datetime.now(UTC)
        orders.append(Order(str(number), [line], now, "placed", number, session.get("user")))
        session["ordered"] = True
        return redirect(url_for("done", number=number, lang=request.args.get("lang", "en")))

    @app.get("/done/<int:number>")
    def done(number: int) -> str:
        return page(f"Order {number}")


def make_shop(orders: list[Order]) -> Shop:
    shop = Shop(currency="CAD", locales=("en", "fr"))

    @shop.customer
    def customer() -> Customer | None:
        found = CUSTOMERS.get(session.get("user", ""))
        return found.replace(verified=True) if found else None

    @shop.customers
    def customers(*, after: Any = None, id: str | None = None) -> Iterable[Customer]:
        return [item for item in CUSTOMERS.values() if id in (None, item.id)]

    @shop.orders
    def all_orders(
        *, after: Any = None, id: str | None = None, customer_id: str | None = None
    ) -> Iterable[Order]:
        found = [item for item in orders if customer_id in (None, item.customer_id)]
        return [
            item
            for item in found
            if id in (None, item.id) and (after is None or item.cursor >= after)
        ]

    shop.on("visit", endpoints="product")
    shop.on("order", endpoints="place")
    shop.place("order.thanks", endpoints="done", order="number")
    return shop


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = Flask("small", instance_path=str(tmp_path))
    app.config.update(TESTING=True, SECRET_KEY="a key for tests", GRC_RUNNER="inline")
    orders: list[Order] = []
    add_views(app, orders)
    GRC(make_shop(orders), plugins=[Hello]).init_app(app)
    result = app.test_cli_runner().invoke(args=["grc", "db", "upgrade"])
    assert result.exit_code == 0, result.output
    yield app
    app.extensions["grc"].close()


def seen(app: Flask) -> list[str]:
    with app.extensions["grc"].database.read() as connection:
        return list(connection.scalars(select(Seen.who).order_by(Seen.id)))


@pytest.mark.parametrize(
    ("lang", "quantity", "title", "text"),
    [
        ("en", 1, "Thank you for your order!", "We are preparing your item."),
        ("en", 2, "Thank you for your order!", "We are preparing your 2 items."),
        ("fr", 1, "Merci de votre commande!", "Nous préparons votre article."),
        ("fr", 2, "Merci de votre commande!", "Nous préparons vos 2 articles."),
    ],
)
def test_an_order_is_thanked_for_in_the_language_of_the_page(
    app: Flask, lang: str, quantity: int, title: str, text: str
) -> None:
    client = app.test_client()
    shown = client.post(f"/order/{quantity}?lang={lang}", follow_redirects=True).text
    assert 'data-grc-widget="hello.thanks"' in shown
    assert title in shown
    assert text in shown


def test_a_stranger_with_the_address_is_not_thanked(app: Flask) -> None:
    app.test_client().post("/order/1")
    assert "data-grc-widget" not in app.test_client().get("/done/1").text


def test_each_order_is_noted_once(app: Flask) -> None:
    client = app.test_client()
    client.post("/order/1")
    client.post("/order/1")
    app.test_cli_runner().invoke(args=["grc", "sync"])
    assert seen(app) == ["a buyer", "a buyer"]


def test_who_agreed_is_counted_and_told_in_the_language_of_the_page(app: Flask) -> None:
    client = app.test_client()
    client.post("/sign-in/ann")
    for _ in range(2):
        client.get("/product", headers=BROWSER)
    assert seen(app) == ["customer:ann", "customer:ann"]
    assert "You have looked at 2 product pages." in client.get("/account").text
    assert "Vous avez consulté 2 pages de produits." in client.get("/account?lang=fr").text


def test_who_refused_or_is_unknown_is_not_counted(app: Flask) -> None:
    refused, unknown = app.test_client(), app.test_client()
    refused.post("/sign-in/bob")
    for client in (refused, unknown):
        client.get("/product", headers=BROWSER)
        assert "data-grc-widget" not in client.get("/account").text
    assert seen(app) == []


def test_what_is_stored_of_a_person_is_declared() -> None:
    (declared,) = Hello().personal_data()
    assert (declared.model, tuple(declared.fields), declared.by) == (Seen, ("who",), "who")
    assert declared.purpose is Purpose.ANALYTICS
