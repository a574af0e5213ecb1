"""What an export gives and an erasure did, as values."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..purposes import Erased

RESULTS = ("removed", "anonymised", "retained", "failed")


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows that one plugin stores about a person under one name; with `error`, none."""

    plugin: str
    name: str
    rows: Sequence[Mapping[str, Any]] = ()
    purpose: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one plugin did: `removed`, `anonymised`, `retained` (why, until) or `failed` (why).

    A rectification says `rectified`.
    """

    plugin: str
    result: str
    rows: int = 0
    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure; not complete as long as a plugin failed, and tried again until it is.

    Without an id there was nobody to erase, and nothing was recorded.
    """

    id: str | None
    at: datetime
    outcomes: tuple[Outcome, ...] = ()
    finished_at: datetime | None = None
    attempts: int = 1

    @property
    def complete(self) -> bool:
        """Tell whether every plugin has done its part."""
        return not any(outcome.result == "failed" for outcome in self.outcomes)


def summed(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return one outcome for each plugin, result and reason; those without a row fall away."""
    found: dict[tuple[str, str, str | None], Outcome] = {}
    for one in outcomes:
        key = (one.plugin, one.result, one.reason)
        before = found.get(key)
        if before is not None:
            until = max(filter(None, (before.until, one.until)), default=None)
            one = Outcome(*key[:2], before.rows + one.rows, one.reason, until)
        found[key] = one
    return [one for one in found.values() if one.rows or one.result == "failed"]


def outcomes_of(plugin: str, answer: Any) -> list[Outcome]:
    """Return what a plugin's own `erase_personal_data` says it did.

    Raises ValueError for an answer that is neither a number nor `Erased`.
    """
    if answer is None:
        return []
    if isinstance(answer, int):
        return [Outcome(plugin, "removed", answer)]
    answers = [answer] if isinstance(answer, Erased) else list(answer)
    for one in answers:
        if not isinstance(one, Erased) or one.result not in RESULTS[:3]:
            raise ValueError(f"erase_personal_data returns a number or Erased, not {one!r}")
    return [Outcome(plugin, x.result, x.rows, x.reason, x.until) for x in answers]


def stored(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain JSON values."""
    until = outcome.until.isoformat() if outcome.until else None
    return {"plugin": outcome.plugin, "result": outcome.result, "rows": outcome.rows,
            "reason": outcome.reason, "until": until}  # fmt: skip


def restored(value: Mapping[str, Any]) -> Outcome:
    """Return an outcome from plain JSON values."""
    until = datetime.fromisoformat(value["until"]) if value["until"] else None
    return Outcome(value["plugin"], value["result"], value["rows"], value["reason"], until)
