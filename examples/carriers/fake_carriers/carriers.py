"""What the carriers know, how they behave, and what they were asked."""

from collections import deque
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from .steps import STEPS
from .steps import Journey
from .steps import Scan

#: The clock of everything that happens.
ZONE = ZoneInfo("America/Toronto")


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that takes the place of the right one.

    A status of 0 lets the right answer through, late (`seconds`), in drops with that many seconds
    between two (`drip`), or half of it (`cut`).
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    drip: float = 0.0
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: what was sent where."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Carriers:
    """Five carriers in one place.

    `journeys` is what they know by number, `asked` what they were asked, `next` holds faults,
    first come first served. `repeats` is how often each event is told, `shuffled` whether in any
    order. `url` is where they are while they are served.
    """

    def __init__(self) -> None:
        self.journeys: dict[str, Journey] = {}
        self.asked: list[Asked] = []
        self.next: deque[Fault] = deque()
        self.repeats = 1
        self.shuffled = False
        self.url = ""
        self.tokens: set[str] = set()
        self._issued = 0
        self._chance = Random(1998)

    def tell(
        self, number: str, step: str, at: datetime, place: str = "RIMOUSKI", region: str = "QC"
    ) -> None:
        """Let a parcel reach a step of `STEPS`."""
        if step not in STEPS:
            raise ValueError(f"no step {step!r}; there are {', '.join(STEPS)}")
        scan = Scan(step, at.astimezone(ZONE).replace(microsecond=0), place, region)
        self.journeys.setdefault(number, Journey()).scans.append(scan)

    def promise(self, number: str, day: date | None, service: str = "Expedited") -> None:
        """Let a carrier promise a day for a parcel."""
        journey = self.journeys.setdefault(number, Journey())
        journey.promised, journey.service = day, service

    def journey(self, number: str) -> Journey | None:
        """Return what is known of a number, None for one that no carrier knows."""
        return self.journeys.get(number)

    def scans(self, journey: Journey) -> Sequence[Scan]:
        """Return the events of a journey as they are told: perhaps repeated, perhaps shuffled."""
        told = [scan for scan in journey.scans for _ in range(self.repeats)]
        if self.shuffled:
            self._chance.shuffle(told)
        return told

    def token(self) -> str:
        """Return a new token of OAuth 2."""
        self._issued += 1
        found = f"token-{self._issued}"
        self.tokens.add(found)
        return found

    def paths(self) -> list[str]:
        """Return the paths that were asked for, without their queries."""
        return [one.path.partition("?")[0] for one in self.asked]

    def config(self) -> dict[str, dict[str, Any]]:
        """Return the setting `SHIPMENT_TRACKING_CARRIERS` that leads here."""
        name, secret = {"username": "demo"}, {"password": "demo"}
        oauth = {"client_id": "demo", "client_secret": "demo"}
        keys: dict[str, dict[str, Any]] = {
            "canada_post": name | secret,
            "fedex": oauth,
            "purolator": {"key": "demo"} | secret,
            "ups": oauth,
            "usps": oauth,
        }
        return {courier: {"base_url": self.url, **own} for courier, own in keys.items()}
