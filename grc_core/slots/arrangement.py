"""The merchant's rules about widgets: which, in which order, hidden, limited to whom."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from ..errors import GRCError
from ..errors import nearest
from ..loading import Contribution
from ..loading import Tables
from ..settings import SettingsStore

#: Rules by widget, then slot.
Rules = dict[str, dict[str, dict[str, Any]]]
#: What a rule may limit a widget to.
LIMITS = ("endpoints", "locales", "kinds", "most", "days")


class Arrangement:
    """Read and change the rules of one app, for every process."""

    def __init__(self, tables: Tables, settings: SettingsStore) -> None:
        self._tables = tables
        self._settings = settings

    @property
    def rules(self) -> Rules:
        """Return what is stored."""
        stored: Any = self._settings.stored("core").get("widgets")
        return {name: dict(slots) for name, slots in stored.items()} if stored else {}

    def rule(self, widget: str, slot: str) -> dict[str, Any]:
        """Return what is stored about a widget in a slot."""
        return dict(self.rules.get(widget, {}).get(slot) or {})

    def of(self, slot: str) -> list[tuple[Contribution, dict[str, Any]]]:
        """Return a slot's widgets, hidden ones too, in their order, with their rules."""
        rules = self.rules
        found = [
            (item, rules.get(item.label, {}).get(slot) or {})
            for item in self._tables.slots.get(slot, ())
        ]
        return sorted(found, key=lambda pair: pair[1].get("position", float("inf")))

    def slots_of(self, widget: str, slot: str | None = None) -> list[str]:
        """Return the widget's slots, or the one that was named; raise naming the nearest."""
        filled: dict[str, list[str]] = {}
        for name, items in self._tables.slots.items():
            for item in items:
                filled.setdefault(item.label, []).append(name)
        if widget not in filled:
            raise GRCError(f"there is no widget {widget!r}{nearest(widget, filled)}")
        if slot is not None and slot not in filled[widget]:
            hint = nearest(slot, filled[widget])
            raise GRCError(
                f"{widget} does not fill {slot!r}, but {', '.join(filled[widget])}{hint}"
            )
        return [slot] if slot else filled[widget]

    def move(self, widget: str, slot: str, position: int) -> list[str]:
        """Move a widget to a position in a slot, 1 being the top; return the new order."""
        self.slots_of(widget, slot)
        labels = [item.label for item, _ in self.of(slot) if item.label != widget]
        labels.insert(position - 1, widget)
        places = {label: place for place, label in enumerate(labels, 1)}
        self._store(places, [slot], lambda rule, label: rule.update(position=places[label]))
        return labels

    def hide(self, widget: str, slot: str | None = None) -> list[str]:
        """Hide a widget in a slot, or everywhere; return the slots."""
        slots = self.slots_of(widget, slot)
        self._store([widget], slots, lambda rule, label: rule.update(hidden=True))
        return slots

    def show(self, widget: str, slot: str | None = None) -> list[str]:
        """Show a widget again in a slot, or everywhere; return the slots."""
        slots = self.slots_of(widget, slot)
        self._store([widget], slots, lambda rule, label: rule.pop("hidden", None))
        return slots

    def limit(self, widget: str, slot: str | None, limits: Mapping[str, Any]) -> list[str]:
        """Replace a widget's limits in a slot, or everywhere; return the slots."""
        slots = self.slots_of(widget, slot)
        given = {name: limits[name] for name in LIMITS if limits.get(name)}

        def replace(rule: dict[str, Any], label: str) -> None:
            for name in LIMITS:
                rule.pop(name, None)
            rule.update(given)

        self._store([widget], slots, replace)
        return slots

    def _store(
        self,
        widgets: Iterable[str],
        slots: Iterable[str],
        change: Callable[[dict[str, Any], str], object],
    ) -> None:
        """Change the rules of widgets in slots; other settings stay."""
        rules = self.rules
        for label in widgets:
            for slot in slots:
                rule = dict(rules.setdefault(label, {}).get(slot) or {})
                change(rule, label)
                rules[label][slot] = rule
        stored = self._settings.stored("core")
        self._settings.store("core", {**stored, "widgets": rules})


def limits_of(
    endpoints: Iterable[str],
    locales: Iterable[str],
    kinds: Iterable[str],
    most: int | None,
    days: int | None,
) -> dict[str, Any]:
    """Return limits as a rule holds them, without those that limit nothing."""
    given = {
        "endpoints": list(endpoints),
        "locales": list(locales),
        "kinds": list(kinds),
        "most": most,
        "days": (days or 1) if most else None,
    }
    return {name: value for name, value in given.items() if value}


def limit_words(rule: Mapping[str, Any]) -> list[str]:
    """Return a rule's limits in words."""
    words = {"endpoints": "on", "locales": "in", "kinds": "for"}
    found = [f"{word} {' and '.join(rule[name])}" for name, word in words.items() if rule.get(name)]
    if rule.get("most"):
        found.append(f"at most {rule['most']} times in {rule.get('days', 1)} days")
    return found
