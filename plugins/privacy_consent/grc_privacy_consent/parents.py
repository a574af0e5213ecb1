"""Under fourteen years of age: a parent says yes or no, by a link in the parent's own mail."""

import secrets

from flask import Response
from flask import abort
from flask import make_response
from flask import redirect
from flask import request
from markupsafe import Markup
from werkzeug.exceptions import UnprocessableEntity

import grc_core as grc
from grc_core import Choice
from grc_core import Customer
from grc_core import Purpose
from grc_core import Subject

from .age import FOR_ADULTS
from .age import is_child
from .answers import Answer
from .holders import record_parent
from .holders import recorded
from .holders import said_by_parent
from .mailing import Mailing
from .problems import problem
from .purposes import labelled
from .tokens import hashed
from .tokens import proven
from .tokens import signed

#: Until the child is of age: a yes can be taken back as long as it counts.
LINK_SECONDS = 14 * 366 * 24 * 3600


class Parents(Mailing):
    """The page on which a parent agrees, and the mail that leads there."""

    @grc.route("/parent", methods=("POST",), limit="5/minute")
    def ask_parent(self) -> Markup | Response:
        """Send a link to the parent's address; which address that is, is not kept."""
        child = self.grc.browser().verified
        if child is None or not is_child(child, self.grc.now()):
            abort(404)
        email = request.form.get("email", "").strip().lower()
        own = {self._plain(address) for address in self._addresses(child)}
        if not self.is_address(email) or self._plain(email) in own:
            return problem(422, "This is not the e-mail address of a parent.")
        link = self.url_for("parent", token=signed("parent", child.id), _external=True)
        # one an hour from an account to an address, however often it is asked for
        named = hashed(f"{child.id} {email}")
        self.mail(email, "parent", f"parent:{named}:{self.grc.now():%Y%m%d%H}", "transactional",
                  address=link, company=self.settings.company)  # fmt: skip
        return self.whole("parent.html", "A parent’s consent", sent=True)

    def _addresses(self, child: Customer) -> list[str]:
        contact = self.grc.contacts.of(Subject("customer", child.id))
        return [*(contact.emails if contact else ()), child.email or ""]

    def _plain(self, email: str) -> str:
        """Return an address without what its owner may add to it: `ann+mum@x` is `ann@x`."""
        name, _, domain = email.lower().partition("@")
        return f"{name.partition('+')[0]}@{domain}"

    @grc.route("/parent/<token>", methods=("GET", "POST"), csrf="signed", limit="30/minute")
    def parent(self, token: str) -> Response:
        """Show and keep what a parent agrees to; the token is the proof that mail was read."""
        id = proven("parent", token, LINK_SECONDS)
        child = self.customer(Subject("customer", id)) if id else None
        if child is None or not is_child(child, self.grc.now()):
            abort(404)
        offered = self.policy.purposes & FOR_ADULTS
        said = said_by_parent(self.session, f"customer:{child.id}")
        if request.method == "POST":
            try:
                self._keep_word(child, Answer.of(request.form, offered), offered)
            except UnprocessableEntity as error:
                return problem(422, str(error.description))
            address = self.url_for("parent", token=token, saved=1)
            return self.quietly(make_response(redirect(address, 303)))
        page = self.whole(
            "parent.html",
            "A parent’s consent",
            name=child.name,
            asked=self.policy.shown(offered, self.grc.browser().locale),
            agreed=labelled(self.policy.agreed(said)) if said else [],
            saved="saved" in request.args,
        )
        return self.quietly(make_response(str(page)))

    def _keep_word(self, child: Customer, answer: Answer, offered: Purpose) -> None:
        """Write a parent's word into the ledger and beside the child's own."""
        subject = Subject("customer", child.id)
        before = said_by_parent(self.session, str(subject))
        held = before.purposes if before else Purpose.NECESSARY
        consent_id = (before.id if before else None) or secrets.token_urlsafe(12)
        asked = {label: self.policy.prints[label] for label in labelled(offered)}
        agreed = answer.applied(Purpose.NECESSARY, offered)
        choice = Choice(agreed, self.grc.now(), asked, consent_id)
        then = self._counts(child)
        locale = self.grc.browser().locale
        self.note(consent_id, choice, labelled(held), offered, "parent", False, locale)
        record_parent(self.session, str(subject), choice, consent_id)
        now = self._counts(child)
        if then != now:
            self.tell(subject, then, now)

    def _counts(self, child: Customer) -> Purpose:
        """Return what the child's own choice comes to."""
        own = recorded(self.session, f"customer:{child.id}")
        return self.allowed(self.policy.agreed(own) if own else Purpose.NECESSARY, child)
