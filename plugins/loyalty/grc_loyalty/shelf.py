"""Promotions as they are now: a rule for the engine, titles and limits."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from .known import Rules
from .models import Promotion
from .models import Wording
from .promotions import Promotion as Rule
from .reading import promotion_of


@dataclass(frozen=True, slots=True)
class Stored:
    """A promotion as it is now: its rule for the engine, its titles and its limits."""

    rule: Rule
    title_en: str
    title_fr: str
    needs_code: bool
    limit_total: int | None
    limit_customer: int | None
    used: int

    def title(self, locale: str) -> str:
        """Return the title in a language."""
        french = locale.lower().startswith("fr")
        return (self.title_fr or self.title_en) if french else (self.title_en or self.title_fr)

    @property
    def is_used_up(self) -> bool:
        """Tell whether the limit in all is reached."""
        return self.limit_total is not None and self.used >= self.limit_total


class Shelf:
    """What promotions say, kept in memory: a version never changes."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[Rule, str, str]] = {}

    def of(self, session: Session, promotions: Mapping[str, Rules]) -> dict[str, Stored]:
        """Return promotions with what their versions say, reading only what is not known yet."""
        wanted = {(key, row.version) for key, row in promotions.items()}
        known = {pair: self._known[pair] for pair in wanted if pair in self._known}
        if len(known) < len(wanted):
            keys = [key for key, version in wanted if (key, version) not in known]
            for found in session.scalars(select(Wording).where(Wording.promotion.in_(keys))):
                if (found.promotion, found.version) in wanted:
                    said = _rule_of(found), found.title_en, found.title_fr
                    known[found.promotion, found.version] = said
        self._known = known
        return {
            key: Stored(
                *known[key, row.version],
                row.needs_code,
                row.limit_total,
                row.limit_customer,
                row.used,
            )
            for key, row in promotions.items()
        }


def _rule_of(wording: Wording) -> Rule:
    return promotion_of({**json.loads(wording.definition), "id": wording.promotion})


def promotions_on(session: Session) -> dict[str, Stored]:
    """Return the promotions that are switched on, by key."""
    joined = (Wording.promotion == Promotion.key) & (Wording.version == Promotion.version)
    rows = session.execute(
        select(Promotion, Wording)
        .join(Wording, joined)
        .where(Promotion.is_on)
        .order_by(Promotion.key)
    )
    return {row.key: stored(row, version) for row, version in rows}


def stored(row: Promotion, version: Wording) -> Stored:
    """Return a promotion with one of its versions as a value."""
    return Stored(
        _rule_of(version),
        version.title_en,
        version.title_fr,
        row.needs_code,
        row.limit_total,
        row.limit_customer,
        row.used,
    )
