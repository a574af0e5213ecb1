"""Requests about data: written down with a deadline, and found again by the secret of a link."""

from datetime import timedelta

from flask import abort
from sqlalchemy import select

import grc_core as grc
from grc_core import Subject

from .mailing import Mailing
from .models import Ask
from .tokens import hashed
from .tokens import proven
from .tokens import secret
from .tokens import signed

#: The laws give a month; a link to somebody's data is good for much less, and for one use.
ANSWER_WITHIN = timedelta(days=30)
LINK_SECONDS = 3 * 24 * 3600
#: Nobody has pressed the button yet, of those who are signed in (`open`) or got a link (`sent`).
FRESH = ("open", "sent")


class Requesting(Mailing):
    """Keep requests, and find them for whom they are about."""

    def opened(self, kind: str, subject: Subject, token: str, state: str = "open") -> Ask:
        """Write a request down under the hash of what its link names."""
        now = self.grc.now()
        ask = Ask(id=hashed(token), kind=kind, subject=str(subject), state=state,
                  asked_at=now, due_at=now + ANSWER_WITHIN, erasures=[])  # fmt: skip
        self.session.add(ask)
        self.session.flush()
        return ask

    def link_to(self, token: str, *, external: bool = False) -> str:
        """Return the address of a request."""
        return str(self.url_for("answer", token=signed("data", token), _external=external))

    def asked(self, token: str) -> Ask:
        """Return the request of a link; 404 for a forged or old one, and another customer's."""
        ask = self.found(proven("data", token, LINK_SECONDS))
        self.only_for(ask.subject)
        return ask

    def found(self, named: str | None) -> Ask:
        """Return a request by its secret, which nobody else answers meanwhile."""
        ask: Ask | None = None
        if named:
            ask = self.session.get(Ask, hashed(named), with_for_update=True)
        if ask is None or ask.asked_at + timedelta(seconds=LINK_SECONDS) < self.grc.now():
            abort(404)
        return ask

    def only_for(self, subject: str) -> None:
        """Answer 404 to everybody but the customer, where it is about one who was signed in."""
        kind, _, id = subject.partition(":")
        if kind == "customer" and self.grc.browser().verified_id != id:
            abort(404)

    def of(self, ask: Ask) -> list[Subject]:
        """Return under which names somebody is known who proved to be one of them."""
        kind, _, id = ask.subject.partition(":")
        if kind != "email":
            return [Subject(kind, id)] if id else []
        return self.known_as(id, self.grc.contacts.by_email(id))

    def token(self) -> str:
        """Return a new secret for a link."""
        return secret()

    @grc.every(days=1)
    def forget_asks(self) -> None:
        """Forget requests that nobody followed in time, and old ones that are done."""
        now = self.grc.now()
        over = Ask.asked_at < now - timedelta(seconds=LINK_SECONDS)
        old = (Ask.asked_at < now - timedelta(days=365)) | ((Ask.state == "sent") & over)
        for ask in self.session.scalars(select(Ask).where(old)).all():
            self.session.delete(ask)
