"""A new e-mail address counts once somebody has read the mail that is sent to it."""

import json
from typing import Any

from flask import Response
from flask import abort
from flask import make_response
from flask import request

import grc_core as grc
from grc_core import Subject

from .models import Ask
from .requesting import LINK_SECONDS
from .requesting import Requesting
from .tokens import hashed
from .tokens import proven
from .tokens import signed


class Moving(Requesting):
    """Correct what is kept; an address only by the word of who reads its mail."""

    def ask_for_address(self, ask: Ask, email: str) -> None:
        """Send a link to the new address; one an hour, however often a person asks for it."""
        token = self.token()
        link = self.url_for(
            "address", token=signed("address", json.dumps([token, email])), _external=True
        )
        key = f"address:{hashed(f'{ask.subject} {email}')}:{self.grc.now():%Y%m%d%H}"
        kind, _, id = ask.subject.partition(":")
        old = self._old(ask)
        if self.mail(email, "address", key, "transactional", address=link, old=old) != "known":
            self.opened("address", Subject(kind, id), token, "sent")

    @grc.route("/address/<token>", methods=("GET", "POST"), csrf="signed", limit="20/minute")
    def address(self, token: str) -> Response:
        """Ask whether the address is the reader's, and write it when the button is pressed.

        The link says who reads the new address's mail, not whose data it is to be joined to: an
        account's owner has to be signed in, others are shown the old address.
        """
        stated = proven("address", token, LINK_SECONDS)
        if stated is None:
            abort(404)
        named, email = json.loads(stated)
        ask = self.found(named)
        self.only_for(ask.subject)
        context: dict[str, Any] = {"email": email, "old": self._old(ask)}
        context["done"] = ask.state == "done"
        if request.method == "POST" and ask.state == "sent":
            self.rectified(ask, {"email": email})
            context["done"] = True
        page = self.whole("address.html", "Your e-mail address", **context)
        return self.quietly(make_response(str(page)))

    def _old(self, ask: Ask) -> str:
        """Return the address that somebody asked with who was not signed in."""
        kind, _, id = ask.subject.partition(":")
        return id if kind == "email" else ""

    def rectified(self, ask: Ask, changes: dict[str, str]) -> list[Any]:
        """Correct every copy, an address once its mail was read; the core's own is the contact."""
        subjects = self.of(ask)
        found = [one for subject in subjects for one in self.grc.privacy.rectify(subject, changes)]
        contacts = {contact.id: contact for subject in subjects
                    if (contact := self.grc.contacts.of(subject)) is not None}  # fmt: skip
        for contact in contacts.values():
            if "email" in changes and contact.email not in (None, changes["email"]):
                # so that the owner learns of it where it was somebody else
                key = f"moved:{ask.id}:{contact.id}"
                self.mail(contact.email, "moved", key, "transactional")
            self.grc.contacts.save(contact, verified="email" in changes, **changes)
        ask.state, ask.finished_at = "done", self.grc.now()
        return found
