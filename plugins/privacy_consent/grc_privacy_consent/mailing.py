"""Mail with offers: asked for twice, chosen by channel, ended at once."""

import re
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Response
from flask import abort
from flask import make_response
from flask import redirect
from flask import request
from markupsafe import Markup

import grc_core as grc
from grc_core import Choice
from grc_core import Contact
from grc_core import Purpose
from grc_core import Subject

from .choosing import Choosing
from .holders import record
from .holders import recorded
from .implied import is_implied
from .implied import last_enquiry
from .models import Holder
from .problems import problem
from .purposes import labelled
from .tokens import proven
from .tokens import signed

CHANNELS = ("e-mail", "phone", "letter")
#: A link to one's mail preferences works so long: CASL asks for 60 days at the least.
LINK_SECONDS = 90 * 24 * 3600
_ENQUIRY = timedelta(days=190)


class Mailing(Choosing):
    """The double opt-in, the page of mail preferences, and the veto of mail without consent."""

    def bind(self, surroundings: Any) -> None:
        """Sign every mail with what the settings say of the shop, unless the shop signs itself."""
        super().bind(surroundings)
        mail = self.grc.mail
        stated = mail.signature
        mail.signature = lambda: stated() or self._identity()

    def _identity(self) -> str | None:
        """Return who writes, where from, and how to answer; None while a part is missing."""
        known = self.settings
        contact = known.contact_email or known.contact_phone
        if not (known.company and known.address and contact):
            return None
        return f"{known.company}, {known.address}, {contact}"

    @grc.hookimpl
    def may_send(self, contact: Contact, kind: str) -> bool | None:
        """Veto what was refused or does not name its sender; vouch while consent is implied."""
        if kind != "commercial":
            return None
        if "casl" in self.settings.profiles and not self.grc.mail.signature():
            return False
        stated = [self._stated(subject) for subject in contact.subjects]
        if False in stated:
            return False
        if True in stated or "casl" not in self.settings.profiles:
            return None
        now = self.grc.now()
        entries = self.grc.timeline.of(contact, since=now - _ENQUIRY, limit=500).entries
        ordered_at = contact.stats.last_order_at
        return True if is_implied(ordered_at, last_enquiry(entries), now) else None

    def _stated(self, subject: Subject) -> bool | None:
        """Return what somebody said about offers by e-mail; None where they said nothing."""
        if subject.kind == "visitor":
            return None
        customer = self.customer(subject)
        if Purpose.MARKETING not in self.allowed(Purpose.MARKETING, customer):
            return False
        row = self.session.get(Holder, str(subject))
        if row is not None and "marketing" in row.asked:
            return "marketing" in row.purposes.split() and "e-mail" in row.channels.split()
        if customer is not None and customer.consents is not None:
            return Purpose.MARKETING in customer.consents
        return None

    @grc.route("/mail", methods=("GET", "POST"), limit="10/minute")
    def mail_link(self) -> Markup | Response:
        """Send a link to the preferences to whoever reads an address's mail."""
        email = request.form.get("email", "").strip().lower()
        if request.method == "GET":
            return self.whole("mail.html", "Offers and news by mail")
        if not self.is_address(email):
            return problem(422, "This is no e-mail address.")
        link = self.url_for("mail_choices", token=signed("mail", email), _external=True)
        # at most one an hour to an address, whoever asks and however often
        key = f"link:{sha256(email.encode()).hexdigest()[:20]}:{self.grc.now():%Y%m%d%H}"
        self.mail(email, "link", key, "transactional", address=link)
        return self.whole("mail.html", "Offers and news by mail", sent=True)

    @grc.route("/mail/<token>", methods=("GET", "POST"), csrf="signed", limit="30/minute")
    def mail_choices(self, token: str) -> Markup | Response:
        """Show and keep the channels by which offers may come; the token is the proof."""
        email = proven("mail", token, LINK_SECONDS)
        if email is None:
            abort(404)
        if request.method == "POST":
            channels = request.form.getlist("channel")
            unknown = [name for name in channels if name not in CHANNELS]
            if unknown:
                return problem(422, f"channel {unknown[0][:40]!r} is unknown.")
            self.subscribe(email, [name for name in CHANNELS if name in channels])
            address = self.url_for("mail_choices", token=token, saved=1)
            return self.quietly(make_response(redirect(address, 303)))
        row = self.session.get(Holder, f"email:{email}")
        agreed = row is not None and "marketing" in row.purposes.split()
        chosen = row.channels.split() if row is not None and agreed else []
        page = self.whole("mail_choices.html", "Offers and news by mail", email=email,
                          channels=chosen, saved="saved" in request.args)  # fmt: skip
        return self.quietly(make_response(str(page)))

    def is_address(self, email: str) -> bool:
        """Tell whether a text may be an e-mail address; the mail that is sent there proves it."""
        return len(email) <= 254 and all(email.partition("@")) and not re.search(r"\s", email)

    def quietly(self, response: Response) -> Response:
        """Keep the token in the address from leaking to other sites."""
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def subscribe(self, email: str, channels: list[str]) -> None:
        """Keep by which channels offers may come; by none is the end of them, at once."""
        contacts = self.grc.contacts.by_email(email)
        locale = self.grc.browser().locale
        if not contacts and channels:
            contacts = [self.grc.contacts.save(email=email, locale=locale)]
        for contact in contacts:
            if "e-mail" in channels:
                self.grc.contacts.resubscribe(contact)
            else:
                self.grc.contacts.unsubscribe(contact)
        policy, label = self.policy, labelled(Purpose.MARKETING)[0]
        before = recorded(self.session, f"email:{email}")
        consent_id = (before.id if before else None) or secrets.token_urlsafe(12)
        held = before.purposes if before else Purpose.NECESSARY
        after = held | Purpose.MARKETING if channels else held & ~Purpose.MARKETING
        asked = {**(before.asked if before else {}), label: policy.prints[label]}
        choice = Choice(after, self.grc.now(), asked, consent_id)
        about = Purpose.MARKETING
        self.note(consent_id, choice, labelled(held), about, "mail", False, locale)
        self.hold_mail(self.known_as(email, contacts), choice, consent_id, channels)

    def hold_mail(
        self, subjects: list[Subject], choice: Choice, consent_id: str, channels: list[str]
    ) -> None:
        """Record what was said of offers under each name of a person; tell the other plugins."""
        held = {subject: recorded(self.session, str(subject)) for subject in subjects}
        for subject, before in held.items():
            after = self._merged(str(subject), before, choice, consent_id, channels)
        then = before.purposes if before else None
        if then != after:
            self.tell(subject, then, after)

    def _merged(
        self,
        subject: str,
        before: Choice | None,
        choice: Choice,
        consent_id: str,
        channels: list[str],
    ) -> Purpose:
        """Record what was said of offers; the other purposes of an account stay."""
        others = before.purposes & ~Purpose.MARKETING if before else Purpose.NECESSARY
        purposes = others | choice.purposes & Purpose.MARKETING
        asked = {**(before.asked if before else {}), **choice.asked}
        merged = Choice(purposes, choice.at, asked, choice.id)
        record(self.session, subject, merged, consent_id, " ".join(channels))
        return purposes

    def known_as(self, email: str, contacts: list[Contact]) -> list[Subject]:
        """Return the address, and the accounts that the shop says have it."""
        found = [Subject("email", email)]
        with self.grc.shop.outside():
            for id in {id for contact in contacts for id in contact.customer_ids}:
                customer = self.grc.shop.customer_by_id(id)
                if customer is not None and (customer.email or "").lower() == email:
                    found.append(Subject("customer", id))
        return found
