"""The one click that ends offers by mail, which the core answers: here it enters the proof."""

import secrets

import grc_core as grc
from grc_core import Choice
from grc_core import Contact
from grc_core import Event
from grc_core import Purpose
from grc_core import Subject
from grc_core import Unsubscribed

from .holders import newest
from .holders import recorded
from .mailing import Mailing
from .purposes import labelled


class Leaving(Mailing):
    """Write down who left the mailing by the way out of a message."""

    @grc.hookimpl
    def on_unsubscribe(self, unsubscribed: Unsubscribed, event: Event) -> None:
        """Add it to the ledger, and let a later yes of the person stand."""
        contact = self.grc.contacts.by_id(unsubscribed.contact_id)
        if contact is None:
            return
        at = event.occurred_at
        known = {one: recorded(self.session, str(one)) for one in _names(contact)}
        before = newest(*known.values())
        consent_id = (before.id if before else None) or secrets.token_urlsafe(12)
        held = before.purposes if before else Purpose.NECESSARY
        label = labelled(Purpose.MARKETING)[0]
        choice = Choice(
            held & ~Purpose.MARKETING, at, {label: self.policy.prints[label]}, consent_id
        )
        locale = contact.locale or next(iter(self.grc.shop.shop.locales), "en")
        about = Purpose.MARKETING
        self.note(consent_id, choice, labelled(held), about, "one-click", False, locale)
        ended = [one for one, said in known.items() if said is None or said.at <= at]
        if ended:
            self.hold_mail(ended, choice, consent_id, [])


def _names(contact: Contact) -> list[Subject]:
    """Return under which names a person's word about mail is kept, the account last."""
    emails = dict.fromkeys((*contact.guest_emails, *contact.emails))
    customers = [Subject("customer", id) for id in contact.customer_ids]
    return [*(Subject("email", email) for email in emails), *customers]
