"""Whom an export or an erasure is about: under every name that is proven theirs."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from ..values import Subject

#: What an adapter, a form or a bug may hand over in the place of an id.
_NOBODY = ("", "0", "none", "null", "undefined")


@dataclass(frozen=True, slots=True)
class Person:
    """The subjects and the contacts (the root first) that are one person."""

    subjects: tuple[Subject, ...] = ()
    contacts: tuple[int, ...] = ()

    def ids(self, kind: str) -> list[str]:
        """Return the person's ids of a kind."""
        if kind == "contact":
            return [str(number) for number in self.contacts]
        return [subject.id for subject in self.subjects if subject.kind == kind]

    def names(self) -> list[str]:
        """Return the subjects as texts, such as `customer:42`."""
        return [str(subject) for subject in self.subjects]


def is_somebody(subject: Subject | None) -> bool:
    """Tell whether a subject names anybody at all."""
    if subject is None or subject.kind not in ("customer", "visitor", "email"):
        return False
    return str(subject.id or "").strip().lower() not in _NOBODY


def person_of(subjects: Iterable[Subject], contacts: Sequence[int] = ()) -> Person:
    """Return a person, each subject once; addresses as they are compared."""
    found = dict.fromkeys(
        Subject(one.kind, one.id.strip().lower()) if one.kind == "email"
        else Subject(one.kind, one.id)
        for one in subjects
        if is_somebody(one)
    )  # fmt: skip
    return Person(tuple(found), tuple(contacts))
