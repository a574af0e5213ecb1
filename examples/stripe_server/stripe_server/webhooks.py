"""Signed webhooks, sent from a thread: in order, or held, doubled, reordered and delayed."""

import hmac
import json
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from collections.abc import Iterable
from datetime import UTC
from datetime import datetime
from hashlib import sha256

from .store import Thing

#: Seconds before each further attempt at a delivery that was not taken.
_AGAIN = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)


def sign(body: bytes, secrets: Iterable[str], at: float | None = None) -> str:
    """Return the `Stripe-Signature` of a body, with one signature per secret."""
    moment = int(time.time() if at is None else at)
    signed = f"{moment}.".encode() + body
    parts = [hmac.new(secret.encode(), signed, sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={moment}", *(f"v1={part}" for part in parts)])


def body_of(event: Thing) -> bytes:
    """Return an event as it travels."""
    return json.dumps(event, indent=2).encode()


def thin(event: Thing) -> Thing:
    """Return the notification that says only what an event is about."""
    about = event["data"]["object"]
    plural = {"checkout.session": "checkout/sessions"}.get(about["object"], f"{about['object']}s")
    at = datetime.fromtimestamp(event["created"], UTC).isoformat().replace("+00:00", "Z")
    return {
        "id": event["id"],
        "object": "v2.core.event",
        "type": f"v1.{event['type']}",
        "created": at,
        "livemode": False,
        "context": None,
        "reason": None,
        "related_object": {
            "id": about["id"],
            "type": about["object"],
            "url": f"/v1/{plural}/{about['id']}",
        },
    }


class Webhooks:
    """Send events to one address."""

    def __init__(self, url: str | None, secrets: tuple[str, ...]) -> None:
        self.url, self.secrets = url, secrets
        #: send what an event is about instead of the event
        self.thin = False
        #: seconds before each delivery
        self.delay = 0.0
        #: how often each event is sent
        self.copies = 1
        self._held: list[Thing] | None = None
        self._waiting: queue.Queue[Thing | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def happened(self, event: Thing) -> None:
        """Send an event soon, unless events are held."""
        if self._held is not None:
            self._held.append(event)
        elif self.url:
            for _ in range(self.copies):
                self._waiting.put(event)

    def hold(self) -> None:
        """Keep events back from now on."""
        self._held = []

    def release(self, arrange: Callable[[list[Thing]], Iterable[Thing]] = iter) -> None:
        """Send what was held, in the order and as often as `arrange` says; hold no more."""
        held, self._held = self._held or [], None
        for event in arrange(held):
            self._waiting.put(event)

    @property
    def held(self) -> list[Thing]:
        """Return the events that are held."""
        return list(self._held or ())

    def settle(self) -> None:
        """Wait until everything was delivered or given up."""
        self._waiting.join()

    def send(self, event: Thing) -> int:
        """Send one event now; return the status of the answer, 0 without one."""
        body = body_of(thin(event) if self.thin else event)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(body, self.secrets),
            "User-Agent": "LocalStripe/1",
        }
        request = urllib.request.Request(str(self.url), body, headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def close(self) -> None:
        """Stop sending."""
        self._waiting.put(None)

    def _run(self) -> None:
        while (event := self._waiting.get()) is not None:
            time.sleep(self.delay)
            for pause in _AGAIN:
                if 200 <= self.send(event) < 300:
                    break
                time.sleep(pause)
            self._waiting.task_done()
        self._waiting.task_done()
