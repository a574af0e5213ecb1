"""What plugins reach as `self.grc`."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from typing import Protocol

from .adapter import Adapter
from .consent import Gate
from .declared import Declared
from .people.contacts import Contacts
from .people.timeline import Timeline
from .pricing import Desk
from .pricing import Pricing
from .privacy.privacy import Privacy
from .purposes import Purpose
from .storage.engine import Database
from .storage.sessions import ReadScope
from .storage.sessions import working
from .storage.sessions import writing
from .values import Cart
from .values import Customer
from .values import Order
from .values import Subject
from .visitor import Browser


class Mail(Protocol):
    """The mail room, as plugins reach it."""

    #: Return who the shop is and where, at the end of each mail.
    signature: Callable[[], str | None]

    def send(self, to: Any, template: str, key: str, kind: str, **context: Any) -> str:
        """Queue `<plugin>/<template>`, or one of the core's own mails."""

    def token(self, plugin: str, key: str) -> str:
        """Return what replies to a plugin's message name in `In-Reply-To`, before the @."""


class Services:
    """The core's services, for plugins; `shop` answers for the shop, every call fenced."""

    mail: Mail
    contacts: Contacts
    timeline: Timeline
    #: Return who asks and what they chose; None outside a request.
    browser: Callable[[], Browser | None]
    #: Return what keyed hashes are made with: the key to write with first, then older ones.
    ledger_keys: Callable[[], Sequence[bytes]]
    privacy: Privacy
    database: Database

    def __init__(
        self,
        adapter: Adapter,
        gate: Gate,
        desk: Desk,
        clock: Callable[[], datetime],
        declared: Declared,
    ) -> None:
        self.shop = adapter
        self.declared = declared
        self._gate = gate
        self._desk = desk
        self._clock = clock

    def now(self) -> datetime:
        """Return the present; tests may move it."""
        return self._clock()

    def reading(self) -> AbstractContextManager[Any]:
        """Let `self.session` only read inside this block, and give it back at its end.

        For repeated work and commands that compute for long and must not hold a lock meanwhile.
        """
        return working(ReadScope(self.database))

    def writing(self) -> AbstractContextManager[Any]:
        """Give `self.session` a transaction of this block's own, committed at its end.

        What `self.session` was outside the block must not have been touched before.
        """
        return writing(self.database)

    def price(
        self, cart: Cart, codes: Sequence[str] = (), customer: Customer | None = None
    ) -> Pricing:
        """Return what a cart costs with every plugin's offers considered."""
        subject = Subject("customer", customer.id) if customer else None
        return self._desk.price(cart, codes, customer, self._gate.consents(subject, customer))

    def consents(self, subject: Subject) -> Purpose:
        """Return what a person agreed to."""
        return self._gate.consents(subject)

    def orders(self, purpose: Purpose) -> Iterator[Order]:
        """Stream the orders of people who agreed to a purpose, for training."""
        known: dict[Subject | None, Purpose] = {}
        with self.shop.outside():
            for order in self.shop.orders():
                if not isinstance(order, Order):
                    continue
                subject = Subject.of_order(order)
                if subject not in known:
                    known[subject] = self._gate.consents(subject)
                if known[subject].allows(purpose):
                    yield order
