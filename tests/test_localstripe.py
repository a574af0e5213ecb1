"""A stand-in that others wrote (localstripe, GPL-3, never imported) beside the real SDK and GRC.

It runs in an environment and a process of its own. What it lacks is in `examples/stripe_server`'s
README; here is only what it has.
"""

import json
import socket
import subprocess
import threading
import time
import urllib.request
import venv
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe
from sqlalchemy import select
from werkzeug.serving import make_server

from grc_core import Money
from grc_core.integrations.stripe import Stripe
from grc_core.integrations.stripe.models import EventRow
from grc_core.integrations.stripe.notice import OTHER
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp

from .test_stripe_payments import Watcher
from .test_stripe_payments import watched

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.grc_databases("sqlite"),
]
RELEASE, SECRET = "localstripe==1.15.10", "whsec_of_localstripe"
#: Its own command listens on every interface and keeps its data in one file for all.
SERVE = """
import sys
from aiohttp import web
from localstripe.resources import store
from localstripe.server import app
type(store).dump_to_disk = lambda self: None
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Python that has localstripe, and that this one knows nothing of."""
    folder = tmp_path_factory.mktemp("localstripe")
    venv.create(folder, with_pip=True)
    found = folder / "bin" / "python"
    install = [found, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", RELEASE]
    done = subprocess.run(install, capture_output=True, text=True, timeout=300)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        pytest.skip(f"{RELEASE} cannot be installed here: {lines[-1] if lines else 'no reason'}")
    return found


@pytest.fixture(scope="module")
def url(python: Path) -> Iterator[str]:
    """Return the address of a localstripe."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([python, "-c", SERVE, str(port)])
    try:
        wait_for(lambda: process.poll() is not None or _answers(port))
        assert process.poll() is None
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def app(mini: MiniShop, url: str) -> Iterator[ShopApp]:
    """Return a shop on a socket, to which localstripe sends its webhooks."""
    keys = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_API_BASE": url}
    app = mini.make_app([Stripe, Watcher], STRIPE_WEBHOOK_SECRET=SECRET, **keys)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    where = f"http://127.0.0.1:{server.server_port}/grc/webhooks/stripe"
    told = json.dumps({"url": where, "secret": SECRET}).encode()
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sk_test_1"}
    urllib.request.urlopen(
        urllib.request.Request(f"{url}/_config/webhooks/shop", told, headers), timeout=10
    ).close()
    yield app
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(url: str) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_1", base_addresses={"api": url})


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def method(client: stripe.StripeClient, number: str) -> str:
    """Return a card as a payment method of a customer."""
    customer = client.v1.customers.create({"email": "ana@example.com"})
    card = {"number": number, "exp_month": 12, "exp_year": 2099, "cvc": "123"}
    made = client.v1.payment_methods.create({"type": "card", "card": card})  # type: ignore[typeddict-item]
    client.v1.payment_methods.attach(made.id, {"customer": customer.id})
    return made.id


def paid(client: stripe.StripeClient, order_id: str, number: str) -> stripe.PaymentIntent:
    intent = client.v1.payment_intents.create(
        {
            "amount": 1250,
            "currency": "cad",
            "payment_method": method(client, number),
            "metadata": {"order_id": order_id},
        }
    )
    return client.v1.payment_intents.confirm(intent.id)


def states(app: ShopApp) -> dict[str, tuple[str, str]]:
    """Return what was made of the events that matter: it sends others too, of customers say."""
    kept = app.rows(select(EventRow).where(EventRow.means != OTHER))
    return {row.type: (row.order_id or "", row.state) for row in kept}


def test_its_signed_webhooks_confirm_a_payment_and_not_a_declined_one(
    app: ShopApp, mini: MiniShop, client: stripe.StripeClient
) -> None:
    mini.place(id="A", total=Money(1250, "CAD"))
    assert paid(client, "A", "4242424242424242").status == "succeeded"
    with pytest.raises(stripe.CardError):
        paid(client, "B", "4000000000000341")
    wait_for(lambda: len(states(app)) == 2)
    wait_for(lambda: not app.drain() and {state for _, state in states(app).values()} == {"done"})
    assert states(app) == {
        "payment_intent.succeeded": ("A", "done"),
        "payment_intent.payment_failed": ("B", "done"),
    }
    # a payment intent of its own has no page that stays open: what is held for B is free
    assert sorted(watched(app)) == [("order", ("A", Money(1250, "CAD"))), ("release", "B")]


def test_events_that_were_missed_are_fetched_from_it(
    app: ShopApp, mini: MiniShop, client: stripe.StripeClient
) -> None:
    app.config["STRIPE_WEBHOOK_SECRET"] = "whsec_of_another"
    mini.place(id="C", total=Money(1250, "CAD"))
    paid(client, "C", "4242424242424242")
    assert " events had not come" in app.flask("grc", "stripe", "replay", "--missed", "1")
    wait_for(lambda: not app.drain() and watched(app))
    assert ("order", ("C", Money(1250, "CAD"))) in watched(app)


def test_refunds_are_asked_for_in_its_words_too(client: stripe.StripeClient, url: str) -> None:
    intent = paid(client, "D", "4242424242424242")
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    after = client.v1.payment_intents.retrieve(intent.id).to_dict()
    assert after["latest_charge"]["amount_refunded"] == 500
