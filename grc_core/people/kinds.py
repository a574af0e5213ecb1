"""What a contact may be: the core's kinds, the plugins' and the shop's own."""

from ..decisions import HookCalls
from ..errors import InvalidContact
from ..errors import nearest
from .text import TAG
from .text import clean

CORE_KINDS = (
    "customer",
    "prospect",
    "supplier",
    "partner",
    "investor",
    "journalist",
    "banker",
    "relation",
    "employee",
)


class Kinds:
    """Know the kinds of contact of one app."""

    def __init__(self, calls: HookCalls) -> None:
        self._calls = calls
        self._own: list[str] = []

    def add(self, name: str) -> None:
        """Add a kind of the shop's own."""
        name = clean(name, "a kind of contact", TAG)
        if not name:
            raise InvalidContact("a kind of contact needs a name")
        if name not in self._own:
            self._own.append(name)

    def all(self) -> tuple[str, ...]:
        """Return every kind, the core's first."""
        found = [*CORE_KINDS, *self._own]
        for answer in self._calls.collect("contact_kinds"):
            found += [cleaned for kind in answer or () if (cleaned := str(kind).strip())]
        return tuple(dict.fromkeys(found))

    def check(self, name: str) -> str:
        """Return a kind's name, or raise InvalidContact naming the nearest."""
        known = (*CORE_KINDS, *self._own)
        if name not in known and name not in (known := self.all()):
            raise InvalidContact(
                f"unknown kind of contact {name!r}{nearest(name, known)}; add one with "
                "grc.contacts.add_kind, or a plugin's contact_kinds"
            )
        return name
