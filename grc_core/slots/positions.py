"""The order of widgets in a slot, as the merchant arranged it without code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..frequency import LONGEST_DAYS
from ..loading import Tables
from ..purposes import Purpose
from ..settings import SettingsStore
from .guard import Entry
from .page import Page

_LAST = float("inf")


@dataclass(frozen=True, slots=True)
class Rule:
    """What the merchant stored about a widget in a slot; an empty limit is none."""

    position: float = _LAST
    hidden: bool = False
    endpoints: frozenset[str] = frozenset()
    locales: frozenset[str] = frozenset()
    #: kinds of contacts who see it; `visitor` is who is no contact
    kinds: frozenset[str] = frozenset()
    #: a browser sees it so many times in so many days; 0 is no limit
    most: int = 0
    days: int = 1

    @property
    def personal(self) -> bool:
        """Tell whether it depends on who is looking."""
        return bool(self.kinds or self.most)

    @classmethod
    def of(cls, stored: object) -> "Rule":
        """Read a stored rule; what has the wrong type is passed over."""
        if not isinstance(stored, Mapping):
            return cls()
        position = stored.get("position")
        numbered = isinstance(position, int | float) and not isinstance(position, bool)
        return cls(
            float(position) if numbered and position is not None else _LAST,
            stored.get("hidden") is True,
            _names(stored.get("endpoints")),
            _names(stored.get("locales")),
            _names(stored.get("kinds")),
            _count(stored.get("most")),
            min(_count(stored.get("days")) or 1, LONGEST_DAYS),
        )

    def admits(self, endpoint: str | None, locale: str) -> bool:
        """Tell whether the widget may show on a page."""
        here = not self.endpoints or endpoint in self.endpoints
        return here and (not self.locales or locale in self.locales)

    def welcomes(self, entry: Entry, page: Page) -> bool:
        """Tell whether the widget may show to who is looking.

        Times are counted in browsers that agreed to preferences; others see it each time.
        """
        if self.kinds and page.contact_kind not in self.kinds:
            return False
        if not self.most or not page.consents.allows(Purpose.PREFERENCES):
            return True
        return page.shown.times(_counted(entry), self.days, page.today) < self.most

    def note(self, entry: Entry, page: Page) -> None:
        """Count a showing, where it is limited and may be counted."""
        if self.most and page.consents.allows(Purpose.PREFERENCES):
            page.shown.add(_counted(entry), self.days, page.today)


_ANYWHERE = Rule()
_Arranged = tuple[tuple[Entry, Rule], ...]


class Positions:
    """Arrange the widgets of each slot: the merchant's position, priority, plugin name."""

    def __init__(self, tables: Tables, settings: SettingsStore) -> None:
        self._settings = settings
        self.entries = {
            slot: tuple(Entry(item, slot) for item in items if item.off is None)
            for slot, items in tables.slots.items()
        }
        self._stored: Mapping[str, Any] | None = None
        self._arranged: dict[str, _Arranged] = {}

    def of(self, slot: str, endpoint: str | None, locale: str) -> list[Entry]:
        """Return the widgets that are on in a slot of a page, in their order."""
        return [
            entry
            for entry, rule in self._rules(slot)
            if entry.loaded.off is None and (rule is _ANYWHERE or rule.admits(endpoint, locale))
        ]

    def _rules(self, slot: str) -> _Arranged:
        stored = self._settings.stored("core")
        if stored is not self._stored and stored != self._stored:
            self._stored, self._arranged = stored, {}
        found = self._arranged.get(slot)
        if found is None:
            if slot not in self.entries:
                return ()  # not kept: a request may name any number of slots that nobody fills
            found = self._arranged[slot] = self._arrange(slot, stored.get("widgets"))
        return found

    def _arrange(self, slot: str, widgets: object) -> _Arranged:
        rules = widgets if isinstance(widgets, Mapping) else {}
        found: list[tuple[Entry, Rule]] = []
        for entry in self.entries.get(slot, ()):
            slots = rules.get(entry.label)
            rule = Rule.of(slots.get(slot)) if isinstance(slots, Mapping) else _ANYWHERE
            if not rule.hidden:
                found.append((entry.limited(rule) if rule.personal else entry, rule))
        # Stable: the tables are sorted by priority and name already.
        return tuple(sorted(found, key=lambda pair: pair[1].position))


def _counted(entry: Entry) -> str:
    return f"{entry.label} {entry.slot}"


def _count(value: object) -> int:
    numbered = isinstance(value, int) and not isinstance(value, bool)
    return max(0, value) if numbered and isinstance(value, int) else 0


def _names(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset({value})
    if isinstance(value, list | tuple):
        return frozenset(item for item in value if isinstance(item, str))
    return frozenset()
