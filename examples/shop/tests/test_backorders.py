"""Back-orders: said in the cart and the checkout, honoured at placement."""

from collections.abc import Callable
from datetime import date
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop import fulfilment
from shop import ordering
from shop.clock import now
from shop.extensions import db
from shop.locale import day
from shop.models import Order
from shop.models import Product
from shop.testing import CARD
from shop.testing import Browser

DAY = now().date() + timedelta(days=21)


def change(app: Flask, number: int, stock: int, expected: date | None = DAY) -> None:
    with app.app_context():
        product = db.session.get_one(Product, number)
        product.stock, product.backorder, product.expected_on = stock, True, expected
        db.session.commit()


def stock_of(app: Flask, number: int) -> int:
    with app.app_context():
        return db.session.get_one(Product, number).stock


def find(app: Flask, public_id: str) -> Order:
    with app.app_context():
        return db.session.scalars(select(Order).where(Order.public_id == public_id)).one()


def pay(browser: Browser, page: str) -> tuple[int, str]:
    """Pay from a payment page that was loaded before; return status and text or address."""
    promise = page.split('name="promise" value="')[1].split('"')[0]
    answer = browser.post("/checkout/payment", {**CARD, "promise": promise})
    return answer.status_code, answer.location or answer.get_data(as_text=True)


@pytest.fixture
def expected(app: Flask) -> str:
    with app.test_request_context():
        return day(DAY)


def test_a_part_waits_and_every_page_says_so(app: Flask, browser: Browser, expected: str) -> None:
    change(app, 8, stock=2)
    assert f"On back-order, expected on {expected}" in browser.text("/p/8")
    browser.post("/cart/add/8", {"quantity": "5"})
    browser.post("/cart/add/10")
    for path in ("/cart", "/checkout"):
        page = browser.text(path)
        assert page.count(f"3 of them: On back-order, expected on {expected}") == 1, path
    browser.to_payment()
    page = browser.text("/checkout/payment")
    assert f"expected on {expected}" in page
    status, location = pay(browser, page)
    assert status == 302
    assert f"expected on {expected}" in browser.text(location)
    order = find(app, location.rsplit("/", 1)[1])
    kept = {line.product_id: (line.backordered, line.expected_on) for line in order.lines}
    assert kept == {8: (3, DAY), 10: (0, None)}
    assert stock_of(app, 8) == 0
    with app.app_context():
        fulfilment.advance(db.session.get_one(Order, order.id), "cancelled")
        db.session.commit()
    assert stock_of(app, 8) == 2


def test_nothing_on_the_shelf_can_still_be_ordered(app: Flask, browser: Browser) -> None:
    change(app, 8, stock=0, expected=None)
    assert "On back-order, date not known yet" in browser.text("/p/8")
    assert "within one business day" not in browser.text("/p/8")
    browser.post("/cart/add/8")
    browser.to_payment()
    status, location = pay(browser, browser.text("/checkout/payment"))
    assert status == 302
    order = find(app, location.rsplit("/", 1)[1])
    assert (order.lines[0].backordered, order.lines[0].expected_on) == (1, None)


def test_a_day_that_has_passed_is_no_promise(app: Flask, browser: Browser) -> None:
    change(app, 8, stock=0, expected=now().date() - timedelta(days=1))
    assert "date not known yet" in browser.text("/p/8")


def test_the_delivery_counts_from_the_day_of_arrival(app: Flask, browser: Browser) -> None:
    with app.test_request_context():
        soonest = day(DAY)
    change(app, 8, stock=0)
    browser.post("/cart/add/8")
    browser.to_payment()
    page = browser.text("/checkout/delivery")
    year = str((DAY + timedelta(days=5)).year)
    days = [piece.split(" at the latest")[0] for piece in page.split("· by ")[1:]]
    assert days
    assert all(one.endswith(year) and one != soonest for one in days)


def test_who_was_promised_at_once_is_asked_again(
    app: Flask, open_browser: Callable[[], Browser]
) -> None:
    change(app, 8, stock=1)
    quick, slow = open_browser(), open_browser()
    for browser in (quick, slow):
        browser.post("/cart/add/8")
        browser.to_payment()
    seen = [browser.text("/checkout/payment") for browser in (quick, slow)]
    assert pay(quick, seen[0])[0] == 302
    status, page = pay(slow, seen[1])
    assert status == 409
    assert "stock has just changed" in page
    assert "On back-order" in page
    assert pay(slow, page)[0] == 302


def test_placement_does_not_make_anybody_wait_unasked(app: Flask) -> None:
    change(app, 8, stock=1)
    with app.test_request_context():
        with pytest.raises(ordering.OutOfStock):
            ordering.take_stock({8: 2}, {})
        ordering.take_stock({8: 2}, {8: 1})
        db.session.commit()
        assert stock_of(app, 8) == 0
        ordering.take_stock({8: 2}, {8: 2})
        product = db.session.get_one(Product, 8)
        product.backorder = False
        db.session.commit()
        with pytest.raises(ordering.OutOfStock):
            ordering.take_stock({8: 2}, {8: 2})


def test_out_of_stock_stays_out_of_stock(
    browser: Browser, set_stock: Callable[[str, int], int]
) -> None:
    number = set_stock("stoneware-mug", 0)
    assert "Out of stock" in browser.text(f"/p/{number}")
    browser.post(f"/cart/add/{number}")
    assert "It is empty" in browser.text("/cart")
