"""`POST /grc/webhooks/stripe`: check, keep once, answer; the work comes after the answer."""

import logging
from dataclasses import asdict
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.exceptions import ServiceUnavailable

from ...plugin import route
from .account import SECRETS
from .account import webhook_secrets
from .models import EventRow
from .notice import OTHER
from .notice import Notice
from .notice import Unreadable
from .notice import read_event
from .signature import Forged
from .signature import verified
from .standing import insert_once
from .working import Working

log = logging.getLogger("grc")
#: An event holds one object; those of Stripe are a few kilobytes.
_MOST_BYTES = 512 * 1024


class Receiving(Working):
    """The endpoint of webhooks."""

    @route("/stripe", methods=("POST",), csrf="signed", limit="6000/minute")
    def receive(self) -> ResponseReturnValue:
        """Keep an event and answer at once; the same id comes in any number, and counts once."""
        secrets = webhook_secrets()
        if not secrets:
            log.error("a webhook of Stripe came, and %s is not set", SECRETS)
            raise ServiceUnavailable(f"{SECRETS} is not set.")
        if (request.content_length or 0) > _MOST_BYTES:
            raise RequestEntityTooLarge
        try:
            header = request.headers.get("Stripe-Signature")
            raw = verified(request.get_data(cache=False), header, secrets, self.grc.now())
            notice = read_event(raw)
        except (Forged, Unreadable) as error:
            log.warning("a webhook of Stripe was refused: %s", error)
            raise BadRequest("This is not a webhook that Stripe signed just now.") from None
        return {"received": True, "new": self.keep(notice)}

    def keep(self, notice: Notice) -> bool:
        """Record an event with the work that it makes, once; tell whether it is new."""
        state = "passed over" if notice.means == OTHER else "new"
        values: dict[str, Any] = {**asdict(notice), "received_at": self.grc.now()}
        is_new = insert_once(self.session, EventRow, state=state, note="", **values)
        if is_new and state == "new":
            self.defer(self.work, key=notice.id, event_id=notice.id)
        return is_new
