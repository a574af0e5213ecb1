"""The models in use: read-only in memory, exchanged when another version is stored."""

import threading
import time
from collections.abc import Callable
from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING
from typing import Any

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .catalogue import Catalogue
from .counting import companions
from .rules import Decision
from .rules import Rules
from .tables import Learnt
from .tables import Rule

if TYPE_CHECKING:
    from .recommender import Recommender

CATALOGUE = "catalogue"
#: Models that are trained, in this order.
KINDS = ("cart", "new", "repeat", "session")
#: How long a process may go on with what it has, in seconds.
LIFE = 1.0
#: How long live counts may be used again, in seconds.
COUNTED = 60.0


class InUse:
    """What one process serves from; several processes agree within `LIFE` and a request."""

    def __init__(self) -> None:
        self.catalogue = Catalogue({})
        self.rules = Rules(())
        self.models: dict[str, Recommender] = {}
        self.versions: dict[str, int] = {}
        self._read_at = float("-inf")
        self._live: dict[str, list[tuple[str, int]]] = {}
        self._counted_at = float("-inf")
        self._lock = threading.Lock()

    def refresh(self, session: Callable[[], Session]) -> "InUse":
        """Look for newer versions and rules, at most once a second; else no session is opened."""
        now = time.monotonic()
        if now - self._read_at < LIFE or not self._lock.acquire(blocking=False):
            return self
        try:
            self._read_at = now
            self._read(session())
        finally:
            self._lock.release()
        return self

    def companions(
        self, session: Callable[[], Session], products: Sequence[str]
    ) -> dict[str, list[tuple[str, int]]]:
        """Return what was ordered with products that no model knows yet; asked once a minute."""
        now = time.monotonic()
        if now - self._counted_at >= COUNTED:
            self._live, self._counted_at = {}, now
        live = self._live
        missing = [id for id in products if id not in live]
        if missing:
            live.update(companions(session(), missing))
        return {id: live[id] for id in products}

    def with_rules(self, rules: Rules) -> "InUse":
        """Return the same models with other rules, for a preview."""
        other = copy(self)
        other.rules = rules
        return other

    def forget(self) -> None:
        """Look again at the next request, because this process has just changed something."""
        self._read_at = self._counted_at = float("-inf")

    def _read(self, session: Session) -> None:
        served = Learnt.kind.in_((*KINDS, CATALOGUE))
        newest = select(Learnt.kind, func.max(Learnt.version)).where(served).group_by(Learnt.kind)
        stored = {row[0]: row[1] for row in session.execute(newest)}
        changed = [
            version for kind, version in stored.items() if self.versions.get(kind) != version
        ]
        if changed:
            rows = session.execute(
                select(Learnt.kind, Learnt.version, Learnt.blob).where(Learnt.version.in_(changed))
            ).all()
            for kind, version, blob in rows:
                self._exchange(kind, version, blob)
        decided = session.scalars(select(Rule).where(Rule.active).order_by(Rule.id)).all()
        self.rules = Rules(tuple(Decision.of(row) for row in decided))

    def _exchange(self, kind: str, version: int, blob: bytes) -> None:
        if kind == CATALOGUE:
            self.catalogue = Catalogue.loads(blob)
        else:
            from .storing import load

            found: Any = load(blob)
            if found is not None:
                self.models = {**self.models, kind: found}
        self.versions = {**self.versions, kind: version}
