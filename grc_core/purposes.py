"""Why personal data is used, and what a plugin declares that it stores."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from enum import Flag
from typing import Any


class Purpose(Flag):
    """What a person may accept or refuse; combine several with `|`."""

    NECESSARY = 1
    PREFERENCES = 2
    PERSONALISATION = 4
    ANALYTICS = 8
    MARKETING = 16

    @classmethod
    def parse(cls, names: "Purpose | Iterable[str] | None") -> "Purpose":
        """Return the purposes for names such as `("marketing", "analytics")`.

        NECESSARY is always part of the answer. Raises ValueError for an unknown name.
        """
        if isinstance(names, Purpose):
            return names | cls.NECESSARY
        found = cls.NECESSARY
        for name in [names] if isinstance(names, str) else names or ():
            try:
                found |= cls[name.strip().upper()]
            except KeyError:
                known = ", ".join(purpose.label for purpose in cls)
                raise ValueError(f"unknown purpose {name!r}; known are {known}") from None
        return found

    @property
    def label(self) -> str:
        """Return the lower-case name, several joined by `|`."""
        return (self.name or "none").lower()

    @property
    def labels(self) -> list[str]:
        """Return the lower-case name of each purpose in this combination."""
        return [str(purpose.name).lower() for purpose in self]

    def allows(self, needed: "Purpose") -> bool:
        """Tell whether everything in `needed` was agreed to; NECESSARY always is."""
        return needed & ~Purpose.NECESSARY in self


#: Whose ids the columns of plugins hold.
IDENTITY_KINDS = ("customer", "visitor", "email", "contact")


@dataclass(frozen=True, slots=True)
class Personal:
    """Declare personal data that a plugin stores.

    `model` is the mapped class, `fields` its personal columns, `by` the column that holds the
    person's id, `basis` the legal basis (`consent`, `contract`, `legitimate interest`, `law`),
    `keep` how long rows stay, `recipients` and `country` who else receives them and where.

    `kind` says whose id `by` holds: `customer`, `visitor`, `email` or `contact`; None goes by the
    column's name. `erase` is what an erasure does: `remove` the rows, `anonymise` them (`fields`
    and `by` are emptied) or `retain` them, with the reason in `why_retained`. `since` is the
    column with the time from which `keep` counts.
    """

    model: type[Any]
    fields: Sequence[str]
    by: str
    purpose: Purpose
    basis: str
    keep: timedelta | None = None
    recipients: Sequence[str] = ()
    country: str | None = None
    why: str = ""
    kind: str | None = None
    erase: str = "remove"
    why_retained: str = ""
    since: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in (None, *IDENTITY_KINDS):
            raise ValueError(f"kind is one of {', '.join(IDENTITY_KINDS)}, not {self.kind!r}")
        if self.erase not in ("remove", "anonymise", "retain"):
            raise ValueError(f"erase is remove, anonymise or retain, not {self.erase!r}")
        if self.erase == "retain" and not self.why_retained:
            raise ValueError("what is retained needs a reason: why_retained='tax law'")


@dataclass(frozen=True, slots=True)
class Erased:
    """What a plugin's own `erase_personal_data` did.

    `result` is `removed`, `anonymised` or `retained`; what is retained has a `reason`, and
    `until` where that is known.
    """

    result: str
    rows: int = 0
    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cookie:
    """Declare a cookie; `name` may end with `*`, `keep` is how long a browser holds it.

    `why` is a sentence for the privacy statement, translated like the plugin's other texts.
    """

    name: str
    purpose: Purpose
    keep: timedelta | None = None
    why: str = ""
