"""Get, correct or erase what is kept: signed in, or by a link to an address's mail."""

import secrets
from datetime import timedelta
from typing import Any

from flask import Response
from flask import abort
from flask import make_response
from flask import redirect
from flask import request
from markupsafe import Markup
from sqlalchemy import select

import grc_core as grc
from grc_core import Choice
from grc_core import Purpose
from grc_core import Subject

from .archive import archive
from .archive import in_pieces
from .mailing import Mailing
from .models import Ask
from .problems import problem
from .tokens import proven
from .tokens import signed

KINDS = ("export", "rectify", "erase")
#: The laws give a month; a link to somebody's data is good for much less.
ANSWER_WITHIN = timedelta(days=30)
LINK_SECONDS = 3 * 24 * 3600


class Asking(Mailing):
    """The pages on which people ask for their data."""

    @grc.route("/data", methods=("GET", "POST"), limit="10/minute")
    def data(self) -> Markup | Response:
        """Take a request; the answer is the same whether or not anybody is known."""
        customer = self.grc.browser().verified
        if request.method == "GET":
            return self.whole("data.html", "Your data", signed_in=customer is not None)
        kind = request.form.get("kind", "")
        if kind not in KINDS:
            return problem(422, f"kind {kind[:40]!r} is unknown; known are {', '.join(KINDS)}.")
        if customer is not None:
            ask = self._ask(kind, Subject("customer", customer.id))
            return make_response(
                redirect(self.url_for("answer", token=signed("data", ask.id)), 303)
            )
        email = request.form.get("email", "").strip().lower()
        if not self.is_address(email):
            return problem(422, "This is no e-mail address.")
        id = secrets.token_urlsafe(16)
        link = self.url_for("answer", token=signed("data", id), _external=True)
        # At most one mail an hour to an address, whoever asks and however often.
        key = f"data:{kind}:{email}:{self.grc.now():%Y%m%d%H}"
        if self.mail(email, "data", key, "transactional", address=link, what=kind) != "known":
            self._ask(kind, Subject("email", email), id)
        return self.whole("data.html", "Your data", sent=True)

    def _ask(self, kind: str, subject: Subject, id: str | None = None) -> Ask:
        now = self.grc.now()
        ask = Ask(id=id or secrets.token_urlsafe(16), kind=kind, subject=str(subject), state="open",
                  asked_at=now, due_at=now + ANSWER_WITHIN, erasures=[])  # fmt: skip
        self.session.add(ask)
        self.session.flush()
        return ask

    @grc.route("/data/<token>", methods=("GET", "POST"), csrf="signed", limit="30/minute")
    def answer(self, token: str) -> Response:
        """Show what was asked for, and do it when its button is pressed: links only show."""
        ask = self._asked(token)
        context: dict[str, Any] = {"ask": ask, "token": token}
        if request.method == "POST" and ask.kind != "export":
            if ask.state == "open":
                context["outcomes"] = self._done(ask)
            context["asked"] = True
        page = self.whole("answer.html", "Your data", **context)
        return self.quietly(make_response(str(page)))

    @grc.route("/data/<token>/file", limit="10/minute")
    def file(self, token: str) -> Response:
        """Hand out the archive: JSON for programs and a page for people."""
        ask = self._asked(token)
        if ask.kind != "export":
            abort(404)
        parts = (part for subject in self.of(ask) for part in self.grc.privacy.export(subject))
        made = archive(parts, self.grc.now(), self._page_of_data)
        ask.state, ask.finished_at = "done", self.grc.now()
        response = Response(in_pieces(made), content_type="application/zip")
        response.headers["Content-Disposition"] = 'attachment; filename="data.zip"'
        return self.quietly(response)

    def _page_of_data(self, parts: Any) -> str:
        return str(self.render("export.html", parts=parts, title=self.said("Your data")))

    def _asked(self, token: str) -> Ask:
        """Return the request that a link is for; 404 for one that is old, forged or gone."""
        id = proven("data", token, LINK_SECONDS)
        ask: Ask | None = self.session.get(Ask, id) if id else None
        if ask is None or ask.asked_at + timedelta(seconds=LINK_SECONDS) < self.grc.now():
            abort(404)
        return ask

    def of(self, ask: Ask) -> list[Subject]:
        """Return under which names somebody is known who proved to be one of them."""
        kind, _, id = ask.subject.partition(":")
        if kind != "email":
            return [Subject(kind, id)] if id else []
        return self.known_as(id, self.grc.contacts.by_email(id))

    def _done(self, ask: Ask) -> list[Any]:
        if ask.kind == "rectify":
            changes = {name: request.form.get(name, "").strip() for name in ("name", "email")}
            changes = {name: value for name, value in changes.items() if value}
            if "email" in changes and not self.is_address(changes["email"]):
                abort(422, "This is no e-mail address.")
            return self._rectified(ask, changes)
        return self._erased(ask)

    def _rectified(self, ask: Ask, changes: dict[str, str]) -> list[Any]:
        """Correct every copy; the core's own record is that of the person's contact."""
        subjects = self.of(ask)
        found = [one for subject in subjects for one in self.grc.privacy.rectify(subject, changes)]
        contacts = {contact.id: contact for subject in subjects
                    if (contact := self.grc.contacts.of(subject)) is not None}  # fmt: skip
        for contact in contacts.values():
            self.grc.contacts.save(contact, **changes)
        ask.state, ask.finished_at = "done", self.grc.now()
        return found

    def _erased(self, ask: Ask) -> list[Any]:
        made = [self.grc.privacy.erase(subject) for subject in self.of(ask)]
        ask.subject = ""
        ask.erasures = [item.id for item in made if item.id]
        complete = all(item.complete for item in made)
        ask.state = "done" if complete else "incomplete"
        ask.finished_at = self.grc.now() if complete else None
        self.grc.browser().choose(Choice(Purpose.NECESSARY, self.grc.now(), self.policy.prints))
        return [outcome for item in made for outcome in item.outcomes]

    @grc.every(minutes=10)
    def follow_up(self) -> None:
        """Note which erasures were completed by a later attempt."""
        waiting = self.session.scalars(select(Ask).where(Ask.state == "incomplete")).all()
        if not waiting:
            return
        open_ids = {item.id for item in self.grc.privacy.erasures(open_only=True)}
        for ask in waiting:
            if not open_ids.intersection(ask.erasures):
                ask.state, ask.finished_at = "done", self.grc.now()

    @grc.every(days=1)
    def forget_asks(self) -> None:
        """Forget requests that were never followed, and old ones that are done."""
        now = self.grc.now()
        old = now - timedelta(days=365)
        for ask in self.session.scalars(select(Ask).where(Ask.asked_at < old)).all():
            self.session.delete(ask)
