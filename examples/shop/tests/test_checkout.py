"""From the cart to the confirmation."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from shop import ordering
from shop.extensions import db
from shop.models import Order
from shop.models import Product
from shop.testing import ADDRESS
from shop.testing import CARD
from shop.testing import DECLINED
from shop.testing import Browser

BOOK = "cast-iron-suppers"


def find(app: Flask, public_id: str) -> Order:
    with app.app_context():
        return db.session.scalars(select(Order).where(Order.public_id == public_id)).one()


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Order.id))) or 0


def test_a_guest_orders(app: Flask, browser: Browser, set_stock: Callable[[str, int], int]) -> None:
    tent, book = set_stock("laurentide-2-tent", 9), set_stock(BOOK, 9)
    browser.post(f"/cart/add/{tent}")
    browser.post(f"/cart/add/{book}", {"quantity": "2"})
    browser.to_payment()
    page = browser.text("/checkout/payment")
    assert "GST 5%" in page
    assert "QST 9.975%" in page
    public_id = browser.order()
    order = find(app, public_id)
    # 329.00 + 2 x 39.95; GST on all of it, QST on the tent only; delivery is free.
    assert (order.subtotal, order.shipping_price) == (40_890, 0)
    assert {tax.name: tax.amount for tax in order.taxes} == {"GST": 2_045, "QST": 3_282}
    assert order.total == 40_890 + 2_045 + 3_282
    assert [line.tax for line in order.lines] == [1_645 + 3_282, 400]
    assert (order.state, order.user_id, order.email) == ("paid", None, "ana.gil@example.org")
    assert order.ship_postcode == "G5L 1A1"
    assert order.updated_at > order.placed_at
    with app.app_context():
        sold = db.session.get(Product, book)
        assert sold is not None
        assert sold.stock == 7
    thanks = browser.text(f"/checkout/done/{public_id}")
    assert order.number in thanks
    assert "<main" in thanks
    assert "It is empty" in browser.text("/cart")
    assert f'data-order="{public_id}"' in browser.text(f"/orders/{public_id}")


def test_a_customer_orders(app: Flask, browser: Browser) -> None:
    browser.login("claire@example.com")
    browser.post("/cart/add/8")
    page = browser.text("/checkout")
    assert 'value="G1R 4S7"' in page
    browser.to_payment(email="claire@example.com")
    public_id = browser.order()
    order = find(app, public_id)
    assert order.user_id == 1
    assert order.number in browser.text("/account/orders")


def test_cheque_and_purchase_order_wait_for_the_money(app: Flask, browser: Browser) -> None:
    browser.post("/cart/add/8")
    browser.to_payment()
    cheque = find(app, browser.order({"method": "cheque"}))
    assert (cheque.state, cheque.payment_reference) == ("placed", "")
    browser.post("/cart/add/8")
    browser.to_payment()
    assert browser.post("/checkout/payment", {"method": "purchase_order"}).status_code == 422
    order = find(app, browser.order({"method": "purchase_order", "purchase_order": "PO 77"}))
    assert (order.state, order.payment_reference) == ("placed", "PO 77")


@pytest.mark.parametrize(
    "payment",
    [
        DECLINED,
        {**CARD, "number": "4242 4242 4242 4241"},
        {**CARD, "number": ""},
        {**CARD, "expiry": "01/20"},
        {**CARD, "expiry": "13/39"},
        {**CARD, "code": "12"},
        {"method": "gold"},
    ],
)
def test_refused_payments_change_nothing(
    app: Flask, browser: Browser, payment: dict[str, str], set_stock: Callable[[str, int], int]
) -> None:
    number, before = set_stock("stoneware-mug", 5), count(app)
    browser.post(f"/cart/add/{number}")
    browser.to_payment()
    answer = browser.post("/checkout/payment", payment)
    assert answer.status_code == 422
    assert payment.get("number") not in {*answer.get_data(as_text=True).split('"')} - {""}
    assert count(app) == before
    with app.app_context():
        product = db.session.get(Product, number)
        assert product is not None
        assert product.stock == 5


def test_card_numbers_are_neither_stored_nor_logged(
    app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser.post("/cart/add/8")
    browser.to_payment()
    browser.post("/checkout/payment", DECLINED)
    order = find(app, browser.order())
    assert order.payment_reference.endswith("•4242")
    assert "42424242" not in str(vars(order)).replace(" ", "")
    assert "4000 0000" not in caplog.text
    assert "4242" not in caplog.text


def test_of_two_buyers_of_the_last_one_gets_it(
    app: Flask, open_browser: Callable[[], Browser], set_stock: Callable[[str, int], int]
) -> None:
    number, before = set_stock("stoneware-mug", 1), count(app)
    buyers = [open_browser(), open_browser()]
    for buyer in buyers:
        buyer.post(f"/cart/add/{number}")
        buyer.to_payment()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda buyer: buyer.post("/checkout/payment", CARD), buyers))
    assert sorted("/done/" in answer.location for answer in answers) == [False, True]
    assert count(app) == before + 1
    loser = buyers[["/done/" in answer.location for answer in answers].index(False)]
    assert "Out of stock" in loser.text("/cart")


def test_taking_stock_is_all_or_nothing(app: Flask, set_stock: Callable[[str, int], int]) -> None:
    mug, jar = set_stock("stoneware-mug", 5), set_stock("preserving-jars", 1)
    with app.test_request_context():
        with pytest.raises(ordering.OutOfStock) as caught:
            ordering.take_stock({mug: 2, jar: 2})
        assert [product.id for product in caught.value.products] == [jar]
        left = db.session.get(Product, mug)
        assert left is not None
        assert left.stock == 5


def test_what_is_promised_to_others_is_not_sold(
    app: Flask, browser: Browser, set_stock: Callable[[str, int], int]
) -> None:
    mug, jar = set_stock("stoneware-mug", 2), set_stock("preserving-jars", 1)
    app.extensions["promised"] = lambda ids: dict.fromkeys(ids, 1)
    try:
        assert "Out of stock" in browser.text(f"/p/{jar}/preserving-jars")
        assert "Only 1 left" in browser.text(f"/p/{mug}/stoneware-mug")
        with app.test_request_context():
            with pytest.raises(ordering.OutOfStock):
                ordering.take_stock({mug: 2})
            ordering.take_stock({mug: 1})
            with pytest.raises(ordering.OutOfStock):
                ordering.take_stock({mug: 1})
    finally:
        app.extensions.pop("promised")


def test_more_than_the_shelf_holds_is_stopped_early(
    browser: Browser, set_stock: Callable[[str, int], int]
) -> None:
    number = set_stock("stoneware-mug", 2)
    browser.post(f"/cart/add/{number}", {"quantity": "3"})
    assert browser.get("/checkout").location == "/cart"
    assert "not enough left of: Stoneware mug" in browser.text("/cart")


def test_a_failed_write_gives_the_reservation_back(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    voided: list[str] = []
    monkeypatch.setattr(app.config["CARD_GATEWAY"], "void", voided.append)

    def fail(*_: object) -> None:
        raise HTTPException("the disk is full")

    monkeypatch.setattr(ordering, "_write", fail)
    browser.post("/cart/add/8")
    browser.to_payment()
    browser.post("/checkout/payment", CARD)
    assert len(voided) == 1


def test_steps_cannot_be_skipped(browser: Browser) -> None:
    assert browser.get("/checkout").location == "/cart"
    browser.post("/cart/add/8")
    assert browser.get("/checkout/delivery").location == "/checkout"
    assert browser.get("/checkout/payment").location == "/checkout/delivery"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"email": "nobody"}, "does not look like an e-mail"),
        ({"name": " "}, "Please fill in this field"),
        ({"postcode": "12345"}, "postal code does not exist"),
        ({"country": "US"}, "postal code does not exist"),
        ({"region": ""}, "choose a province"),
        ({"country": "XX"}, "Not a valid choice"),
    ],
)
def test_wrong_addresses_are_explained(
    browser: Browser, changes: dict[str, str], message: str
) -> None:
    browser.post("/cart/add/8")
    answer = browser.post("/checkout", {**ADDRESS, **changes})
    assert message in answer.get_data(as_text=True)


def test_abroad_there_is_no_canadian_tax(app: Flask, browser: Browser) -> None:
    browser.post("/cart/add/8")
    browser.to_payment(country="FR", region="", postcode="69002", city="Lyon")
    order = find(app, browser.order())
    assert (order.tax_total, order.taxes, order.ship_region) == (0, [], "")
