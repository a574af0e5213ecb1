"""The way out of commercial mail: one click in the mail program, or a button on a page."""

from flask import Response
from flask import request
from werkzeug.exceptions import NotFound

from ..events import Unsubscribed
from ..mail.unsubscribe import signed_contact
from ..people.contact import Contact
from ..rendering import CORE
from ..storage.sessions import writing
from ..values import Subject
from ..visitor import RequestState
from .limits import Limiter
from .runtime import Rooms

#: Per contact: mail programs ask from few addresses for many people.
_LIMIT = "20/minute"


def unsubscribe_response(rooms: Rooms, limiter: Limiter, token: str) -> Response:
    """Ask for confirmation (GET), or unsubscribe at once (POST, RFC 8058).

    The signed token is the proof: no sign-in, no cookie, no look at where the request is from.
    Raises NotFound for a token that this shop did not sign.
    """
    id = signed_contact(rooms.app, token)
    if id is None:
        raise NotFound
    limiter.check(_LIMIT, "unsubscribe", id)
    contact = rooms.contacts.by_id(id)
    if request.method == "POST" and contact is not None:
        _unsubscribe(rooms, contact)
    done = request.method == "POST" or contact is None or contact.unsubscribed_at is not None
    locale = RequestState.of(request, rooms.adapter, rooms.gate, rooms.app).locale
    page = rooms.renderer.render(CORE, "unsubscribe.html", locale, {"done": done})
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _unsubscribe(rooms: Rooms, contact: Contact) -> None:
    """Let a person out, and tell the plugins of it once, in one transaction."""
    with writing(rooms.database) as scope:
        rooms.contacts.unsubscribe(contact)
        if contact.unsubscribed_at is None:
            known = next((one for one in contact.subjects if one.kind != "visitor"), None)
            if known is None and contact.email:
                known = Subject("email", contact.email)
            rooms.emit(Unsubscribed(contact.id, known), scope.session)
