"""Customers as they are pulled: each new one is a sign-up."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from ..adapter import Adapter
from ..adapter import Unreadable
from ..consent import Gate
from ..events import SignUp
from ..outbox.accept import Outbox
from ..outbox.accept import Report
from ..outbox.accept import known_keys
from ..storage.engine import Database
from ..values import Customer
from ..values import Subject

SOURCE = "customers"
_CHUNK = 500
#: Tells who of some subjects was erased: they do not sign up again.
Forgotten = Callable[[Connection, Iterable[Subject]], set[Subject]]


class SignUpIntake:
    """Record customers that were not known before."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        adapter: Adapter,
        gate: Gate,
        clock: Callable[[], datetime],
        forgotten: Forgotten,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._adapter = adapter
        self._gate = gate
        self._clock = clock
        self._forgotten = forgotten

    def take(self, page: Sequence[Customer | Unreadable], *, prime: bool = False) -> int:
        """Record a page of customers; return how many were new."""
        customers = [item for item in page if isinstance(item, Customer)]
        chunks = range(0, len(customers), _CHUNK)
        return sum(self._record(customers[start : start + _CHUNK], prime) for start in chunks)

    def _record(self, customers: Sequence[Customer], prime: bool) -> int:
        with self._database.read() as connection:
            known = known_keys(connection, SignUp.hook, [item.id for item in customers])
            fresh = [item for item in customers if item.id not in known]
            gone = self._forgotten(connection, [Subject("customer", item.id) for item in fresh])
        fresh = [item for item in fresh if Subject("customer", item.id) not in gone]
        if not fresh:
            return 0
        with self._adapter.fresh():
            reports = [self._report(item, prime) for item in fresh]
        with self._database.write() as connection:
            return len(self._outbox.accept(connection, reports))

    def _report(self, customer: Customer, prime: bool) -> Report:
        subject = Subject("customer", customer.id)
        at = customer.created_at or self._clock()
        if prime:
            return Report(SignUp(customer), at, subject, known=True)
        consents = self._gate.consents(subject, customer)
        return Report(SignUp(customer), at, subject, consents)
