"""The endpoint of Stripe's webhooks: who is believed, and what counts once."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func
from sqlalchemy import select

from grc_core import Money
from grc_core.integrations.stripe import Stripe
from grc_core.integrations.stripe.models import EventRow
from grc_core.integrations.stripe.notice import Unreadable
from grc_core.integrations.stripe.notice import read_event
from grc_core.storage.models import EventRow as Recorded
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from stripe_server.payments import create_intent
from stripe_server.server import SECRET
from stripe_server.webhooks import body_of
from stripe_server.webhooks import sign
from stripe_server.webhooks import thin

from .stripe_events import PATH
from .stripe_events import Events
from .stripe_events import post
from .stripe_events import send

pytestmark = pytest.mark.grc_databases("sqlite")


@pytest.fixture
def app(mini: MiniShop) -> ShopApp:
    return mini.make_app([Stripe], STRIPE_WEBHOOK_SECRET=SECRET)


@pytest.fixture
def event() -> dict[str, object]:
    """Return an event of a payment of 12.50 for the order A."""
    events = Events()
    intent = {"amount": "1250", "currency": "cad", "metadata": {"order_id": "A"}}
    create_intent(events, {**intent, "payment_method": "pm_card_visa", "confirm": "true"})
    return events.of("payment_intent.succeeded")


def test_a_signed_webhook_is_taken_once_and_answered_alike(
    app: ShopApp, event: dict[str, object]
) -> None:
    first, second = post(app, body_of(event)), post(app, body_of(event))
    assert first.get_json() == {"received": True, "new": True}
    assert (second.status_code, second.get_json()["new"]) == (200, False)
    assert [row.means for row in app.rows(EventRow)] == ["paid"]
    assert "Set-Cookie" not in first.headers


def test_what_stripe_did_not_send_just_now_is_refused(
    app: ShopApp, event: dict[str, object]
) -> None:
    body, now = body_of(event), time.time()
    good = sign(body, (SECRET,))
    for signature in (
        "",
        "nonsense",
        f"t={int(now)}",
        f"v1={good.partition('v1=')[2]}",
        good.replace("t=", "t=-"),
        sign(body, ("whsec_other",)),
        sign(body, (SECRET,), now - 301),
        sign(body, (SECRET,), now + 301),
        sign(body + b" ", (SECRET,)),
        f"t={'9' * 400},{good}",
    ):
        assert post(app, body, signature).status_code == 400, signature
    rewritten = json.dumps(json.loads(body)).encode()
    assert post(app, rewritten, good).status_code == 400
    assert post(app, b"\xff\xfe", sign(b"\xff\xfe", (SECRET,))).status_code == 400
    assert app.test_client().post(PATH, data=body).status_code == 400
    assert app.test_client().get(PATH).status_code == 405
    assert app.rows(EventRow) == []


def test_a_webhook_from_long_ago_cannot_be_sent_again(
    app: ShopApp, event: dict[str, object]
) -> None:
    body, signature = body_of(event), sign(body_of(event), (SECRET,))
    assert post(app, body, signature).status_code == 200
    runtime = app.extensions["grc"]
    later = runtime.clock() + timedelta(hours=1)
    runtime.set_clock(lambda: later)
    assert post(app, body, signature).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b'"event"',
        b"{",
        b'{"object": "event"}',
        b'{"object": "event", "id": "e", "type": "a", "created": 1e400, "data": {"object": {}}}',
        b'{"object": "event", "id": "evt_1", "type": "a", "created": 1, "data": {"object": 7}}',
        json.dumps(
            {
                "object": "event",
                "id": "e" * 300,
                "type": "a",
                "created": 1,
                "data": {"object": {}},
            }
        ).encode(),
    ],
)
def test_what_is_signed_and_is_no_event_is_refused(app: ShopApp, body: bytes) -> None:
    assert post(app, body).status_code == 400


def test_both_keys_are_believed_while_a_secret_is_rotated(
    mini: MiniShop, event: dict[str, object]
) -> None:
    app = mini.make_app([Stripe], STRIPE_WEBHOOK_SECRET=f"whsec_new {SECRET}")
    body = body_of(event)
    for secrets in ((SECRET,), ("whsec_new",), ("whsec_gone", SECRET)):
        assert post(app, body, sign(body, secrets)).status_code == 200
    assert post(app, body, sign(body, ("whsec_gone",))).status_code == 400


def test_without_a_secret_nothing_is_believed(mini: MiniShop, event: dict[str, object]) -> None:
    app = mini.make_app([Stripe])
    assert post(app, body_of(event), sign(body_of(event), ("",))).status_code == 503


def test_an_event_of_another_kind_is_passed_over(app: ShopApp, event: dict[str, object]) -> None:
    send(app, {**event, "type": "invoice.finalized"})
    app.drain()
    assert [(row.means, row.state) for row in app.rows(EventRow)] == [("other", "passed over")]


def test_the_same_event_fifty_times_at_once_counts_once(
    mini: MiniShop, app: ShopApp, event: dict[str, object]
) -> None:
    mini.place(id="A", total=Money(1250, "CAD"))
    body = body_of(event)
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda _: post(app, body), range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.get_json()["new"] for answer in answers) == 1
    app.drain()
    placed = select(func.count()).where(Recorded.type == "on_order")
    work = select(func.count()).where(Recorded.type == "task:stripe.work")
    assert [app.rows(placed), app.rows(work)] == [[1], [1]]


def test_a_thin_event_says_what_it_is_about(event: dict[str, object]) -> None:
    notice = read_event(thin(event))
    assert (notice.type, notice.means) == ("payment_intent.succeeded", "thin")
    assert notice.object_id.startswith("/v1/payment_intents/pi_")
    with pytest.raises(Unreadable):
        read_event({**thin(event), "created": "yesterday"})


def test_a_shop_without_stripe_never_imports_it(tmp_path: object) -> None:
    code = (
        "import sys; from flask import Flask; from grc_core import GRC, Shop\n"
        "from grc_core.integrations.stripe import Stripe\n"
        "app = Flask('a', instance_path=sys.argv[1]); app.config['GRC_RUNNER'] = 'inline'\n"
        "GRC(Shop(currency='CAD'), plugins=[Stripe]).init_app(app)\n"
        "app.test_client().get('/')\n"
        "assert app.extensions['grc'].tables.plugins[0].name == 'stripe'\n"
        "print('stripe' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert found.stdout == "False\n"
