"""Points: earned, spent, expired and taken back, in any order of events."""

from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy import delete
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

import grc_core as grc
from grc_loyalty import aging
from grc_loyalty import ledger
from grc_loyalty.entries import Writing
from grc_loyalty.models import Account
from grc_loyalty.models import Entry
from grc_loyalty.models import Lot
from grc_loyalty.models import Spent
from grc_loyalty.models.points import POINTS

from .conftest import check_books
from .conftest import repeat
from .conftest import send

CAD = "CAD"


def order(shop, id, cents, customer="ann", **more):
    lines = [grc.OrderLine("1", 1, grc.Money(cents, CAD))]
    return shop.place(customer, id=id, lines=lines, total=grc.Money(cents, CAD), **more)


def placed(app, shop, *arguments, **more):
    app.emit(grc.OrderPlaced(order(shop, *arguments, **more)))
    app.drain()


def refunded(app, shop, id, cents, so_far):
    shop.change(id, refunded=grc.Money(so_far, CAD))
    app.emit(grc.OrderRefunded(shop.orders[id], grc.Money(cents, CAD), "refunded"))
    app.drain()


def look_at_the_shop(app):
    app.extensions["grc"].runner.wake(frozenset({"orders"}))
    app.drain()


def account(app):
    held = (item for item in app.rows(Account) if (item.customer_id, item.unit) == ("ann", POINTS))
    return next(held, None)


def test_an_order_earns_points_that_wait_for_the_return_window(grc_app, grc_shop):
    placed(grc_app, grc_shop, "o1", 4299)
    assert (account(grc_app).balance, account(grc_app).pending) == (0, 42)
    check_books(grc_app)


def test_an_order_reported_twice_earns_once(grc_app, grc_shop):
    placed(grc_app, grc_shop, "o1", 5000)
    grc_app.emit(grc.OrderPlaced(grc_shop.orders["o1"]))
    grc_app.drain()
    assert account(grc_app).pending == 50


def test_a_part_refund_takes_back_in_proportion(grc_app, grc_shop):
    placed(grc_app, grc_shop, "o1", 10_000)
    refunded(grc_app, grc_shop, "o1", 3333, 3333)
    assert account(grc_app).pending == 67
    refunded(grc_app, grc_shop, "o1", 6667, 10_000)
    assert account(grc_app).pending == 0
    check_books(grc_app)


def test_an_order_that_was_refunded_before_it_was_told_of_earns_nothing(grc_app, grc_shop):
    placed(grc_app, grc_shop, "o1", 10_000, refunded=grc.Money(10_000, CAD))
    assert account(grc_app).pending == 0
    check_books(grc_app)


def test_points_of_an_order_that_nobody_pays_never_open(grc_app, grc_shop, grc_clock):
    for id, state in (("o1", "placed"), ("o2", "paid")):
        placed(grc_app, grc_shop, id, 70_000, state=state)
    grc_clock.forward(days=31)
    repeat(grc_app, "tend")
    assert (account(grc_app).balance, account(grc_app).pending) == (700, 700)
    grc_shop.change("o1", state="paid")
    repeat(grc_app, "follow_payments")
    repeat(grc_app, "tend")
    assert (account(grc_app).balance, account(grc_app).pending) == (1400, 0)
    check_books(grc_app)


def test_what_was_not_paid_makes_no_tier(grc_app, grc_shop):
    placed(grc_app, grc_shop, "o1", 70_000)
    assert "gold" not in grc_app.slot("account.main", grc_app.visitor("ann")).partition("make")[0]


def test_a_shop_that_reports_no_payments_says_so_in_its_settings(grc_app, grc_shop):
    grc_app.flask("grc", "settings", "loyalty", "points_need_payment=off", "points_wait_days=0")
    placed(grc_app, grc_shop, "o1", 5000)
    assert account(grc_app).balance == 50


def test_points_that_are_never_paid_for_expire_without_having_been_there(book):
    earn(book, "a", 10, lasts=10, is_paid=False)
    aging.mature(book, NOW + timedelta(days=5))
    assert state(book) == (0, 10, 0)
    aging.expire(book, NOW + timedelta(days=10))
    assert state(book) == (0, 0, 0)


def test_a_cancelled_order_that_was_paid_with_points_alone_gives_them_back(grc_app, grc_shop):
    grc_app.flask("grc", "loyalty", "adjust", "ann", "250", "--reason", "gift", "--key", "1")
    with grc_app.extensions["grc"].database.write() as connection, Session(connection) as session:
        ledger.burn(session, Writing("burn:o1", "ann", "burn", -250, NOW, "o1"))
    free = {"discount": grc.Money(1250, CAD)}
    lines = [grc.OrderLine("1", 1, grc.Money(1250, CAD), **free)]
    grc_shop.place("ann", id="o1", lines=lines, total=grc.Money(0, CAD), state="paid")
    look_at_the_shop(grc_app)
    assert account(grc_app).balance == 0
    for _ in range(2):
        grc_shop.change("o1", state="cancelled")
        look_at_the_shop(grc_app)
        assert account(grc_app).balance == 250
        check_books(grc_app)


def test_goods_that_cost_no_money_earn_nothing(grc_app, grc_shop):
    lines = [grc.OrderLine("1", 1, grc.Money(9000, CAD))]
    grc_app.emit(grc.OrderPlaced(grc_shop.place("ann", lines=lines, total=grc.Money(0, CAD))))
    grc_app.drain()
    assert account(grc_app) is None


def test_an_order_in_another_currency_earns_no_points(grc_app, grc_shop):
    lines = [grc.OrderLine("1", 1, grc.Money(9000, "JPY"))]
    abroad = grc_shop.place("ann", lines=lines, total=grc.Money(9000, "JPY"), currency="JPY")
    grc_app.emit(grc.OrderPlaced(abroad))
    grc_app.drain()
    assert account(grc_app) is None


def test_orders_of_the_past_earn_nothing_but_count_for_the_tier(grc_shop, grc_plugins):
    order(grc_shop, "old", 70_000, placed_at=datetime.now(UTC) - timedelta(days=9))
    app = grc_shop.make_app(grc_plugins)
    app.flask("grc", "backfill")
    assert app.rows(Entry) == []
    shown = app.slot("account.main", app.visitor("ann"))
    assert "gold" in shown


def failed(app, shop, id, cents, so_far, undone=1):
    """Tell that a refund did not arrive, as the core does: the sum is less than it was."""
    shop.change(id, refunded=grc.Money(so_far, CAD))
    back = grc.Money(-cents, CAD)
    app.emit(grc.OrderRefunded(shop.orders[id], back, "undone", undone))
    app.drain()


def test_a_refund_that_did_not_arrive_leaves_points_as_before_it(grc_app, grc_shop):
    placed(grc_app, grc_shop, "o1", 10_000)
    refunded(grc_app, grc_shop, "o1", 2500, 2500)
    refunded(grc_app, grc_shop, "o1", 4000, 6500)
    assert account(grc_app).pending == 35
    for _ in range(2):
        failed(grc_app, grc_shop, "o1", 4000, 2500)
        assert account(grc_app).pending == 75
        check_books(grc_app)
    grc_app.emit(grc.OrderPlaced(grc_shop.orders["o1"].replace(refunded=grc.Money(6500, CAD))))
    grc_app.drain()
    assert account(grc_app).pending == 75
    shop_says = grc_shop.orders["o1"].replace(refunded=grc.Money(6500, CAD))
    grc_app.emit(grc.OrderRefunded(shop_says, grc.Money(4000, CAD), "refunded", 1))
    grc_app.drain()
    assert account(grc_app).pending == 35
    check_books(grc_app)


def test_points_that_went_back_for_a_refund_that_did_not_arrive_are_spent_again(grc_app, grc_shop):
    grc_app.flask("grc", "loyalty", "adjust", "ann", "250", "--reason", "gift", "--key", "1")
    with grc_app.extensions["grc"].database.write() as connection, Session(connection) as session:
        ledger.burn(session, Writing("burn:o1", "ann", "burn", -200, NOW, "o1"))
    placed(grc_app, grc_shop, "o1", 10_000)
    refunded(grc_app, grc_shop, "o1", 5000, 5000)
    assert (account(grc_app).balance, account(grc_app).pending) == (150, 50)
    failed(grc_app, grc_shop, "o1", 5000, 0)
    assert (account(grc_app).balance, account(grc_app).pending) == (50, 100)
    check_books(grc_app)


def test_a_cancelled_order_is_undone_whole_whatever_became_of_its_refunds(grc_app, grc_shop):
    placed(grc_app, grc_shop, "o1", 10_000)
    refunded(grc_app, grc_shop, "o1", 2500, 2500)
    failed(grc_app, grc_shop, "o1", 2500, 0)
    assert account(grc_app).pending == 100
    grc_shop.change("o1", state="cancelled")
    whole = grc.Money(10_000, CAD)
    grc_app.emit(grc.OrderRefunded(grc_shop.orders["o1"], whole, "cancelled"))
    grc_app.drain()
    assert account(grc_app).pending == 0
    check_books(grc_app)


# The ledger by itself, on a database in memory.


ENGINE = create_engine("sqlite://", poolclass=StaticPool)
BOOKS = (Account, Entry, Lot, Spent)
Account.metadata.create_all(ENGINE, [model.__table__ for model in BOOKS])


@contextmanager
def empty_book():
    with Session(ENGINE) as session:
        for model in BOOKS:
            session.execute(delete(model))
        yield session


@pytest.fixture
def book():
    with empty_book() as session:
        yield session


NOW = grc.Order.example().placed_at


def write(key, kind, points, order_id=None):
    return Writing(key, "ann", kind, points, NOW, order_id)


def earn(book, key, points, waits=0, lasts=365, **more):
    opens = NOW + timedelta(days=waits)
    expires = opens + timedelta(days=lasts)
    line = write(key, "earn", points)
    return ledger.earn(book, line, opens_at=opens, expires_at=expires, **more)


def state(book):
    found = book.get(Account, ("ann", "points"), populate_existing=True)
    total = sum(entry.points for entry in book.query(Entry))
    lots = sum(lot.remaining for lot in book.query(Lot))
    assert total == found.balance + found.pending - found.debt
    assert lots == found.balance + found.pending
    return found.balance, found.pending, found.debt


def test_the_oldest_points_are_spent_first_and_go_back_where_they_came_from(book):
    earn(book, "late", 30, lasts=300)
    earn(book, "soon", 20, lasts=10)
    assert ledger.burn(book, write("burn:1", "burn", -25, "1"))
    left = {lot.source: lot.remaining for lot in book.query(Lot)}
    assert left == {"soon": 0, "late": 25}
    assert ledger.give_back(book, write("back:1", "return", 25, "1")) == 25
    assert {lot.source: lot.remaining for lot in book.query(Lot)} == {"soon": 20, "late": 30}
    assert state(book) == (50, 0, 0)


def test_points_that_went_back_may_be_spent_by_the_same_order_again(book):
    earn(book, "a", 30)
    for _ in range(3):
        assert ledger.burn(book, write("burn:1", "burn", -30, "1"))
        assert ledger.burn(book, write("burn:1", "burn", -30, "1"))
        assert state(book) == (0, 0, 0)
        assert ledger.give_back(book, write("back:1", "return", 10**6, "1")) == 30
        assert state(book) == (30, 0, 0)


def test_points_expire_and_what_is_pending_opens(book):
    earn(book, "a", 10, waits=5, lasts=10)
    aging.mature(book, NOW + timedelta(days=5))
    assert state(book) == (10, 0, 0)
    aging.expire(book, NOW + timedelta(days=15))
    aging.expire(book, NOW + timedelta(days=15))
    assert state(book) == (0, 0, 0)


def test_what_was_spent_and_is_taken_back_becomes_a_debt_that_later_points_pay(book):
    earn(book, "o1", 100)
    ledger.burn(book, write("burn:2", "burn", -80, "2"))
    assert ledger.claw_back(book, "o1", 50, 50, write("claw:o1", "clawback", 0, "o1")) == 100
    assert state(book) == (0, 0, 80)
    earn(book, "o3", 100)
    assert state(book) == (20, 0, 0)


@pytest.mark.parametrize("there", [0, 30])
@pytest.mark.parametrize("first", ["1", "2"])
def test_a_debt_of_an_order_that_was_paid_late_goes_back_with_its_refund(book, there, first):
    earn(book, "a", 60)
    earn(book, "b", 40)
    assert ledger.burn(book, write("burn:1", "burn", -100, "1"))
    ledger.give_back(book, write("unburn:1", "return", 10**6, "1"))
    assert ledger.burn(book, write("burn:2", "burn", there - 100, "2"))
    ledger.burn_again(book, write("burn:1", "burn", -100, "1"))
    assert state(book) == (0, 0, 100 - there)
    for order in (first, "2" if first == "1" else "1"):
        for target in (50, 100, 100):
            ledger.give_back(book, write(f"back:{order}", "return", target, order))
            state(book)
    assert state(book) == (100, 0, 0)


def test_what_has_expired_unspent_is_not_owed_after_a_refund(book):
    earn(book, "o1", 100, lasts=10)
    ledger.burn(book, write("burn:2", "burn", -30, "2"))
    aging.expire(book, NOW + timedelta(days=10))
    late = Writing("claw:o1", "ann", "clawback", 0, NOW + timedelta(days=11), "o1")
    assert ledger.claw_back(book, "o1", 100, 100, late) == 30
    assert ledger.claw_back(book, "o1", 100, 100, late) == 0
    assert state(book) == (0, 0, 30)


def test_what_comes_back_pays_what_became_a_debt_and_opens_what_expired(book):
    earn(book, "o1", 100, lasts=10)
    ledger.burn(book, write("burn:2", "burn", -80, "2"))
    claw = write("claw:o1", "clawback", 0, "o1")
    ledger.claw_back(book, "o1", 100, 100, claw)
    assert state(book) == (0, 0, 80)
    assert ledger.unclaw(book, "o1", 25, 100, claw.like("claw:o1:back", 0)) == 75
    assert state(book) == (0, 0, 5)
    assert ledger.unclaw(book, "o1", 25, 100, claw.like("claw:o1:back", 0)) == 0
    assert ledger.unclaw(book, "o1", 0, 100, claw.like("claw:o1:back", 0)) == 25
    assert state(book) == (20, 0, 0)


def test_points_spent_elsewhere_meanwhile_become_a_debt_when_they_are_taken_again(book):
    earn(book, "a", 100)
    ledger.burn(book, write("burn:1", "burn", -100, "1"))
    ledger.give_back(book, write("back:1", "return", 60, "1"))
    ledger.burn(book, write("burn:2", "burn", -50, "2"))
    assert ledger.take_again(book, write("back:1", "return", 20, "1")) == 40
    assert state(book) == (0, 0, 30)
    assert ledger.take_again(book, write("back:1", "return", 20, "1")) == 0
    assert ledger.give_back(book, write("back:1", "return", 60, "1")) == 40
    assert state(book) == (10, 0, 0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 100)), min_size=1, max_size=8),
       st.integers(0, 100))  # fmt: skip
@settings(max_examples=10, deadline=None)
def test_refunds_that_come_and_fail_end_where_the_last_truth_says(news, spent):
    with empty_book() as book:
        earn(book, "a", 100)
        earn(book, "o1", 77)
        ledger.burn(book, write("burn:o1", "burn", -spent, "o1"))
        for undone, so_far in sorted(news):
            claw = write(f"claw:o1:u{undone}", "clawback", 0, "o1")
            back = write("return:o1", "return", spent * so_far // 100, "o1")
            ledger.claw_back(book, "o1", so_far, 100, claw)
            ledger.unclaw(book, "o1", so_far, 100, claw.like(f"{claw.key}:back", 0))
            ledger.give_back(book, back)
            ledger.take_again(book, back)
            state(book)
        taken = 77 * so_far // 100
        assert state(book) == (177 - spent - taken + spent * so_far // 100, 0, 0)


def steps(book):
    """Return what happens to one order: each step may come twice and at any time."""
    claw = write("claw:o1", "clawback", 0, "o1")
    return {
        "half": lambda: ledger.claw_back(book, "o1", 50, 100, claw),
        "whole": lambda: ledger.claw_back(book, "o1", 100, 100, claw),
        "cancel": lambda: ledger.give_back(
            book, Writing("back:o2", "ann", "return", 60, NOW, "o2")
        ),
        "more": lambda: earn(book, "o3", 40),
        "again": lambda: earn(book, "o1", 100),
    }


@given(st.permutations(["half", "whole", "cancel", "more", "again", "half", "cancel", "more"]))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_order_of_events_ends_in_the_same_balance(sequence):
    with empty_book() as book:
        earn(book, "o1", 100)
        ledger.burn(book, write("burn:o2", "burn", -60, "o2"))
        for step in sequence:
            steps(book)[step]()
            state(book)
        assert state(book) == (40, 0, 0)


@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(1, 400)), min_size=1, max_size=4),
    st.integers(0, 100),
    st.integers(0, 300),
    st.permutations(["claw", "claw", "back", "back", "half"]),
)
@settings(max_examples=20, deadline=None)
def test_a_full_refund_restores_the_state_before_the_order(lots, part, earned, sequence):
    with empty_book() as book:
        for number, (points, days) in enumerate(lots):
            earn(book, f"before{number}", points, lasts=days)
        before, there = lots_of(book), state(book)
        spent = there[0] * part // 100
        assert ledger.burn(book, write("burn:o1", "burn", -spent, "o1")) == (spent > 0)
        earn(book, "earn:o1", earned)
        for step in sequence:
            if step == "back":
                ledger.give_back(book, write("back:o1", "return", spent, "o1"))
            else:
                claw, so_far = write("claw:o1", "clawback", 0, "o1"), 900 if step == "claw" else 450
                ledger.claw_back(book, "earn:o1", so_far, 900, claw)
        assert state(book) == there
        assert lots_of(book) == before


def lots_of(book):
    return {lot.source: lot.remaining for lot in book.query(Lot) if lot.source != "earn:o1"}


def test_points_pay_for_a_cart_and_go_back_when_the_order_is_let_go(grc_app, grc_shop):
    grc_app.flask("grc", "loyalty", "adjust", "ann", "100", "--reason", "gift", "--key", "1")
    visitor = grc_app.visitor("ann")
    visitor.get("/add/1")
    send(visitor, "points", use="1")
    assert "−$5.00" in grc_app.slot("checkout.summary", visitor)
    cart_id = next(iter(grc_shop.carts))
    cart = grc.Cart(cart_id, grc_shop.carts[cart_id], "ann")
    with grc_app.app_context():
        grc_shop.grc.reserve(cart, "o1")
        grc_shop.grc.reserve(cart, "o1")
    assert account(grc_app).balance == 0
    check_books(grc_app)
    with grc_app.app_context():
        grc_shop.grc.release("o1")
    assert account(grc_app).balance == 100
    check_books(grc_app)


def test_points_of_an_order_that_is_paid_after_it_was_let_go_are_spent_again(grc_app, grc_shop):
    grc_app.flask("grc", "loyalty", "adjust", "ann", "100", "--reason", "gift", "--key", "1")
    visitor = grc_app.visitor("ann")
    visitor.get("/add/1")
    send(visitor, "points", use="1")
    cart_id = next(iter(grc_shop.carts))
    cart = grc.Cart(cart_id, grc_shop.carts[cart_id], "ann")
    with grc_app.app_context():
        grc_shop.grc.reserve(cart, "o1")
        grc_shop.grc.release("o1")
    assert account(grc_app).balance == 100
    for _ in range(2):
        grc_app.emit(grc.OrderPlaced(grc_shop.place("ann", id="o1")))
        grc_app.drain()
        assert account(grc_app).balance == 0
        check_books(grc_app)
