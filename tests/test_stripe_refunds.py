"""Refunds that did not arrive: the sum falls, in whatever order the events come."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from grc_core import ConversionError
from grc_core import Money
from grc_core import OrderRefunded
from grc_core import Plugin
from grc_core import hookimpl
from grc_core.events import dumps
from grc_core.events import loads
from grc_core.integrations.stripe import Payment
from grc_core.integrations.stripe import Stripe
from grc_core.integrations.stripe import payment_changed
from grc_core.integrations.stripe.amounts import from_stripe
from grc_core.integrations.stripe.amounts import to_stripe
from grc_core.integrations.stripe.models import EventRow
from grc_core.storage.contact_models import ContactOrderRow
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from stripe_server.payments import create_refund
from stripe_server.payments import fail_refund
from stripe_server.server import SECRET

from .stripe_events import Events
from .test_stripe_payments import bought
from .test_stripe_payments import deliver
from .test_stripe_payments import place
from .test_stripe_payments import refunded

pytestmark = pytest.mark.grc_databases("sqlite")


class Ledger(Plugin):
    """Keeps what was refunded by the rule of `on_refund`."""

    name = "ledger"

    def __init__(self) -> None:
        self.parts: list[tuple[int, str | None]] = []
        self.truth = (0, 0)

    @hookimpl
    def on_refund(self, refund: OrderRefunded) -> None:
        assert refund.order.refunded is not None
        self.parts.append((refund.amount.amount, refund.reason))
        self.truth = max(self.truth, (refund.undone, refund.order.refunded.amount))


def ledger_of(app: ShopApp) -> Ledger:
    found = app.extensions["grc"].tables.find("ledger").plugin
    assert isinstance(found, Ledger)
    return found


def with_a_failure() -> Events:
    """Return the events of an order of 100.00: 25.00 and 40.00 go back, and the 40.00 fail."""
    events = refunded(bought(), 2500, 4000)
    fail_refund(events, events.all("refund", amount=4000)[0]["id"])
    return events


def test_a_refund_that_fails_is_told_as_a_smaller_sum(mini: MiniShop) -> None:
    app = mini.make_app([Stripe, Ledger], STRIPE_WEBHOOK_SECRET=SECRET)
    told: list[Payment] = []

    def listen(sender: Any, payment: Payment) -> None:
        del sender
        told.append(payment)

    place(mini)
    events = with_a_failure()
    *sent, failed, repeated = events.told
    first = 1 + [item["type"] for item in sent].index("charge.refunded")
    with payment_changed.connected_to(listen, app):
        for part in (sent[:first], sent[first:], [failed], [repeated]):
            deliver(app, part)
    assert ledger_of(app).parts == [(2500, "refunded"), (4000, "refunded"), (-4000, "undone")]
    assert ledger_of(app).truth == (1, 2500)
    assert (told[-1].refunded.amount, told[-1].undone) == (2500, 1)
    assert "did not arrive" in app.flask("grc", "stripe", "status")
    assert [row.refunded for row in app.rows(ContactOrderRow)] == [2500]

    create_refund(events, {"charge": events.all("charge", paid=True)[0]["id"], "amount": "4000"})
    deliver(app, events.told[len(sent) + 2 :])  # the same sum as once before
    assert ledger_of(app).truth == (1, 6500)
    assert [row.refunded for row in app.rows(ContactOrderRow)] == [6500]


def test_the_order_of_events_does_not_change_what_was_refunded(mini: MiniShop) -> None:
    app = mini.make_app([Stripe, Ledger], STRIPE_WEBHOOK_SECRET=SECRET)
    place(mini)
    told = with_a_failure().told
    for seed in range(3):
        ledger_of(app).truth = (0, 0)
        mini.orders["A"] = mini.orders["A"].replace(id=f"A{seed}")
        mini.orders[f"A{seed}"] = mini.orders.pop("A")
        chance = random.Random(seed)
        copies = [_of(item, seed) for item in told for _ in range(chance.randint(1, 2))]
        chance.shuffle(copies)
        deliver(app, copies)
        assert ledger_of(app).truth == (1, 2500), seed
        mini.orders["A"] = mini.orders[f"A{seed}"]
    states = {row.state for row in app.rows(EventRow)}
    assert states == {"done", "passed over", "review"}


def _of(event: Any, number: int) -> Any:
    """Return an event as it would be of another order."""
    text = json.dumps(event)
    for prefix in ("evt_", "pi_", "ch_", "re_", "cs_test_"):
        text = text.replace(f'"{prefix}', f'"{prefix}{number}')
    return json.loads(text.replace('"order_id": "A"', f'"order_id": "A{number}"'))


def test_a_shop_whose_own_sum_falls_is_believed(mini: MiniShop) -> None:
    app = mini.make_app([Ledger])
    place(mini)
    order = mini.orders["A"]
    for cents in (None, 6500, 2500, 6500):
        sum_so_far = None if cents is None else Money(cents, "CAD")
        mini.orders["A"] = order.replace(refunded=sum_so_far, cursor=mini.cursor())
        app.flask("grc", "sync")
        app.drain()
    assert ledger_of(app).parts == [(6500, "refunded"), (-4000, "undone"), (4000, "refunded")]
    assert ledger_of(app).truth == (1, 6500)


def test_how_often_a_sum_has_fallen_is_kept_and_part_of_the_key() -> None:
    order = OrderRefunded.example().order.replace(refunded=Money(2500, "CAD"))
    first = OrderRefunded(order, Money(2500, "CAD"))
    again = OrderRefunded(order, Money(-4000, "CAD"), "undone", 1)
    assert first.key() == f"{order.id}:2500"
    assert again.key() == f"{order.id}:2500:1"
    assert loads(OrderRefunded, dumps(again)) == again


@pytest.mark.parametrize(
    ("currency", "theirs", "ours"),
    [
        ("cad", 1250, 1250), ("jpy", 500, 500), ("kwd", 5120, 5120), ("isk", 40000, 400),
        ("ugx", 500, 5), ("mga", 7, 700), ("huf", 1000, 1000),
    ],
)  # fmt: skip
def test_amounts_are_counted_as_stripe_does(currency: str, theirs: int, ours: int) -> None:
    money = from_stripe(theirs, currency)
    assert money == Money(ours, currency.upper())
    assert to_stripe(money) == theirs


@given(
    amount=st.integers(0, 10**12),
    currency=st.sampled_from(["CAD", "JPY", "KWD", "ISK", "MGA"]),
)
@settings(max_examples=30, deadline=None)
def test_what_can_be_charged_comes_back_as_it_was(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    if amount % {"KWD": 10, "MGA": 100}.get(currency, 1):
        with pytest.raises(ConversionError, match="last digit would be lost"):
            to_stripe(money)
    else:
        assert from_stripe(to_stripe(money), currency) == money
