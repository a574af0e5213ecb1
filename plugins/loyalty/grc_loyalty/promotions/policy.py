"""The rules on which honest systems differ; each is said, none is implied."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo
from zoneinfo import ZoneInfoNotFoundError

from .rounding import MODES

#: `best`: the combination that saves most; `sequential`: one after the other, by priority.
STACKINGS = ("best", "sequential")
#: Where the minor units go that a proportional division leaves over.
LEFTOVERS = ("largest_remainder", "first")
#: Which of the compatible promotions of one lane may apply: as many as there are, or one.
LANES = ("combine", "one")
#: Whether a threshold looks at what the cart cost, or at what earlier promotions left of it.
THRESHOLDS = ("original", "running")


@dataclass(frozen=True, slots=True)
class Policy:
    """How discounts combine, round, divide and are taxed.

    `rounding` is for percentages. `share_rounding` is for the parts of an amount divided over
    lines, before `leftover` decides who gets the rest. `exact_up_to` candidates are combined
    exactly, more greedily. `zone` is the shop's: promotions begin and end by its clocks.
    """

    stacking: str = "best"
    thresholds: str = "original"
    lanes: str = "combine"
    rounding: str = "half_up"
    share_rounding: str = "down"
    leftover: str = "largest_remainder"
    tax_rounding: str = "half_up"
    exact_up_to: int = 12
    zone: str = "UTC"

    def __post_init__(self) -> None:
        _one_of("stacking", self.stacking, STACKINGS)
        _one_of("thresholds", self.thresholds, THRESHOLDS)
        _one_of("lanes", self.lanes, LANES)
        _one_of("leftover", self.leftover, LEFTOVERS)
        for name in ("rounding", "share_rounding", "tax_rounding"):
            _one_of(name, getattr(self, name), MODES)
        zone(self.zone)

    @classmethod
    def sequential(cls, **changes: str) -> "Policy":
        """Return the policy of systems that apply promotions one after the other."""
        return cls(stacking="sequential", thresholds="running", **changes)  # type: ignore[arg-type]


@lru_cache(maxsize=32)
def zone(name: str) -> ZoneInfo:
    """Return a time zone by its name; raises ValueError for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone, such as America/Toronto") from None


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ValueError(f"policy {name}={value!r} is unknown; known are {', '.join(known)}")
