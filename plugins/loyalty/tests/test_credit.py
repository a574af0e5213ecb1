"""Store credit: it pays what points have left, waits for nothing and goes back with the money."""

import pytest

import grc_core as grc
from grc_loyalty.models import Account
from grc_loyalty.models import Entry
from grc_loyalty.models import Hold

from .conftest import cart_of
from .conftest import check_books
from .conftest import send

pytestmark = pytest.mark.grc_databases("sqlite")
GIVE = ("grc", "loyalty", "adjust", "ann")


@pytest.fixture
def rich(grc_app, grc_shop):
    """Return ann's browser: she has 100 points, worth $5, and $12.34 of credit."""
    grc_shop.sign_up("ann")
    grc_app.flask(*GIVE, "100", "--reason", "gift", "--key", "1")
    grc_app.flask(*GIVE, "1234", "--credit", "--reason", "a broken mug", "--key", "2")
    ann = grc_app.visitor("ann")
    ann.get("/add/1")
    return ann


def balances(app):
    return {row.unit: row.balance for row in app.rows(Account)}


def test_credit_pays_what_points_have_left_and_goes_back_in_proportion(grc_app, grc_shop, rich):
    shown = grc_app.slot("checkout.summary", rich)
    assert "$12.34 of store credit" in shown
    for unit in ("points", "credit"):
        send(rich, "points", unit=unit, use="1")
    cart = cart_of(("1", 1, 1500), id=next(iter(grc_shop.carts)), customer="ann")
    with grc_app.app_context():
        price = grc_shop.grc.price(cart)
        assert {item.key: item.amount.amount for item in price.applied} == {
            "points": 500,
            "credit": 1000,
        }
        assert price.total.amount == 0
        grc_shop.grc.reserve(cart, "o1", price)
        assert balances(grc_app) == {"points": 0, "credit": 234}
        grc_shop.grc.release("o1")
        assert balances(grc_app) == {"points": 100, "credit": 1234}
        grc_shop.grc.reserve(cart, "o1", price)
    check_books(grc_app)
    line = grc.OrderLine("1", 1, grc.Money(1500, "CAD"), discount=grc.Money(1000, "CAD"))
    placed = grc_shop.place("ann", id="o1", lines=[line], total=grc.Money(800, "CAD"), state="paid")
    grc_app.emit(grc.OrderPlaced(placed))
    grc_app.drain()
    thanked = grc_app.slot("order.thanks", rich, order="o1")
    assert "Thank you" in thanked
    assert "saved" not in thanked
    for so_far in (200, 800):
        grc_shop.change("o1", refunded=grc.Money(so_far, "CAD"))
        back = grc.OrderRefunded(grc_shop.orders["o1"], grc.Money(so_far, "CAD"), "refunded")
        grc_app.emit(back)
        grc_app.drain()
        assert balances(grc_app)["credit"] == 234 + 1000 * so_far // 800
        check_books(grc_app)
    kinds = {row.kind for row in grc_app.rows(Entry) if row.unit == "credit"}
    assert kinds == {"credit", "burn", "return"}


def test_an_order_that_reserves_again_with_less_gives_the_rest_back(grc_app, grc_shop, rich):
    send(rich, "points", unit="credit", use="1")
    whole = cart_of(("1", 1, 1500), id=next(iter(grc_shop.carts)), customer="ann")
    half = cart_of(("1", 1, 700), id=whole.id, customer="ann")
    with grc_app.app_context():
        agreed = {cart.lines: grc_shop.grc.price(cart) for cart in (whole, half)}
        for cart, left in ((whole, 0), (half, 534), (half, 534), (whole, 0)):
            grc_shop.grc.reserve(cart, "o1", agreed[cart.lines])
            assert balances(grc_app)["credit"] == left
    send(rich, "points", unit="credit", use="0")
    with grc_app.app_context():
        grc_shop.grc.reserve(whole, "o1", grc_shop.grc.price(whole))
    line = grc.OrderLine("1", 1, grc.Money(1500, "CAD"))
    placed = grc_shop.place("ann", id="o1", lines=[line], total=grc.Money(1500, "CAD"))
    grc_app.emit(grc.OrderPlaced(placed))
    grc_app.drain()
    assert balances(grc_app)["credit"] == 1234
    assert grc_app.rows(Hold) == []
    check_books(grc_app)


def test_credit_is_in_the_shop_s_currency_and_one_s_own(grc_app, grc_shop, rich):
    for unit in ("points", "credit"):
        send(rich, "points", unit=unit, use="1")
    yen = [grc.CartLine("1", 1, grc.Money(1500, "JPY"))]
    with grc_app.app_context():
        for cart in (
            grc.Cart(next(iter(grc_shop.carts)), yen, "ann"),
            cart_of(("1", 1, 1500), id=next(iter(grc_shop.carts)), customer="ben"),
            cart_of(("1", 1, 1500), id="another", customer="ann"),
        ):
            assert not grc_shop.grc.price(cart).applied


def test_the_account_shows_credit_as_money(grc_app, rich):
    shown = grc_app.slot("account.main", rich)
    assert "$12.34 of store credit" in shown
    assert "+$12.34" in shown
    assert "a broken mug" in shown


def test_who_asks_for_their_data_gets_the_books_and_nobody_else_s(grc_app, grc_shop, rich):
    send(rich, "points", unit="credit", use="1")
    cart = cart_of(("1", 1, 1000), id=next(iter(grc_shop.carts)), customer="ann")
    paid = grc.Money(300, "CAD")
    with grc_app.app_context():
        grc_shop.grc.reserve(cart, "o1", grc_shop.grc.price(cart))
        for who in ("ann", "ben"):
            placed = grc_shop.place(who, id=f"o-{who}" if who == "ben" else "o1", total=paid)
            grc_app.emit(grc.OrderPlaced(placed))
    grc_app.drain()

    def told(who):
        with grc_app.app_context():
            found = grc_shop.grc.privacy.export(grc.Subject("customer", who))
            return {part.name: part.rows for part in found if part.plugin == "loyalty"}

    mine = told("ann")
    assert {row["unit"]: row["balance"] for row in mine["account"]} == {
        "points": 100,
        "credit": 234,
    }
    assert {row["unit"] for row in mine["lot"]} >= {"points", "credit"}
    (books,) = mine["more"]
    moved = {(line["unit"], line["kind"]): line for line in books["movements"]}
    assert moved["credit", "burn"]["amount"] == "-10.00 CAD"
    assert moved["credit", "credit"]["reason"] == "a broken mug"
    assert [(line["order"], line["amount"]) for line in books["orders"]] == [("o1", "3.00 CAD")]
    assert [line["what"] for line in books["taken off"]] == ["credit"]
    assert "o1" not in str(told("ben"))
    with grc_app.app_context():
        grc_shop.grc.privacy.erase(grc.Subject("customer", "ann"))
    assert told("ann") == {}
