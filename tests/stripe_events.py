"""Events as Stripe sends them, made by the local Stripe, and signed requests that carry them."""

from typing import Any

from grc_core.testing import ShopApp
from stripe_server.server import SECRET
from stripe_server.store import Store
from stripe_server.store import Thing
from stripe_server.webhooks import body_of
from stripe_server.webhooks import sign

PATH = "/grc/webhooks/stripe"


class Events(Store):
    """The events of one order, each with its objects as they were."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Thing] = []
        self.tell = self.told.append

    def of(self, type: str) -> Thing:
        """Return the last event of a type."""
        return next(event for event in reversed(self.told) if event["type"] == type)


def post(app: ShopApp, body: bytes, signature: str | None = None, **headers: str) -> Any:
    """Send a body as Stripe would."""
    signed = sign(body, (SECRET,)) if signature is None else signature
    sent = {"Stripe-Signature": signed, "Content-Type": "application/json", **headers}
    return app.test_client().post(PATH, data=body, headers=sent)


def send(app: ShopApp, *events: Thing) -> None:
    """Send events, each of which has to be taken."""
    for event in events:
        answer = post(app, body_of(event))
        assert answer.status_code == 200, answer.get_data(as_text=True)
