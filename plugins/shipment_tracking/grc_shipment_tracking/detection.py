"""Tell whose a tracking number is: every carrier that it may be of, the likeliest first."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import NamedTuple

from .numbers import forms
from .table import Format
from .table import Table
from .table import table

# Read at import, so that the first number costs no more than the others.
table()

History = Mapping[str, int] | Iterable[str] | None
_NEAR = 0.03
_FAR = 0.08
_HABIT = 0.06


class Candidate(NamedTuple):
    """A carrier that a number may be of; `confidence` is between 0 and 1."""

    courier: str
    format: str
    confidence: float
    reasons: tuple[str, ...]


def detect(
    number: str,
    *,
    enabled: Iterable[str] | None = None,
    ship_from: str | None = None,
    ship_to: str | None = None,
    history: History = None,
    carriers: Table | None = None,
) -> list[Candidate]:
    """Return the carriers that a number may be of, best first; empty where there is none.

    `enabled` are the courier codes that the shop uses; others are left out. `ship_from` and
    `ship_to` are ISO 3166 countries, `history` what the shop used so far, as codes or as counts
    by code. Where nothing else decides, Canadian carriers go first: the table's order. Numbers
    with a wrong check digit are no candidates; see `hints`.
    """
    known = carriers or table()
    wanted = None if enabled is None else frozenset(enabled)
    shares = _shares(history)
    best: dict[str, Candidate] = {}
    for form, match in _matches(number, known, wanted):
        if not form.holds(match):
            continue
        found = _weighed(form, known, ship_from, ship_to, shares.get(form.courier, 0.0))
        if form.courier not in best or found.confidence > best[form.courier].confidence:
            best[form.courier] = found
    return sorted(best.values(), key=lambda one: -one.confidence)


def hints(number: str, *, carriers: Table | None = None) -> list[Candidate]:
    """Return whose number this would be if its check digit were right: something was mistyped."""
    known = carriers or table()
    found = {
        form.courier: Candidate(form.courier, form.key, form.confidence / 4, ("wrong check digit",))
        for form, match in _matches(number, known, None)
        if not form.holds(match)
    }
    return sorted(found.values(), key=lambda one: -one.confidence)


def _matches(
    number: str, known: Table, wanted: frozenset[str] | None
) -> Iterator[tuple[Format, re.Match[str]]]:
    for text in forms(number):
        for form in known.by_length[len(text)]:
            if wanted is not None and form.courier not in wanted:
                continue
            if form.weak and wanted is None:
                continue
            match = form.pattern.fullmatch(text)
            if match and match.groupdict().get("country", "CA") in known.s10_countries:
                yield form, match


def _weighed(
    form: Format, known: Table, ship_from: str | None, ship_to: str | None, share: float
) -> Candidate:
    """Adjust what the shape says by where the parcel goes and what the shop is used to."""
    confidence = form.confidence
    reasons = ["check digit" if form.rule else "shape only"]
    served = known.carriers[form.courier].countries
    if served and (ship_from or ship_to):
        near = [country for country in (ship_from, ship_to) if country in served]
        confidence += _NEAR * len(near) if near else -_FAR
        reasons += [f"serves {country}" for country in near] or ["not a carrier of these countries"]
    if share:
        confidence += _HABIT * share
        reasons.append("used before")
    bounded = round(min(max(confidence, 0.01), 0.99), 3)
    return Candidate(form.courier, form.key, bounded, tuple(reasons))


def _shares(history: History) -> dict[str, float]:
    """Return how large a part of the past each carrier had."""
    if history is None:
        return {}
    if not isinstance(history, Mapping):
        counted: dict[str, int] = {}
        for courier in history:
            counted[courier] = counted.get(courier, 0) + 1
        history = counted
    total = sum(history.values())
    return {courier: count / total for courier, count in history.items()} if total > 0 else {}
