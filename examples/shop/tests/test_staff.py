"""The staff area and the life of an order."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import select

from shop import fulfilment
from shop.extensions import db
from shop.models import Order
from shop.models import Product
from shop.testing import Browser


@pytest.fixture
def paid(app: Flask, open_browser: Callable[[], Browser]) -> int:
    buyer = open_browser()
    buyer.post("/cart/add/8", {"quantity": "2"})
    buyer.to_payment()
    public_id = buyer.order()
    with app.app_context():
        return db.session.scalars(select(Order.id).where(Order.public_id == public_id)).one()


def load(app: Flask, number: int) -> Order:
    with app.app_context():
        order = db.session.get(Order, number)
        assert order is not None
        return order


def test_only_staff_enters(browser: Browser, paid: int) -> None:
    assert unquote(browser.get("/staff/orders").location) == "/login?next=/staff/orders"
    browser.login("simon@example.com")
    assert browser.get("/staff/orders").status_code == 403
    assert browser.post(f"/staff/orders/{paid}/refund", {"amount": "1"}).status_code == 403


def test_orders_are_listed_and_found(staff: Browser, paid: int) -> None:
    assert "ana.gil@example.org" in staff.text("/staff/orders")
    assert "ana.gil@example.org" in staff.text(f"/staff/orders?q=N{100_000 + paid}")
    assert "ana.gil@example.org" in staff.text("/staff/orders?q=ana.gil&state=paid")
    assert "No orders like that" in staff.text("/staff/orders?q=ana.gil&state=returned")


def test_each_change_moves_the_cursor(app: Flask, staff: Browser, paid: int) -> None:
    seen = [load(app, paid).updated_at]
    for path, data in (
        ("shipment", {"carrier": "purolator", "number": "329014830299"}),
        ("shipment", {"carrier": "purolator", "number": "329014830300"}),
        ("state", {"state": "delivered"}),
        ("refund", {"amount": "10.00", "reason": "scratch"}),
    ):
        staff.post(f"/staff/orders/{paid}/{path}", data)
        seen.append(load(app, paid).updated_at)
    assert seen == sorted(set(seen))
    order = load(app, paid)
    assert (order.state, order.refunded) == ("delivered", 1_000)
    assert [parcel.number for parcel in order.shipments] == ["329014830299", "329014830300"]
    assert all(parcel.delivered_at for parcel in order.shipments)


def test_refunding_all_makes_it_refunded(app: Flask, staff: Browser, paid: int) -> None:
    total = load(app, paid).total
    staff.post(f"/staff/orders/{paid}/refund", {"amount": f"{total / 100 + 0.01:.2f}"})
    assert load(app, paid).refunded == 0
    staff.post(f"/staff/orders/{paid}/refund", {"amount": f"{total / 100:.2f}"})
    order = load(app, paid)
    assert (order.state, order.refunded, order.refundable) == ("refunded", total, 0)


def test_cancelling_gives_money_and_goods_back(app: Flask, staff: Browser, paid: int) -> None:
    with app.app_context():
        product = db.session.get(Product, 8)
        assert product is not None
        before = product.stock
    staff.post(f"/staff/orders/{paid}/state", {"state": "cancelled"})
    order = load(app, paid)
    assert (order.state, order.refunded) == ("cancelled", order.total)
    assert [refund.reason for refund in order.refunds] == ["cancelled"]
    with app.app_context():
        product = db.session.get(Product, 8)
        assert product is not None
        assert product.stock == before + 2


def test_impossible_changes_are_refused(app: Flask, staff: Browser, paid: int) -> None:
    staff.post(f"/staff/orders/{paid}/state", {"state": "delivered"})
    staff.post(f"/staff/orders/{paid}/shipment", {"carrier": "pigeon", "number": "329014830299"})
    assert load(app, paid).state == "paid"
    with app.app_context():
        order = db.session.get(Order, paid)
        assert order is not None
        with pytest.raises(fulfilment.NotAllowed, match="cannot become"):
            fulfilment.advance(order, "returned")


def test_the_cursor_moves_though_the_clock_stands_still(
    app: Flask, paid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        order = db.session.get(Order, paid)
        assert order is not None
        before = order.updated_at
        monkeypatch.setattr(fulfilment, "now", lambda: before)
        fulfilment.touch(order)
        assert order.updated_at > before


def test_refunds_and_cancellations_reach_the_payment_provider(
    app: Flask, staff: Browser, paid: int, refunds: list[tuple[str, int, str]]
) -> None:
    before = load(app, paid)
    staff.post(f"/staff/orders/{paid}/refund", {"amount": "10.00"})
    staff.post(f"/staff/orders/{paid}/state", {"state": "cancelled"})
    reference = before.payment_reference.split()[0]
    assert refunds == [
        (reference, 1_000, f"{before.public_id}-0"),
        (reference, before.total - 1_000, f"{before.public_id}-1000"),
    ]


def test_what_the_provider_refuses_is_not_written(
    app: Flask, staff: Browser, paid: int, refunds: list[tuple[str, int, str]]
) -> None:
    refunds.broken = True  # type: ignore[attr-defined]
    answer = staff.post(f"/staff/orders/{paid}/refund", {"amount": "10.00"})
    assert "did not refund" in staff.text(answer.location)
    order = load(app, paid)
    assert (order.refunded, order.refunds, order.state) == (0, [], "paid")


def test_other_payments_are_refunded_by_hand(
    app: Flask,
    staff: Browser,
    open_browser: Callable[[], Browser],
    refunds: list[tuple[str, int, str]],
) -> None:
    buyer = open_browser()
    buyer.post("/cart/add/8")
    buyer.to_payment()
    public_id = buyer.order({"method": "cheque"})
    with app.app_context():
        number = db.session.scalars(select(Order.id).where(Order.public_id == public_id)).one()
    staff.post(f"/staff/orders/{number}/state", {"state": "paid"})
    staff.post(f"/staff/orders/{number}/refund", {"amount": "5"})
    assert load(app, number).refunded == 500
    assert refunds == []
