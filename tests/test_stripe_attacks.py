"""What is signed by Stripe and still is not for us, or says what cannot be."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask import request

from grc_core import Money
from grc_core import OrderLine
from grc_core import Refused
from grc_core import Subject
from grc_core.integrations.stripe import Payment
from grc_core.integrations.stripe import Stripe
from grc_core.integrations.stripe import payment_changed
from grc_core.integrations.stripe.models import EventRow
from grc_core.integrations.stripe.remarks import worded
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from stripe_server.checkout import create_session
from stripe_server.checkout import expire
from stripe_server.payments import open_dispute
from stripe_server.server import SECRET
from stripe_server.store import Thing
from stripe_server.webhooks import body_of
from stripe_server.webhooks import sign

from .stripe_events import PATH
from .stripe_events import Events
from .stripe_events import post
from .test_stripe_payments import Watcher
from .test_stripe_payments import bought
from .test_stripe_payments import deliver
from .test_stripe_payments import place
from .test_stripe_payments import watched

pytestmark = pytest.mark.grc_databases("sqlite")


def reasons(app: ShopApp) -> dict[str, str]:
    """Return why events wait or are for review, by their ids."""
    return {row.id: worded(row.note) for row in app.rows(EventRow) if row.note}


def paid() -> Thing:
    return bought().of("payment_intent.succeeded")


def changed(event: Thing, **fields: Any) -> Thing:
    """Return an event about an object with other fields."""
    return {**event, "data": {"object": {**event["data"]["object"], **fields}}}


def test_an_event_of_another_mode_account_or_shop_is_kept_and_does_nothing(mini: MiniShop) -> None:
    keys = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_SHOP": "north"}
    app = mini.make_app([Stripe, Watcher], STRIPE_WEBHOOK_SECRET=SECRET, **keys)
    place(mini)
    event = {**paid(), "livemode": True}
    foreign = {
        "it is of test mode, and the key is of live mode": {**event, "livemode": False},
        "it is of the connected account acct_7": {**event, "account": "acct_7"},
        "it is of the shop south, and this one is north": changed(
            event, metadata={"order_id": "A", "shop": "south"}
        ),
    }
    named = {f"evt_{number}": why for number, why in enumerate(foreign)}
    deliver(app, [{**item, "id": f"evt_{n}"} for n, item in enumerate(foreign.values())])
    assert reasons(app) == named
    app.flask("grc", "stripe", "replay")
    app.drain()
    assert (reasons(app), watched(app)) == (named, [])
    with pytest.raises(AssertionError, match="none of this shop: evt_0"):
        app.flask("grc", "stripe", "replay", "evt_0")
    deliver(app, [changed(event, metadata={"order_id": "A", "shop": "north"})])
    assert ("order", ("A", Money(10_000, "CAD"))) in watched(app)


def test_what_does_not_fit_the_order_is_for_review(mini: MiniShop) -> None:
    app = mini.make_app([Stripe], STRIPE_WEBHOOK_SECRET=SECRET)
    place(mini)
    event = paid()
    wrong = changed(event, id="pi_usd", currency="usd")
    deliver(app, [wrong])
    assert reasons(app) == {event["id"]: "100.00 USD was paid of 100.00 CAD"}

    def refuse(sender: Any, payment: Payment) -> None:
        del sender
        raise Refused(f"nobody knows the payment {payment.reference}")

    other = {**changed(event, id="pi_B", metadata={"order_id": "B"}), "id": "evt_B"}
    with payment_changed.connected_to(refuse, app):
        deliver(app, [other])
    assert reasons(app)["evt_B"] == "nobody knows the payment pi_B"
    assert {row.state for row in app.rows(EventRow)} == {"review"}


def test_a_payment_that_comes_a_day_after_its_session_expired_still_counts(mini: MiniShop) -> None:
    app = mini.make_app([Stripe, Watcher], STRIPE_WEBHOOK_SECRET=SECRET)
    total = Money(900, "JPY")
    mini.place(id="J", total=total, state="paid", lines=[OrderLine("2", 1, total)])
    events = Events()
    price = {"currency": "jpy", "unit_amount": "900", "product_data": {"name": "Ball"}}
    session = create_session(events, {
        "mode": "payment", "line_items": [{"quantity": "1", "price_data": price}],
        "success_url": "http://127.0.0.1/", "metadata": {"order_id": "J"},
    }, "http://127.0.0.1")  # fmt: skip
    expire(events, session["id"])
    deliver(app, events.told)
    late = changed(paid(), amount_received=900, currency="jpy", metadata={"order_id": "J"})
    deliver(app, [late, {**events.told[-1], "id": "evt_again"}])
    assert watched(app) == [("release", "J"), ("order", ("J", total))]
    assert reasons(app) == {}


def test_what_cannot_be_is_refused_and_never_fails(mini: MiniShop) -> None:
    app = mini.make_app([Stripe], STRIPE_WEBHOOK_SECRET=SECRET)
    event = paid()
    for fields in (
        {"amount_received": -1}, {"amount_received": "much"}, {"amount_received": 10**30},
        {"amount_received": {"value": 1}}, {"currency": "zzz"}, {"currency": ["cad"]},
        {"metadata": ["order_id"]}, {"metadata": {"order_id": "A\x00B"}}, {"id": "pi_" * 200},
    ):  # fmt: skip
        assert post(app, body_of(changed(event, **fields))).status_code == 400, fields
    assert app.rows(EventRow) == []
    # of a kind that does not matter, nothing is read
    strange = {**changed(event, amount={"value": 1}, currency="zzz"), "type": "v2.thing.made"}
    assert post(app, body_of(strange)).status_code == 200


def test_a_shop_that_reads_every_body_first_is_no_obstacle(mini: MiniShop) -> None:
    def look(app: Flask) -> None:
        app.before_request(lambda: request.get_json(silent=True) and None)

    app = mini.make_app([Stripe], STRIPE_WEBHOOK_SECRET=SECRET, before=look)
    assert post(app, body_of(paid())).get_json() == {"received": True, "new": True}


def test_a_huge_body_is_not_read_to_its_end(mini: MiniShop) -> None:
    app = mini.make_app([Stripe], STRIPE_WEBHOOK_SECRET=SECRET)
    huge = json.dumps({**paid(), "padding": "x" * 600_000}).encode()
    assert post(app, huge).status_code == 413
    stream = BytesIO(huge)
    unsized = {"wsgi.input": stream, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    headers = {"Stripe-Signature": sign(huge, (SECRET,)), "Transfer-Encoding": "chunked"}
    answer = app.test_client().post(PATH, headers=headers, environ_overrides=unsized)
    assert (answer.status_code, stream.tell() < len(huge)) == (413, True)


def test_a_dispute_is_about_who_bought_and_not_about_a_number_alike(mini: MiniShop) -> None:
    app = mini.make_app([Stripe], STRIPE_WEBHOOK_SECRET=SECRET)
    place(mini)
    mini.sign_up("ben")
    mini.place("ben", id="B", number="A", total=Money(100, "CAD"))
    app.flask("grc", "sync")
    app.drain()
    events = bought()
    open_dispute(events, events.all("charge", status="succeeded")[0]["id"])
    deliver(app, [events.of("payment_intent.succeeded"), events.of("charge.dispute.created")])
    contacts = app.extensions["grc"].contacts
    ana, ben = (contacts.of(Subject("customer", name)) for name in ("ana", "ben"))
    assert (contacts.is_suppressed(ana), contacts.is_suppressed(ben)) == (True, False)


def test_what_is_not_ours_is_forgotten_in_time_and_what_is_for_review_is_not(
    mini: MiniShop,
) -> None:
    app = mini.make_app([Stripe], STRIPE_WEBHOOK_SECRET=SECRET, STRIPE_SECRET_KEY="sk_live_1")
    place(mini)
    event = {**paid(), "livemode": True}
    deliver(app, [
        {**event, "id": "evt_foreign", "livemode": False},
        {**changed(event, id="pi_X", metadata={"order_id": "X"}), "id": "evt_waiting"},
        {**changed(event, id="pi_less", amount_received=5), "id": "evt_review"},
    ])  # fmt: skip
    runtime = app.extensions["grc"]
    for days, left in ((181, {"evt_waiting", "evt_review"}), (401, {"evt_review"})):
        later = runtime.clock() + timedelta(days=days)
        runtime.set_clock(lambda later=later: later)
        runtime.schedule.run_due()
        assert {row.id for row in app.rows(EventRow)} == left
