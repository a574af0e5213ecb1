"""Statistics: events in any order, late or twice, give what a recount gives."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from grc_core import Event
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import OrderRefunded
from grc_core import Subject
from grc_core import Visit
from grc_core.people.stages import LAPSING_AFTER
from grc_core.people.stages import LOST_AFTER
from grc_core.storage.contact_models import ContactStatsRow
from grc_core.storage.sessions import writing

START = datetime(2026, 1, 1, tzinfo=UTC)
RELAXED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HISTORY = st.lists(
    st.tuples(
        st.integers(0, 400),  # placed on this day
        st.integers(0, 9000),  # total
        st.lists(st.integers(1, 9000), max_size=3),  # given back, piece by piece
        st.booleans(),  # cancelled in the end
        st.sampled_from(["CAD", "USD"]),
    ),
    max_size=5,
)


@pytest.fixture
def grc(mini: Any) -> Any:
    mini.products["1"] = mini.products["1"].replace(cost=Money(100, "CAD"))
    return mini.make_app([]).extensions["grc"]


def money(amount: int, currency: str = "CAD") -> Money:
    return Money(amount, currency)


def happened(customer: str, history: list[Any]) -> list[tuple[str, Any]]:
    """Return what is told of a history: each order as placed, then at each refund."""
    told: list[tuple[str, Any]] = []
    for number, (day, total, refunds, cancelled, currency) in enumerate(history):
        placed = START + timedelta(days=day)
        lines = (OrderLine("1", 2, money(total, currency)),)
        order = Order(f"{customer}-{number}", lines, placed, "placed", 0, customer,
                      total=money(total, currency), currency=currency)  # fmt: skip
        told.append(("on_order", order))
        so_far = 0
        for step, amount in enumerate(refunds, 1):
            so_far += amount
            order = order.replace(refunded=money(so_far, currency), cursor=step)
            told.append(("on_refund", OrderRefunded(order, money(amount, currency))))
        if cancelled:
            order = order.replace(state="cancelled", cursor=99)
            told.append(("on_order", order))
    return told


def tell(grc: Any, told: list[tuple[str, Any]]) -> None:
    core = grc.people.subscriber
    for number, (hook, value) in enumerate(told):
        event = Event(str(number), hook, 1, START, None)
        with writing(grc.database):
            if hook == "on_order":
                core.on_orders([(value, event)])
            elif hook == "on_refund":
                core.on_refund(value, event)
            else:
                core.on_visits([(value, Event(str(number), hook, 1, *value_of(value)))])


def value_of(visit: Visit) -> tuple[datetime, Subject]:
    day, _, customer = visit.path.partition("/")
    return START + timedelta(days=int(day)), Subject("customer", customer)


def expected(history: list[Any]) -> dict[str, Any]:
    """Return the statistics computed from the truth itself."""
    stands = [item for item in history if not item[3]]
    ours = [(item, min_refund(item)) for item in history if item[4] == "CAD"]
    kept = [(item, back) for item, back in ours if not item[3]]
    days = [START + timedelta(days=item[0]) for item in stands]
    margins = [2 * (item[1] - 100) for item, back in kept if back < item[1] or item[1] == 0]
    return {
        "orders": len(stands),
        "revenue": money(sum(item[1] - back for item, back in kept)),
        "refunded": money(sum(back for _, back in ours)),
        "margin": money(sum(margins)) if margins else None,
        "first_order_at": min(days, default=None),
        "last_order_at": max(days, default=None),
    }


def min_refund(item: Any) -> int:
    """Return what was given back; a cancelled order without refunds counts in full."""
    _, total, refunds, cancelled, _ = item
    return total if cancelled and not refunds else sum(refunds)


numbers = iter(range(10**6))


@RELAXED
@given(history=HISTORY, days=st.lists(st.integers(0, 9), max_size=5), data=st.data())
def test_any_order_delay_and_duplication_gives_the_same_as_a_recount(
    grc: Any, history: list[Any], days: list[int], data: Any
) -> None:
    customer = f"c{next(numbers)}"
    visits = [("on_visit", Visit(f"{day}/{customer}")) for day in days]
    told = happened(customer, history) + visits
    again = data.draw(st.lists(st.sampled_from(told), max_size=4)) if told else []
    tell(grc, data.draw(st.permutations(told + again)))
    contact = grc.contacts.of(Subject("customer", customer))
    if not told:
        assert contact is None
        return
    stats = {name: getattr(contact.stats, name) for name in expected(history)}
    assert stats == expected(history)
    assert contact.stats.visits == len(set(days))
    assert contact.stats.first_seen_at == START + timedelta(
        days=min([*days, *(item[0] for item in history)])
    )
    grc.contacts.recount(contact)
    assert grc.contacts.by_id(contact.id) == contact


def test_a_recount_mends_what_was_spoilt(mini: Any, grc: Any) -> None:
    mini.place("jane")
    grc.runner.wake(frozenset({"orders"}))
    contact = grc.contacts.of(Subject("customer", "jane"))
    grc.timeline.add(contact, "phone", "call", summary="hello")
    right = grc.contacts.by_id(contact.id)
    with grc.database.write() as connection:
        connection.execute(ContactStatsRow.__table__.update().values(orders=9, contacts=9))
    assert grc.contacts.by_id(contact.id) != right
    assert grc.contacts.recount() == 1
    assert grc.contacts.by_id(contact.id) == right


def test_an_order_is_found_by_what_people_call_it(mini: Any, grc: Any) -> None:
    mini.place("jane", number="N12")
    mini.place("john", number="#77")
    again = mini.place("jane", number="#77", placed_at=datetime.now(UTC) + timedelta(days=1))
    grc.runner.wake(frozenset({"orders"}))
    jane = grc.contacts.of(Subject("customer", "jane"))
    assert [grc.contacts.by_order(text) for text in ("1", "N12", " #n12 ", "77")] == [jane] * 4
    assert grc.contacts.by_order("#") is None
    assert grc.contacts.by_order("id:1") == jane
    assert grc.contacts.by_order("id:N12") is None
    typed = ["n12", "77", "3", "", "12"]
    assert grc.contacts.orders_called(typed) == {"n12": ["1"], "77": [again.id, "2"], "3": ["3"]}


def test_live_events_fill_the_statistics(mini: Any, grc: Any) -> None:
    order = mini.place("jane", total=money(5000), lines=[OrderLine("1", 4, money(1250))])
    mini.place("jane", total=money(1000), placed_at=order.placed_at + timedelta(days=10))
    grc.runner.wake(frozenset({"orders"}))
    mini.change(order.id, refunded=money(2000))
    grc.runner.wake(frozenset({"orders"}))
    contact = grc.contacts.by_order(order.id)
    stats = contact.stats
    assert (stats.orders, stats.revenue, stats.refunded) == (2, money(4000), money(2000))
    assert stats.margin == money(4 * 1150 + 1150)
    assert stats.interval == timedelta(days=10)
    kinds = [item.kind for item in grc.timeline.of(contact).entries]
    assert sorted(kinds) == ["order", "order", "refund"]
    assert stats.contacts == 0


@pytest.mark.parametrize(
    ("orders", "silent", "stage"),
    [
        (1, timedelta(0), "customer"),
        (3, timedelta(0), "loyal"),
        (3, LAPSING_AFTER, "lapsing"),
        (1, LAPSING_AFTER - timedelta(seconds=1), "customer"),
        (3, LOST_AFTER, "lost"),
    ],
)
def test_a_stage_follows_from_orders_and_silence(
    mini: Any, grc: Any, orders: int, silent: timedelta, stage: str
) -> None:
    now = datetime.now(UTC)
    for number in range(orders):
        mini.place("jane", placed_at=now - timedelta(days=number), id=str(number))
    grc.runner.wake(frozenset({"orders"}))
    grc.set_clock(lambda: now + silent)
    contact = grc.contacts.of(Subject("customer", "jane"))
    assert contact.stage == stage
    for each in ("visitor", "prospect", "customer", "loyal", "lapsing", "lost"):
        found = [item.id for item in grc.contacts.search(stage=each).contacts]
        assert found == ([contact.id] if each == stage else [])


def test_an_order_that_moves_to_its_customer_leaves_the_guest(mini: Any, grc: Any) -> None:
    order = mini.place(email="jane@example.com", total=money(1000))
    grc.runner.wake(frozenset({"orders"}))
    later = order.replace(customer_id="jane", cursor=mini.cursor())
    refund = OrderRefunded(later.replace(refunded=money(100)), money(100))
    tell(grc, [("on_refund", refund)])
    guest = grc.contacts.of(Subject("email", "jane@example.com"))
    person = grc.contacts.of(Subject("customer", "jane"))
    assert (guest.stats.orders, person.stats.orders) == (0, 1)
    assert grc.contacts.by_order(order.id) == person
