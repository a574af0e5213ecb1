"""What people are asked: each purpose in words, and a fingerprint of what it would mean today."""

import json
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from grc_core import Choice
from grc_core import Cookie
from grc_core import Personal
from grc_core import Purpose

#: Name and sentence of each purpose; the translations are the plugin's.
WORDS = {
    Purpose.PREFERENCES: (
        "Preferences",
        "Remember what you choose here, so that you need not choose it again.",
    ),
    Purpose.PERSONALISATION: (
        "Personal suggestions",
        "Use what you look at and buy here to suggest what may suit you.",
    ),
    Purpose.ANALYTICS: (
        "Statistics",
        "Count who looks at what, so that we can make the shop better.",
    ),
    Purpose.MARKETING: (
        "Offers and news",
        "Show you advertising and write to you with offers and news.",
    ),
}
LANGUAGES = ("en", "fr")


def labelled(purposes: Purpose) -> list[str]:
    """Return the labels of what somebody may refuse."""
    return (purposes & ~Purpose.NECESSARY).labels


@dataclass(frozen=True, slots=True)
class Asked:
    """A purpose as it is shown: label, name, sentence, and what is kept for it."""

    label: str
    name: str
    sentence: str
    uses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """What is asked for in this shop today.

    `said(plugin, text, locale)` translates a plugin's text.
    """

    purposes: Purpose
    personal: Sequence[tuple[str, Personal]]
    cookies: Sequence[tuple[str, Cookie]]
    said: Any

    @cached_property
    def prints(self) -> dict[str, str]:
        """Return a fingerprint per purpose; it changes when its meaning does."""
        return {
            label: _digest(self._meaning(Purpose.parse(label)))[:12]
            for label in labelled(self.purposes)
        }

    @property
    def version(self) -> str:
        """Return what changes when any fingerprint does."""
        return _digest(self.prints)[:12]

    def agreed(self, choice: Choice) -> Purpose:
        """Return what a choice still covers: purposes whose meaning is what was agreed to."""
        found = Purpose.NECESSARY
        for label in labelled(choice.purposes):
            if self.prints.get(label) == choice.asked.get(label):
                found |= Purpose.parse(label)
        return found

    def pending(self, choice: Choice | None, gpc: bool = False) -> Purpose:
        """Return what is still to be asked: what is new, or means something else than then.

        That holds for what was refused as for what was agreed to; what means the same is not
        asked again. Where the browser speaks for somebody (`gpc`), only what was agreed to is.
        """
        agreed = labelled(choice.purposes) if choice else []
        found = Purpose.NECESSARY
        for label, now in self.prints.items():
            then = choice.asked.get(label) if choice else None
            if then != now and (label in agreed or not gpc):
                found |= Purpose.parse(label)
        return found

    @cached_property
    def drawn(self) -> dict[Any, Any]:
        """Return what was made of this policy for pages, by what it depends on beside."""
        return {}

    def shown(self, purposes: Purpose, locale: str) -> list[Asked]:
        """Return purposes as they are shown to people; made once per language."""
        key = (purposes, locale)
        found: list[Asked] | None = self.drawn.get(key)
        if found is None:
            found = [self._asked(Purpose.parse(label), locale) for label in labelled(purposes)]
            self.drawn[key] = found
        return found

    def text(self, purposes: Purpose, locale: str) -> str:
        """Return the whole text that a choice was made on, for the proof."""
        lines: list[str] = []
        for item in self.shown(purposes, locale):
            lines += [f"{item.name} ({item.label}): {item.sentence}", *item.uses]
        return "\n".join(lines)

    def _asked(self, purpose: Purpose, locale: str) -> Asked:
        name, sentence = (self._own(text, locale) for text in WORDS[purpose & ~Purpose.NECESSARY])
        uses = [self.said(plugin, item.why, locale) for plugin, item in self._of(purpose)]
        return Asked(labelled(purpose)[0], name, sentence, tuple(dict.fromkeys(filter(None, uses))))

    def _own(self, text: str, locale: str) -> str:
        return str(self.said("privacy_consent", text, locale))

    def _of(self, purpose: Purpose) -> Iterable[tuple[str, Personal | Cookie]]:
        every: list[tuple[str, Any]] = [*self.personal, *self.cookies]
        return [(name, item) for name, item in every if item.purpose & purpose & ~Purpose.NECESSARY]

    def _meaning(self, purpose: Purpose) -> list[Any]:
        texts = [[self._own(text, language) for text in WORDS[purpose & ~Purpose.NECESSARY]]
                 for language in LANGUAGES]  # fmt: skip
        return [texts, sorted(_facts(name, item) for name, item in self._of(purpose))]


def _facts(plugin: str, item: Personal | Cookie) -> list[str]:
    """Return what is material of a declaration: what, for whom, where, how long, and why."""
    keep = str(item.keep.total_seconds()) if item.keep else ""
    if isinstance(item, Cookie):
        return [plugin, "cookie", item.name, keep, item.why]
    table = str(getattr(item.model, "__tablename__", item.model.__name__))
    who = ",".join(sorted(item.recipients))
    return [plugin, table, ",".join(sorted(item.fields)), item.basis, keep, who,
            item.country or "", item.why]  # fmt: skip


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
