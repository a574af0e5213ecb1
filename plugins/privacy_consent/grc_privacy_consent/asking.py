"""Get, correct or erase what is kept: signed in, or by a link to an address's mail."""

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

from .copying import Copying
from .models import Ask
from .moving import Moving
from .problems import problem
from .requesting import FRESH

KINDS = ("export", "rectify", "erase")


class Asking(Copying, Moving):
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
        token = self.token()
        if customer is not None:
            ask = self.opened(kind, Subject("customer", customer.id), token)
            if kind == "export":
                return self.begin_copy(ask)
            return make_response(redirect(self.link_to(token), 303))
        email = request.form.get("email", "").strip().lower()
        if not self.is_address(email):
            return problem(422, "This is no e-mail address.")
        # At most one mail an hour to an address, whoever asks and however often.
        key = f"data:{kind}:{email}:{self.grc.now():%Y%m%d%H}"
        link = self.link_to(token, external=True)
        if self.mail(email, "data", key, "transactional", address=link, what=kind) != "known":
            self.opened(kind, Subject("email", email), token, "sent")
        return self.whole("data.html", "Your data", sent=True)

    @grc.route("/data/<token>", methods=("GET", "POST"), csrf="signed", limit="30/minute")
    def answer(self, token: str) -> Response:
        """Show what was asked for, and do it once when its button is pressed: links only show."""
        ask = self.asked(token)
        fresh = ask.state in FRESH
        context: dict[str, Any] = {"ask": ask, "fresh": fresh}
        if request.method == "POST" and fresh:
            if ask.kind == "export":
                return self.begin_copy(ask)
            context |= self._corrected(ask) if ask.kind == "rectify" else self._erased(ask)
        page = self.whole("answer.html", "Your data", **context)
        return self.quietly(make_response(str(page)))

    def _corrected(self, ask: Ask) -> dict[str, Any]:
        """Correct what may be corrected at once; a new address waits for its own mail."""
        name, email = (request.form.get(field, "").strip() for field in ("name", "email"))
        email = email.lower()
        if email and not self.is_address(email):
            abort(422, "This is no e-mail address.")
        if email:
            self.ask_for_address(ask, email)
        if not (name or email):
            return {}
        outcomes = self.rectified(ask, {"name": name} if name else {})
        return {"answered": True, "outcomes": outcomes, "email": email}

    def _erased(self, ask: Ask) -> dict[str, Any]:
        made = [self.grc.privacy.erase(subject) for subject in self.of(ask)]
        ask.subject = ""
        ask.erasures = [item.id for item in made if item.id]
        complete = all(item.complete for item in made)
        ask.state = "done" if complete else "incomplete"
        ask.finished_at = self.grc.now() if complete else None
        self.grc.browser().choose(Choice(Purpose.NECESSARY, self.grc.now(), self.policy.prints))
        return {
            "answered": True,
            "outcomes": [outcome for item in made for outcome in item.outcomes],
        }

    @grc.every(minutes=10)
    def follow_up(self) -> None:
        """Note which erasures were completed by a later attempt."""
        mine = select(Ask).where(Ask.state == "incomplete", Ask.kind == "erase")
        waiting = self.session.scalars(mine).all()
        if not waiting:
            return
        open_ids = {item.id for item in self.grc.privacy.erasures(open_only=True)}
        for ask in waiting:
            if not open_ids.intersection(ask.erasures):
                ask.state, ask.finished_at = "done", self.grc.now()
