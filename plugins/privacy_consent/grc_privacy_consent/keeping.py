"""What somebody chose: read for the core, written into ledger, record and cookie."""

import secrets
import time
from typing import Any
from weakref import WeakKeyDictionary

import grc_core as grc
from grc_core import Choice
from grc_core import ConsentChanged
from grc_core import Purpose
from grc_core import Subject

from . import cookies
from .age import allowed_at
from .age import is_child
from .answers import Answer
from .holders import KEPT
from .holders import any_browser
from .holders import is_over
from .holders import newest
from .holders import record
from .holders import recorded
from .holders import said_by_parent
from .ledger import Deed
from .ledger import append
from .ledger import instant
from .ledger import keep_text
from .ledger import lock
from .models import Holder
from .pages import Pages
from .purposes import Policy
from .purposes import labelled

#: Declarations are looked at again after so many seconds: pages ask for them all the time.
_FRESH_SECONDS = 5.0
_FRESH_ANSWER, _MOST_ANSWERS = 1.0, 10_000
Stood = tuple[Choice | None, Choice | None]


class Keeping(Pages):
    """What is asked for today, what holds for somebody, and how a choice is kept."""

    def __init__(self) -> None:
        self._policy: tuple[float, Policy] | None = None
        self._refused: dict[Subject, tuple[float, Purpose | None]] = {}
        #: by the request, what its browser says and what stands, for whom
        self._here: WeakKeyDictionary[Any, dict[str, Stood]] = WeakKeyDictionary()

    @property
    def policy(self) -> Policy:
        """Return what is asked for today."""
        known, now = self._policy, time.monotonic()
        if known is None or now - known[0] > _FRESH_SECONDS:
            fresh = self._declared()
            # the same one again, with what was made of it, where nothing has changed
            same = known is not None and known[1] == fresh
            known = self._policy = (now, known[1] if known and same else fresh)
        return known[1]

    def _declared(self) -> Policy:
        declared = self.grc.declared
        data = self.grc.privacy.declared()
        kept = [*declared.cookies(), *cookies.stated(self.settings.cookies)]
        wanted = declared.needs() | Purpose.MARKETING | Purpose.parse(self.settings.purposes)
        for _, item in (*data, *kept):
            wanted |= item.purpose
        return Policy(wanted, data, kept, declared.said)

    @grc.hookimpl
    def consents(self, subject: Subject) -> Purpose | None:
        """State what a person agreed to: by the browser at hand, else as it is recorded.

        In the background it is asked for every event, mostly of people who agreed to nothing:
        there a no holds for a second. A yes is looked up each time, so that taking it back counts
        at once.
        """
        browser = self.grc.browser()
        if browser is not None and str(subject) == str(browser.subject):
            self._refused.pop(Subject(subject.kind, subject.id), None)
            return self._agreed(subject)
        now, known = time.monotonic(), self._refused.get(subject)
        if known is not None and now - known[0] <= _FRESH_ANSWER:
            return known[1]
        agreed = self._agreed(subject)
        if agreed in (None, Purpose.NECESSARY):
            if len(self._refused) >= _MOST_ANSWERS:
                self._refused.clear()
            self._refused[subject] = (now, agreed)
        return agreed

    def _agreed(self, subject: Subject) -> Purpose | None:
        choice = self.standing(subject)
        if choice is None and subject.gpc:
            return Purpose.NECESSARY
        customer = self.customer(subject)
        if choice is not None:
            agreed = self.policy.agreed(choice)
        elif customer is not None:
            agreed = customer.consents or Purpose.NECESSARY
        else:
            return None
        return self.allowed(agreed, customer)

    def allowed(self, agreed: Purpose, customer: grc.Customer | None) -> Purpose:
        """Return what of a choice counts: all of it, or what a child's parent agreed to as well."""
        now = self.grc.now()
        if customer is None or not is_child(customer, now):
            return agreed
        said = said_by_parent(self.session, f"customer:{customer.id}")
        parent = self.policy.agreed(said) if said else Purpose.NECESSARY
        return allowed_at(agreed, customer, now, parent)

    def standing(self, subject: Subject) -> Choice | None:
        """Return the last choice of a person that is not too old; read once in a request."""
        browser = self.grc.browser()
        if browser is None:
            return self._looked_up(subject, None)
        seen = self._here.setdefault(browser, {})
        given, known = browser.choice, seen.get(str(subject))
        if known is None or known[0] is not given:  # another choice is made in this request
            known = seen[str(subject)] = (given, self._looked_up(subject, browser))
        return known[1]

    def _looked_up(self, subject: Subject, browser: Any) -> Choice | None:
        is_here = browser is not None and str(subject) == str(browser.subject)
        given = browser.choice if browser is not None and is_here else None
        if subject.id and not (given is not None and subject.kind == "visitor"):
            given = newest(given, recorded(self.session, str(subject)))
        if given is None and subject.kind == "customer" and not is_here:
            return self._of_browsers(subject)
        return None if given and is_over(subject, given, self.grc.now()) else given

    def _of_browsers(self, customer: Subject) -> Choice | None:
        """Return what somebody chose before signing in, in a browser known to be theirs."""
        if not any_browser(self.session):
            return None
        visitors = self.grc.contacts.visitors_of(customer.id)
        found = [recorded(self.session, f"visitor:{id}") for id in visitors[-5:]]
        given = newest(*found)
        return None if given and given.at + KEPT <= self.grc.now() else given

    def keep(self, answer: Answer) -> Choice:
        """Write a choice into the ledger and the cookie, and return it."""
        browser = self.grc.browser()
        policy, visitor = self.policy, browser.visitor
        before = self.standing(browser.subject)
        agreed = policy.agreed(before) if before else Purpose.NECESSARY
        about = policy.purposes
        if answer.interface == "banner":
            about = policy.pending(before, browser.gpc)
        chosen = answer.applied(agreed, about)
        asked = {**(before.asked if before else {}),
                 **{label: policy.prints[label] for label in labelled(about)}}  # fmt: skip
        consent_id = (before.id if before else None) or secrets.token_urlsafe(12)
        given = bool(labelled(chosen))
        choice = Choice(chosen, self.grc.now(), asked, consent_id if given else None)
        held = labelled(before.purposes) if before else []
        self.note(consent_id, choice, held, about, answer.interface, browser.gpc, browser.locale)
        browser.choose(choice)
        self._hold(browser, visitor, choice, consent_id, before)
        return choice

    def note(
        self,
        consent_id: str,
        choice: Choice,
        held: list[str],
        about: Purpose,
        interface: str,
        gpc: bool,
        locale: str,
    ) -> None:
        """Add a choice to the ledger."""
        policy, after = self.policy, labelled(choice.purposes)
        lock(self.session)  # before anything is looked for that another choice may be adding
        deed = Deed(
            at=instant(choice.at),
            consent_id=consent_id,
            action=_action(held, after),
            purposes=" ".join(after),
            about=" ".join(labelled(about)),
            interface=interface,
            gpc="1" if gpc else "0",
            locale=locale,
            text_hash=keep_text(self.session, policy.text(about, locale)),
            version=policy.version,
        )
        append(self.session, self.grc.ledger_keys()[0], deed)
        self._refused.clear()
        self._here.pop(self.grc.browser(), None)

    def _hold(
        self,
        browser: Any,
        visitor: str | None,
        choice: Choice,
        consent_id: str,
        before: Choice | None,
    ) -> None:
        """Record who chose, where anybody is known, and tell the other plugins."""
        known = [Subject("customer", browser.verified.id)] if browser.verified else []
        now = browser.ensure_visitor(choice.purposes)
        if now:
            known.append(Subject("visitor", now))
        elif visitor:
            gone = self.session.get(Holder, f"visitor:{visitor}")
            if gone is not None:
                self.session.delete(gone)
        for subject in known:
            record(self.session, str(subject), choice, consent_id)
        told = known[0] if known else (Subject("visitor", visitor) if visitor else None)
        if told is not None:
            then = before.purposes if before else None
            self.tell(told, then, choice.purposes)

    def tell(self, subject: Subject, before: Purpose | None, after: Purpose) -> None:
        """Tell the other plugins of a choice."""
        self.emit(ConsentChanged(subject, before, after))
        self._refused.clear()  # they were asked for before the choice was there to be read

    def customer(self, subject: Subject) -> grc.Customer | None:
        """Return a customer as the shop states them, from the request where they are signed in."""
        if subject.kind != "customer":
            return None
        browser = self.grc.browser()
        if browser is not None and browser.verified and browser.verified.id == subject.id:
            found: grc.Customer = browser.verified
            return found
        with self.grc.shop.outside():
            customer: grc.Customer | None = self.grc.shop.customer_by_id(subject.id)
            return customer


def _action(before: list[str], after: list[str]) -> str:
    if not after:
        return "withdrawn" if before else "refused"
    return "changed" if before else "given"
