"""Which browser a customer signed in with, told once per pair."""

from collections.abc import Callable
from datetime import datetime

from ..outbox.accept import Outbox
from ..outbox.accept import Report
from ..people.signin import SignedIn
from ..purposes import Purpose
from ..storage.engine import Database
from ..values import Subject

#: Pairs remembered per process, so that the same one is not written at each page.
_REMEMBERED = 10_000


class SignInIntake:
    """Record that a visitor is a customer, as the shop authenticated them."""

    def __init__(self, database: Database, outbox: Outbox, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._told: set[SignedIn] = set()

    def take(self, signed_in: SignedIn, consents: Purpose) -> bool:
        """Record a pair that is new to this process; tell whether it is new at all."""
        if signed_in in self._told:
            return False
        subject = Subject("customer", signed_in.customer_id)
        report = Report(signed_in, self._clock(), subject, consents)
        with self._database.write() as connection:
            fresh = self._outbox.accept(connection, [report])
        if len(self._told) >= _REMEMBERED:
            self._told.clear()
        self._told.add(signed_in)
        return bool(fresh)
