"""What a widget sees of the page it stands on."""

from collections.abc import Collection
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any
from typing import Protocol

from flask import Request

from ..adapter import Adapter
from ..errors import PersonalAccess
from ..frequency import Shown
from ..people.contact import Contact
from ..pricing import Desk
from ..pricing import Pricing
from ..purposes import Purpose
from ..values import Cart
from ..values import Customer
from ..values import Order
from ..values import Product
from ..values import Subject
from ..visitor import VISITOR
from ..visitor import RequestState
from .proof import OrderProof
from .proof import signed_order

PERSONAL = frozenset(
    {"customer", "visitor", "subject", "contact", "cart", "order", "pricing", "consents"}
)


class People(Protocol):
    """Who answers who somebody is, and when it is."""

    def contact_of(self, subject: Subject) -> Contact | None:
        """Return a subject's contact; None also where it cannot be read."""

    def clock(self) -> datetime:
        """Return the present."""


class Source:
    """What the widgets of one response share: each product, order and price is read once.

    `placed` are ids of orders that this very request placed.
    """

    def __init__(
        self,
        request: Request,
        state: RequestState,
        adapter: Adapter,
        desk: Desk,
        proof: OrderProof,
        people: People,
        placed: Collection[str] = (),
    ) -> None:
        self.request = request
        self.state = state
        self._adapter = adapter
        self._desk = desk
        self._proof = proof
        self._people = people
        self._placed = placed
        self._wanted: set[str] = set()
        self._products: dict[str, Product] | None = None
        self._orders: dict[tuple[str | None, str | None], Order | None] = {}

    def expect(self, products: Iterable[str | None]) -> None:
        """Say which products will be asked for, so that they are read together."""
        self._wanted.update(id for id in products if id)

    def product(self, id: str | None) -> Product | None:
        """Return a product."""
        if id is None:
            return None
        if self._products is None or id not in self._wanted:
            self._wanted.add(id)
            self._products = self._adapter.products(sorted(self._wanted))
        return self._products.get(id)

    def order(self, id: str | None, token: str | None) -> Order | None:
        """Return an order as the shop states it now, if this browser may see it."""
        key = (id, token)
        if key not in self._orders:
            self._orders[key] = self._permitted(id, token)
        return self._orders[key]

    @cached_property
    def pricing(self) -> Pricing | None:
        """Return what the cart costs."""
        cart = self.state.cart
        if cart is None:
            return None
        return self._desk.price(cart, (), self.state.verified, self.state.consents)

    @cached_property
    def contact(self) -> Contact | None:
        """Return who is looking as a contact; None for one whom nobody knows or may know."""
        subject = self.state.subject
        return self._people.contact_of(subject) if subject.id else None

    @cached_property
    def today(self) -> int:
        """Return the number of the day."""
        return self._people.clock().toordinal()

    def _permitted(self, id: str | None, token: str | None) -> Order | None:
        signed = signed_order(self.state.app, token)
        wanted = id or signed
        order = self._adapter.order_by_id(wanted) if wanted else None
        if order is None:
            return None
        if order.id == signed:
            return order
        allowed = self._proof.allows(order, self.state, self.request, self._placed)
        return order if allowed else None


class PublicPage:
    """The parts of a page that are the same for everybody.

    The personal ones raise PersonalAccess: what a public widget shows may be cached.
    """

    def __init__(self, source: Source, slot: str, endpoint: str | None, path: str,
                 product_id: str | None = None) -> None:  # fmt: skip
        self._source = source
        self.slot = slot
        self.endpoint = endpoint
        self.path = path
        self._product_id = product_id

    def __getattr__(self, name: str) -> Any:
        if name in PERSONAL:
            raise PersonalAccess(
                f"a widget in {self.slot} is declared public=True but reads page.{name}; "
                "remove public=True, or what is personal"
            )
        raise AttributeError(f"a page has no {name!r}")

    @property
    def locale(self) -> str:
        """Return the language of the page, else the shop's first."""
        state = self._source.state
        return state.page_locale or state.default_locale

    @cached_property
    def product(self) -> Product | None:
        """Return the product that the slot is about."""
        return self._source.product(self._product_id)


class Page(PublicPage):
    """The page a widget stands on; each part is read when it is first asked for."""

    def __init__(
        self,
        source: Source,
        slot: str,
        endpoint: str | None,
        path: str,
        product_id: str | None = None,
        order_id: str | None = None,
        token: str | None = None,
    ) -> None:
        super().__init__(source, slot, endpoint, path, product_id)
        self._order_id = order_id
        self._token = token

    @property
    def locale(self) -> str:
        """Return the language of the page, else of the person."""
        return self._source.state.locale

    @property
    def customer(self) -> Customer | None:
        """Return the customer, if the shop authenticated them."""
        return self._source.state.verified

    @property
    def is_about_nothing(self) -> bool:
        """Tell whether the slot names a product or an order that cannot be shown."""
        if self._product_id is not None and self.product is None:
            return True
        return self._order_id is not None and self.order is None

    @property
    def is_staff(self) -> bool:
        """Tell whether the shop's staff is looking."""
        return bool(self._source.state.staff)

    @cached_property
    def visitor(self) -> str | None:
        """Return the browser's random id, if it agreed to be recognised."""
        return self._source.state.ensure_visitor()

    @property
    def subject(self) -> Subject:
        """Return who is looking, as handlers know them; without an id unless they agreed."""
        state = self._source.state
        if not state.subject.id:
            state.ensure_visitor()
        return state.subject

    @property
    def contact(self) -> Contact | None:
        """Return who is looking as a contact, with stage, tags and statistics."""
        return self._source.contact

    @property
    def contact_kind(self) -> str:
        """Return the kind of contact who is looking; `visitor` for one who is none."""
        return self.contact.kind if self.contact else VISITOR

    @property
    def shown(self) -> Shown:
        """Return how often this browser was shown what is limited."""
        return self._source.state.shown

    @property
    def today(self) -> int:
        """Return the number of the day."""
        return self._source.today

    @property
    def cart(self) -> Cart | None:
        """Return the cart."""
        return self._source.state.cart

    @property
    def consents(self) -> Purpose:
        """Return what the person agreed to."""
        return self._source.state.consents

    @property
    def pricing(self) -> Pricing | None:
        """Return what the cart costs, with the offers of all plugins."""
        return self._source.pricing

    @cached_property
    def order(self) -> Order | None:
        """Return the order that the slot is about, if this browser may see it."""
        return self._source.order(self._order_id, self._token)
