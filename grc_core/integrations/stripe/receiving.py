"""`POST /grc/webhooks/stripe`: check, keep once, answer; the work comes after the answer."""

import logging
from dataclasses import asdict
from dataclasses import replace
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.exceptions import ServiceUnavailable

from ...plugin import route
from .account import SECRETS
from .account import webhook_secrets
from .belonging import why_not_ours
from .models import EventRow
from .notice import FOREIGN
from .notice import OTHER
from .notice import Notice
from .notice import Unreadable
from .notice import read_event
from .remarks import worded
from .signature import Forged
from .signature import verified
from .standing import insert_once
from .working import Working

log = logging.getLogger("grc")
#: An event holds one object; those of Stripe are a few kilobytes.
_MOST_BYTES = 512 * 1024


def _body() -> bytes:
    """Return the bytes as they came; what is too long is not read to its end."""
    if request.content_length is None:
        body = request.stream.read(_MOST_BYTES + 1)
        if len(body) > _MOST_BYTES:
            raise RequestEntityTooLarge
        return body
    if request.content_length > _MOST_BYTES:
        raise RequestEntityTooLarge
    return request.get_data(cache=False)  # also where the shop has looked at it before us


class Receiving(Working):
    """The endpoint of webhooks."""

    @route("/stripe", methods=("POST",), csrf="signed", limit="6000/minute")
    def receive(self) -> ResponseReturnValue:
        """Keep an event and answer at once; the same id comes in any number, and counts once."""
        secrets = webhook_secrets()
        if not secrets:
            log.error("a webhook of Stripe came, and %s is not set", SECRETS)
            raise ServiceUnavailable(f"{SECRETS} is not set.")
        body = _body()
        try:
            header = request.headers.get("Stripe-Signature")
            raw = verified(body, header, secrets, self.grc.now())
            notice = read_event(raw)
        except (Forged, Unreadable) as error:
            log.warning("a webhook of Stripe was refused: %s", error)
            raise BadRequest("This is not a webhook that Stripe signed just now.") from None
        return {"received": True, "new": self.keep(notice, why_not_ours(raw))}

    def keep(self, notice: Notice, objection: str = "") -> bool:
        """Record an event with the work that it makes, once; tell whether it is new.

        One with an `objection` is kept for review, and not worked on.
        """
        state = "passed over" if notice.means == OTHER else "new"
        if objection and state == "new":
            state, notice = "review", replace(notice, means=FOREIGN)
            said = worded(objection)
            log.warning("Stripe's %s %s is kept for review: %s", notice.type, notice.id, said)
        values: dict[str, Any] = {**asdict(notice), "received_at": self.grc.now()}
        is_new = insert_once(self.session, EventRow, state=state, note=objection, **values)
        if is_new and state == "new":
            self.defer(self.work, key=notice.id, event_id=notice.id)
        return is_new
