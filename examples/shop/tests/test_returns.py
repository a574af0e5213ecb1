"""Returns, from the order's page to the refund."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy import update

from shop import fulfilment
from shop import returns
from shop.extensions import db
from shop.models import Order
from shop.models import Product
from shop.models import ReturnRequest
from shop.testing import Browser

PARCEL = {"reason": "changed_mind", "way": "parcel"}


def load(app: Flask, public_id: str) -> Order:
    with app.app_context():
        order = db.session.scalars(select(Order).where(Order.public_id == public_id)).one()
        db.session.refresh(order, ["returns"])
        return order


def line_of(order: Order, product_id: int) -> Any:
    return next(line for line in order.lines if line.product_id == product_id)


def ask(
    app: Flask, browser: Browser, public_id: str, pieces: dict[int, str], **more: str
) -> tuple[int, str]:
    """Ask to return pieces by product id; return the status and the page that follows."""
    order = load(app, public_id)
    data = {f"quantity-{line_of(order, key).id}": n for key, n in pieces.items()}
    answer = browser.post(f"/orders/{public_id}/return", {**PARCEL, **data, **more})
    text = answer.get_data(as_text=True)
    return answer.status_code, browser.text(answer.location) if answer.location else text


def move(staff: Browser, number: int, step: str, **data: str) -> str:
    answer = staff.post(f"/staff/returns/{number}/{step}", data)
    return staff.text(answer.location)


def newest(app: Flask) -> ReturnRequest:
    with app.app_context():
        return db.session.scalars(select(ReturnRequest).order_by(ReturnRequest.id.desc())).first()  # type: ignore[return-value]


def shelf(app: Flask, product_id: int) -> tuple[int, int]:
    with app.app_context():
        product = db.session.get_one(Product, product_id)
        return product.stock, product.sold


def test_a_guest_returns_a_part_and_is_refunded(
    app: Flask, browser: Browser, staff: Browser, delivered: str, refunds: list[Any]
) -> None:
    order = load(app, delivered)
    assert f"/orders/{delivered}/return" in browser.text(f"/orders/{delivered}")
    status, page = ask(app, browser, delivered, {8: "2"}, comment="<b>too big</b>")
    assert status == 302
    assert "Waiting for our answer" in page
    assert "&lt;b&gt;too big" in page
    wish = newest(app)
    assert wish.number in staff.text("/staff/returns?state=requested")
    assert "Write the number" not in move(staff, wish.id, "accept", answer="Gladly.")
    page = browser.text(f"/orders/{delivered}")
    assert "Gladly." in page
    assert f"write {wish.number} on the parcel" in page
    stock, sold = shelf(app, 8)
    move(staff, wish.id, "receive", sellable="y")
    line = line_of(order, 8)
    back = 2 * line.unit_price + line.tax * 2 // 3
    after = load(app, delivered)
    assert (after.state, after.refunded) == ("returned", back)
    assert after.updated_at > order.updated_at
    assert shelf(app, 8) == (stock + 2, sold - 2)
    assert refunds == [(order.card_reference, back, f"{delivered}-0")]
    assert "refunded:" in browser.text(f"/orders/{delivered}")


def test_the_parts_add_up_to_what_was_paid(
    app: Flask, browser: Browser, staff: Browser, delivered: str
) -> None:
    for pieces in ({8: "1"}, {8: "1", 1: "1"}, {8: "1"}):
        assert ask(app, browser, delivered, pieces)[0] == 302
        number = newest(app).id
        move(staff, number, "accept")
        move(staff, number, "receive")
    order = load(app, delivered)
    assert order.refunded == sum(line.total + line.tax for line in order.lines)
    assert order.state == "returned"
    assert "nothing left to return" in browser.text(f"/orders/{delivered}/return")


def test_each_step_happens_once(
    app: Flask, browser: Browser, staff: Browser, delivered: str, refunds: list[Any]
) -> None:
    ask(app, browser, delivered, {8: "1"})
    number = newest(app).id
    assert "not possible" in move(staff, number, "receive")
    move(staff, number, "accept")
    assert "not possible" in move(staff, number, "refuse")
    move(staff, number, "receive")
    assert "not possible" in move(staff, number, "receive")
    assert len(refunds) == 1


def test_a_refused_return_may_be_asked_again(
    app: Flask, browser: Browser, staff: Browser, delivered: str
) -> None:
    ask(app, browser, delivered, {8: "3"})
    assert ask(app, browser, delivered, {8: "1"})[0] == 422
    move(staff, newest(app).id, "refuse", answer="It was worn.")
    assert "It was worn." in browser.text(f"/orders/{delivered}")
    assert ask(app, browser, delivered, {8: "1"})[0] == 302


@pytest.mark.parametrize(
    ("pieces", "more", "message"),
    [
        ({}, {}, "Choose what comes back"),
        ({8: "0"}, {}, "Choose what comes back"),
        ({8: "4"}, {}, "Choose what comes back"),
        ({8: "-1"}, {}, "Choose what comes back"),
        ({8: "9" * 400}, {}, "Choose what comes back"),
        ({8: "x"}, {}, "Choose what comes back"),
        ({8: "1"}, {"reason": "whim"}, "Not a valid choice"),
        ({8: "1"}, {"way": "store", "store": "ottawa"}, "store that takes returns"),
        ({8: "1"}, {"way": "store", "store": ""}, "store that takes returns"),
        ({8: "1"}, {"comment": "x" * 1_001}, "cannot be longer"),
    ],
)
def test_wrong_requests_are_explained(
    app: Flask,
    browser: Browser,
    delivered: str,
    pieces: dict[int, str],
    more: dict[str, str],
    message: str,
) -> None:
    status, page = ask(app, browser, delivered, pieces, **more)
    assert status == 422
    assert message in page
    assert not load(app, delivered).returns


def test_a_store_can_be_chosen(app: Flask, browser: Browser, delivered: str) -> None:
    page = browser.text(f"/orders/{delivered}/return")
    assert 'value="montreal"' in page
    assert 'value="ottawa"' not in page
    assert "Montréal" in ask(app, browser, delivered, {1: "1"}, way="store", store="montreal")[1]


def test_before_the_delivery_and_after_the_window(
    app: Flask, browser: Browser, delivered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = load(app, delivered)
    arrived = datetime(2026, 6, 1, 16, tzinfo=UTC)
    order.shipments[0].delivered_at = arrived
    assert str(returns.last_day(order)) == "2026-07-01"
    assert returns.obstacle(order, datetime(2026, 7, 2, 3, 59, tzinfo=UTC)) is None
    assert returns.obstacle(order, datetime(2026, 7, 2, 4, tzinfo=UTC)) == "too_late"
    later = order.updated_at + timedelta(days=32)
    monkeypatch.setattr(returns, "now", lambda: later)
    page = browser.text(f"/orders/{delivered}/return")
    assert "30 days to ask for a return of this order are over" in page
    assert "The last day was" in page
    assert "<fieldset" not in page
    ask(app, browser, delivered, {8: "1"})
    assert not load(app, delivered).returns
    browser.post("/cart/add/8")
    browser.to_payment()
    assert "once the parcel has arrived" in browser.text(f"/orders/{browser.order()}/return")


def test_two_windows_cannot_return_the_same_piece(
    app: Flask, browser: Browser, delivered: str
) -> None:
    with app.test_request_context():
        order = db.session.scalars(select(Order).where(Order.public_id == delivered)).one()
        assert order.returns == []
        line = line_of(order, 1).id
        ask(app, browser, delivered, {1: "1"})
        with pytest.raises(returns.NotReturnable, match="nothing_left"):
            returns.ask(order, {line: 1}, reason="other", comment="", way="parcel", store="")
        db.session.rollback()


def test_a_failing_provider_changes_nothing(
    app: Flask, browser: Browser, staff: Browser, delivered: str, refunds: Any
) -> None:
    ask(app, browser, delivered, {8: "1"})
    number = newest(app).id
    move(staff, number, "accept")
    refunds.broken = True
    before = shelf(app, 8)
    assert "did not refund" in move(staff, number, "receive", sellable="y")
    order = load(app, delivered)
    assert (order.state, order.refunded, newest(app).state) == ("delivered", 0, "accepted")
    assert shelf(app, 8) == before
    refunds.broken = False
    move(staff, number, "receive")
    # The key is the same as before: a provider that had paid would not pay again.
    assert [key for _, _, key in refunds] == [f"{delivered}-0"]


def test_only_who_sees_the_order_asks(app: Flask, open_browser: Callable[[], Browser]) -> None:
    with app.app_context():
        mine = select(Order.public_id).where(Order.user_id == 1).limit(1)
        public_id = db.session.scalars(mine).one()
    nobody, simon = open_browser(), open_browser()
    simon.login("simon@example.com")
    assert "/login?next=" in nobody.get(f"/orders/{public_id}/return").location
    assert "/login?next=" in nobody.post(f"/orders/{public_id}/return", PARCEL).location
    assert simon.get(f"/orders/{public_id}/return").status_code == 404
    assert simon.post(f"/orders/{public_id}/return", PARCEL).status_code == 404
    assert simon.get("/staff/returns").status_code == 403
    assert simon.post("/staff/returns/1/accept").status_code == 403


def test_stale_orders_are_seen_as_they_are(app: Flask, delivered: str) -> None:
    with app.test_request_context():
        order = db.session.scalars(select(Order).where(Order.public_id == delivered)).one()
        # Another process refunds everything after this one read the order.
        with db.engine.begin() as other:
            other.execute(update(Order).where(Order.id == order.id).values(refunded=Order.total))
        assert order.refunded == 0
        with pytest.raises(fulfilment.NotAllowed, match="cannot be refunded"):
            fulfilment.refund(order, order.total, "again")
        db.session.rollback()
