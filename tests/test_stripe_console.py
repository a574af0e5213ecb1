"""The staff's page of payments: what came, what waits and why, in both languages."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from grc_core.integrations.stripe import Stripe
from grc_core.integrations.stripe.models import EventRow
from grc_core.storage.audit_models import AuditRow
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from stripe_server.payments import close_dispute
from stripe_server.payments import open_dispute
from stripe_server.server import SECRET

from .test_stripe_payments import bought
from .test_stripe_payments import deliver
from .test_stripe_payments import place

pytestmark = pytest.mark.grc_databases("sqlite")
PAGE = "/grc/admin/webhooks/payments"


def press(boss: Any, action: str, *ids: str) -> Any:
    """Press a button of the page, for some rows."""
    hidden = dict(re.findall(r'name="(_token)" value="([^"]*)"', boss.get(PAGE).text))
    sent = {**hidden, "_action": action, "_id": list(ids)}
    return boss.post(PAGE, data=sent, headers={"Sec-Fetch-Site": "same-origin"})


def states(app: ShopApp) -> dict[str, str]:
    query = select(EventRow.type, EventRow.state).where(EventRow.state != "passed over")
    with app.extensions["grc"].database.read() as connection:
        return dict(map(tuple, connection.execute(query)))


def test_staff_sees_what_waits_and_works_on_it_again(mini: MiniShop) -> None:
    app = mini.make_app([Stripe], STRIPE_WEBHOOK_SECRET=SECRET)
    boss = app.visitor("boss")
    empty = boss.get(PAGE).text
    assert "Nothing has come from Stripe yet." in empty
    assert "No key is set: Stripe sends, and cannot be asked." in empty

    events = bought()
    dispute = open_dispute(events, events.all("charge", status="succeeded")[0]["id"])
    deliver(app, events.told)
    page, french = boss.get(PAGE).text, app.visitor("boss", locale="fr").get(PAGE).text
    for text, words in (
        (page, ("3 events wait for somebody", "the shop has no order A", "$100.00", "dispute")),
        (french, ("3 événements attendent", "la boutique n’a pas de commande A", "litige")),
    ):
        for word in words:
            assert word in text, word
    assert dispute["id"] in page
    assert states(app)["payment_intent.succeeded"] == "waiting"

    place(mini)
    answer = press(boss, "again", "*")
    assert "Events that are worked on again: 3." in boss.get(answer.location).text
    for _ in range(3):
        app.drain()
    assert set(states(app).values()) == {"done"}
    assert "wait for somebody" not in boss.get(PAGE).text
    [record] = [row for row in app.rows(AuditRow) if "Stripe" in row.action]
    assert events.of("payment_intent.succeeded")["id"] in record.subject

    close_dispute(events, dispute["id"], "won")
    deliver(app, [events.of("charge.dispute.closed")])
    assert ">won<" in boss.get(PAGE).text


def test_the_page_is_the_staffs_alone_and_says_what_is_missing(mini: MiniShop) -> None:
    app = mini.make_app([Stripe], STRIPE_SECRET_KEY="sk_live_1")
    assert app.visitor("ana").get(PAGE).status_code == 404
    page = app.visitor("boss").get(PAGE).text
    assert "No webhook is believed: STRIPE_WEBHOOK_SECRET is not set." in page
    assert "The key is of live mode: money moves." in page
