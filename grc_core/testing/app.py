"""The in-memory shop as an app: a Flask app with a handful of methods for tests."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from flask import Flask
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..events import Occurrence
from ..purposes import Purpose
from ..storage.mail_models import MessageRow
from ..storage.models import DeliveryRow
from ..storage.models import EventRow
from .visitor import Choices
from .visitor import ChosenGate
from .visitor import Visitor
from .visitor import visitor_of

if TYPE_CHECKING:  # the shop makes its apps
    from .shop import MiniShop


class DeliveryFailed(AssertionError):
    """Raise when a handler raised; the shop itself would try again later."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of the outbox; `state` is `kept` where the app names no mail server."""

    to: str
    subject: str
    text: str
    html: str | None
    kind: str
    state: str


class ShopApp(Flask):
    """The shop with GRC on it."""

    mini: "MiniShop"

    def begin(self) -> None:
        """Get ready for visitors whose choice a test makes; called once GRC is on the app."""
        self.choices: Choices = {}
        self._told: set[tuple[int, int]] = set()
        ChosenGate(self.extensions["grc"].gate, self.choices)

    def visitor(
        self,
        id: str | None = None,
        consents: Purpose = Purpose.NECESSARY,
        locale: str = "en",
        *,
        gpc: bool = False,
        **customer: Any,
    ) -> Visitor:
        """Return a browser of a customer, signed up where need be, or of a stranger.

        `consents` is the choice that the person made, `gpc` whether the browser asks not to be
        tracked; `customer` are more fields of `Customer`. The customer `boss` is the staff.
        """
        known = None
        if id is not None:
            known = self.mini.customers.get(id) or self.mini.sign_up(id)
            known = self.mini.customers[id] = known.replace(consents=consents, **customer)
        return visitor_of(self, known, consents, locale, gpc, self.choices)

    def slot(self, name: str, visitor: Visitor | None = None, **about: str) -> str:
        """Return the HTML that a slot shows to a visitor, by default to a stranger.

        `about` is what the page is about: `product` and `order` are ids, `lang` its language.
        """
        return (visitor or self.visitor()).slot(name, **about)

    def emit(self, *occurrences: Occurrence) -> None:
        """Record events; `drain` delivers them."""
        with self.app_context():
            for occurrence in occurrences:
                self.extensions["grc"].emit(occurrence)

    def drain(self) -> int:
        """Deliver what is due and return how many deliveries were made.

        Raises DeliveryFailed where a handler raised, now or in a request since the last call.
        """
        runtime = self.extensions["grc"]
        runtime.visits.flush()
        delivered: int = runtime.drain()
        failed = [item for item in self._failures() if (item.id, item.attempts) not in self._told]
        self._told |= {(item.id, item.attempts) for item in failed}
        if failed:
            lines = (f"{item.subscriber} failed on {item.type}: {item.error}" for item in failed)
            raise DeliveryFailed("\n".join(lines))
        return delivered

    def rows(self, query: Any) -> list[Any]:
        """Return the rows of a model by primary key, or of a `select`, as they are stored."""
        statement = query
        if isinstance(query, type):
            statement = select(query).order_by(*inspect(query).primary_key)
        with Session(self.extensions["grc"].database.engine) as session:
            found = list(session.scalars(statement))
            session.expunge_all()
            return found

    def flask(self, *arguments: str) -> str:
        """Run a command such as `flask("grc", "plugins")` and return what it printed."""
        result = self.test_cli_runner().invoke(args=arguments)
        if result.exit_code:
            raise AssertionError(result.output) from result.exception
        return str(result.output)

    @property
    def outbox(self) -> list[Letter]:
        """Return the messages that were written so far, the oldest first."""
        table = MessageRow
        query = select(
            table.address, table.subject, table.text, table.html, table.kind, table.state
        )
        with self.extensions["grc"].database.read() as connection:
            return [Letter(*row) for row in connection.execute(query.order_by(table.id))]

    def _failures(self) -> list[Any]:
        table = DeliveryRow
        query = (
            select(table.id, table.attempts, table.subscriber, EventRow.type, table.error)
            .join(EventRow, EventRow.id == table.event_id)
            .where(table.error.is_not(None), table.state.in_(("pending", "dead")))
        )
        with self.extensions["grc"].database.read() as connection:
            return list(connection.execute(query))
