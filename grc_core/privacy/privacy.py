"""Export and erase a person, in the core's tables and in every plugin's."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from ..clock import Clock
from ..people.contact import Contact
from ..people.identity import Identities
from ..people.work import Work
from ..people.work import members
from ..people.work import root_of
from ..purposes import Personal
from ..values import Subject
from .declared import children_first
from .declared import erase_rows
from .declared import plain
from .declared import rows_of
from .leftovers import carts_of
from .leftovers import forget_leftovers
from .matching import about
from .outcome import Erasure
from .outcome import Exported
from .outcome import Outcome
from .outcome import outcomes_of
from .outcome import summed
from .own import OWN
from .person import Person
from .person import is_somebody
from .person import person_of
from .reach import Reach
from .reach import fenced
from .reach import savepoint
from .rectify import rectified
from .register import finish
from .register import record
from .register import registered
from .register import unfinished
from .replay import matches
from .retention import expire

CORE = "core"


class Privacy:
    """What is stored about people, wherever; within a plugin's work, in its transaction."""

    def __init__(self, work: Work, reach: Reach, identities: Identities, clock: Clock) -> None:
        self._work = work
        self._reach = reach
        self._identities = identities
        self._clock = clock

    def declared(self) -> list[tuple[str, Personal]]:
        """Return what the core and each plugin declare that they store; broken ones are logged."""
        found = [(CORE, one) for one in OWN]
        for plugin in self._reach.names():
            mine: list[Personal] = []
            fenced(plugin, "personal_data", lambda: mine.extend(self._reach.declared(plugin)))  # noqa: B023
            found += [(plugin, one) for one in mine]
        return found

    # Export.

    def export(self, subject: Subject) -> Iterator[Exported]:
        """Yield what is stored about a person, table by table, and nothing of anybody else.

        The person is the contact of the subject, under every name that is proven theirs.
        """
        with self._work.reading() as connection:
            person = self._person(connection, subject)
        yield from self._export(person)

    def export_of(self, contact: Contact | str) -> Iterator[Exported]:
        """Yield what is stored about a contact, for the shop's people; see `forget`."""
        with self._work.reading() as connection:
            person = self._contact(connection, root_of(connection, contact), proven=False)
        yield from self._export(person)

    def _export(self, person: Person) -> Iterator[Exported]:
        if not person.subjects and not person.contacts:
            return
        with self._work.reading() as connection:
            yield from self._exported(connection, CORE, person, list(OWN))
            carts = carts_of(connection, person)
        if carts:
            yield Exported(CORE, "cart", carts, "necessary")
        for plugin in self._reach.names():
            yield from self._export_from(plugin, person)

    def _export_from(self, plugin: str, person: Person) -> list[Exported]:
        found: list[Exported] = []

        def work() -> None:
            with self._work.reading() as connection, savepoint(connection):
                declared = self._reach.there(connection, self._reach.declared(plugin))
                found.extend(self._exported(connection, plugin, person, declared))
                for subject in person.subjects:
                    for answer in self._reach.ask("export_personal_data", plugin, subject=subject):
                        if answer:
                            found.append(Exported(plugin, "more", [plain(answer)]))

        error = fenced(plugin, "export", work)
        return found if error is None else [Exported(plugin, "", error=error)]

    def _exported(
        self, connection: Connection, plugin: str, person: Person, declared: list[Personal]
    ) -> Iterator[Exported]:
        for one in declared:
            rows = list(rows_of(connection, one, about(one, person)))
            if rows:
                name = one.model.__table__.name.partition("__")[2]
                yield Exported(plugin, name, rows, one.purpose.label)

    # Erasure.

    def erase(self, subject: Subject) -> Erasure:
        """Erase a person everywhere, and remember a keyed hash so that no pull brings them back.

        Each plugin does its part in a savepoint. Where one fails, the erasure is not complete,
        and what failed is tried again by `retry`. Somebody unknown is not recorded.
        """
        with self._work.writing() as connection:
            person = self._person(connection, subject)
            return self._begin(connection, person)

    def forget(self, contact: Contact | str) -> Erasure:
        """Erase a contact at the word of the shop's people; raises InvalidContact without one.

        Unlike `erase`, it takes an address that was never proven for the contact's, if nobody
        else has it.
        """
        with self._work.writing() as connection:
            person = self._contact(connection, root_of(connection, contact), proven=False)
            return self._begin(connection, person)

    def _begin(self, connection: Connection, person: Person) -> Erasure:
        now = self._clock()
        if not person.subjects and not person.contacts:
            return Erasure(None, now, finished_at=now)
        outcomes = self._erase_from(connection, [*self._reach.names(), CORE], person)
        if not outcomes:
            return Erasure(None, now, finished_at=now)
        self._identities.erasure.mark(connection, _stored(person), now)
        return record(connection, person, outcomes, now)

    def _erase_from(
        self, connection: Connection, plugins: Sequence[str], person: Person
    ) -> list[Outcome]:
        found: list[Outcome] = []
        for plugin in plugins:
            done: list[Outcome] = []

            def work(plugin: str = plugin, done: list[Outcome] = done) -> None:
                with savepoint(connection):
                    if plugin == CORE:
                        done.append(self._erase_own(connection, person))
                    else:
                        done.extend(self._erase_plugin(connection, plugin, person))

            error = fenced(plugin, "erasure", work)
            found += done if error is None else [Outcome(plugin, "failed", reason=error)]
        return summed(found)

    def _erase_plugin(
        self, connection: Connection, plugin: str, person: Person
    ) -> Iterator[Outcome]:
        for subject in person.subjects:
            for answer in self._reach.ask("erase_personal_data", plugin, subject=subject):
                yield from outcomes_of(plugin, answer)
        declared = self._reach.there(connection, self._reach.declared(plugin))
        for one in children_first(declared):
            yield erase_rows(connection, plugin, one, about(one, person))

    def _erase_own(self, connection: Connection, person: Person) -> Outcome:
        erasure = self._identities.erasure
        emails = {*person.ids("email"), *erasure.emails(connection, person.contacts)}
        rows = forget_leftovers(connection, person, sorted(emails))
        rows += erasure.erase(connection, person.contacts, _stored(person))
        return Outcome(CORE, "removed", rows)

    def retry(self) -> int:
        """Try again what failed; return how many erasures are complete now."""
        with self._work.reading() as connection:
            waiting = unfinished(connection)
        finished = 0
        for number in waiting:
            with self._work.writing() as connection:
                finished += finish(connection, number, self._erase_from, self._clock())
        return finished

    def erasures(self, open_only: bool = False) -> list[Erasure]:
        """Return what was erased, the newest first; nothing in it says who."""
        with self._work.reading() as connection:
            return registered(connection, open_only)

    def digests(self) -> list[str]:
        """Return the keyed hashes of the erased, to be kept outside for a `replay`."""
        with self._work.reading() as connection:
            return self._identities.erasure.digests(connection)

    def replay(self, digests: Sequence[str] = ()) -> int:
        """Erase again who matches a hash, after a backup was restored; return how many."""
        with self._work.writing() as connection:
            self._identities.erasure.remember(connection, digests, self._clock())
            declared = [one for _, one in self.declared()]
            there = self._reach.there(connection, declared)
            erased = self._identities.erasure.erased
            found = list(matches(connection, there, lambda keys: erased(connection, keys)))
        return sum(self.erase(subject).id is not None for subject in found)

    # Rectification.

    def rectify(self, subject: Subject, changes: Mapping[str, Any]) -> list[Outcome]:
        """Put right what plugins copied of a person, such as `{"name": "Ann"}`.

        The core's own record is `grc.contacts.save`, the shop's own the shop's affair.
        """
        with self._work.writing() as connection:
            person = self._person(connection, subject)
            return rectified(connection, self._reach, person, changes)

    def expire(self) -> list[Outcome]:
        """Erase what plugins declare to keep for a time that is over; by `keep` and `since`."""
        return expire(self._work, self._reach, self._clock())

    # Who.

    def _person(self, connection: Connection, subject: Subject) -> Person:
        if not is_somebody(subject):
            return Person()
        [one] = person_of([subject]).subjects
        root = self._identities.root(connection, one)
        if root is None:
            return Person((one,))
        found = self._contact(connection, root, proven=True)
        return found if one in found.subjects else replace(found, subjects=(one, *found.subjects))

    def _contact(self, connection: Connection, root: int, proven: bool) -> Person:
        group = sorted(members(connection, [root]), key=lambda number: number != root)
        known = self._identities.erasure.identities(connection, group, proven)
        return person_of((Subject(_SPOKEN.get(kind, kind), id) for kind, id in known), group)


def _stored(person: Person) -> list[tuple[str, str]]:
    return [("guest" if one.kind == "email" else one.kind, one.id) for one in person.subjects]


_SPOKEN = {"guest": "email"}
