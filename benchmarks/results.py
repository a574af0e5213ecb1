"""What a benchmark found: a number, what it stands beside, and what it may be."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Words of the last column.
MET, MISSED, NOISY, NO_BUDGET = "met", "MISSED", "too noisy", "-"


@dataclass(frozen=True, slots=True)
class Run:
    """How thoroughly to measure, and where files may be written."""

    folder: Path
    quick: bool = False
    verbose: bool = False

    def rounds(self, full: int, quick: int) -> int:
        """Return one of two numbers of rounds."""
        return quick if self.quick else full

    def place(self, name: str) -> Path:
        """Return a new folder for one part of the run."""
        path = self.folder / name
        path.mkdir(parents=True)
        return path


@dataclass(frozen=True, slots=True)
class Budget:
    """What is allowed: at most so much, or at least where `least`."""

    limit: float
    least: bool = False
    #: whether the ratio to the anchor is limited, not the number itself
    of_ratio: bool = False


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the number stands beside, measured in the same run and in the same unit."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """One number; `unit` is `ms`, `s`, `/s`, `KB`, `MB`, `SQL` or empty."""

    what: str
    measured: float
    unit: str
    anchor: Anchor | None = None
    budget: Budget | None = None
    #: percentiles and the like
    detail: str = ""
    #: what the same measurement says of two equal things, in the same unit
    noise: float = 0.0

    @property
    def ratio(self) -> float | None:
        """Return the number as a part of its anchor."""
        return self.measured / self.anchor.value if self.anchor and self.anchor.value else None

    @property
    def verdict(self) -> str:
        """Tell whether the budget is kept; noise that is larger than the budget tells nothing."""
        if self.budget is None:
            return NO_BUDGET
        value = self.ratio if self.budget.of_ratio else self.measured
        if value is None:
            return MISSED
        if self.noise > self.budget.limit:
            return NOISY
        kept = value >= self.budget.limit if self.budget.least else value <= self.budget.limit
        return MET if kept else MISSED

    def as_json(self) -> Mapping[str, Any]:
        """Return the line as JSON types."""
        return {**asdict(self), "ratio": self.ratio, "verdict": self.verdict}


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that could not be measured, and why."""

    what: str
    why: str

    def as_json(self) -> Mapping[str, Any]:
        """Return the gap as JSON types."""
        return {"what": self.what, "verdict": "not measured", "detail": self.why}


Found = Line | Skipped
Benchmark = Callable[[Run], Iterable[Found]]
