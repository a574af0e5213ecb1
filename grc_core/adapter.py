"""Fenced calls of the shop's adapter: what it raises or garbles never reaches a page."""

import logging
import time
from collections import deque
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from typing import TypeVar

from flask import Flask
from flask import has_request_context
from markupsafe import Markup

from . import codec
from .conversion import Converter
from .conversion import iterable
from .errors import ConversionError
from .shop import Shop
from .staff import OWNER
from .values import Cart
from .values import Customer
from .values import Order
from .values import Product

log = logging.getLogger("grc")
T = TypeVar("T")
_QUIET_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that an adapter function got wrong."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value that could not be converted; without an id, the rest of the stream is missing."""

    id: str | None
    error: str


class Problems:
    """Remember the last problems, and log each kind at most once a minute."""

    def __init__(self) -> None:
        self.last: deque[Problem] = deque(maxlen=50)
        self._logged: dict[tuple[str, str], float] = {}

    def add(self, where: str, error: BaseException) -> Problem:
        """Record an error of a part of the adapter."""
        problem = Problem(where, f"{type(error).__name__}: {error}")
        self.last.append(problem)
        now, kind = time.monotonic(), (where, type(error).__name__)
        if now - self._logged.get(kind, -_QUIET_SECONDS) >= _QUIET_SECONDS:
            self._logged[kind] = now
            log.error("shop adapter: @shop.%s: %s", where, problem.message, exc_info=error)
        return problem


class Adapter:
    """The shop as one app sees it, every call fenced and every value exact.

    The calls need an app context: a request, or `with adapter.outside():`.
    """

    def __init__(self, app: Flask, shop: Shop, base_url: str | None) -> None:
        self._app = app
        self._base_url = base_url
        self.shop = shop
        self.convert: Converter = shop.converter
        self.problems = Problems()

    def has(self, *capabilities: str) -> bool:
        """Tell whether the shop serves all of these capabilities."""
        return self.shop.capabilities.issuperset(capabilities)

    def outside(self) -> AbstractContextManager[Any]:
        """Enter a context in which adapter functions may be called without a request."""
        if has_request_context():
            return nullcontext()
        return self._app.test_request_context(base_url=self._base_url)

    def fresh(self) -> AbstractContextManager[Any]:
        """Enter a new context even inside a request, away from the host's open session."""
        return self._app.test_request_context(base_url=self._base_url)

    def customer(self) -> Customer | None:
        """Return who is signed in."""
        found = self._one("customer", self.convert.customer)
        return found if isinstance(found, Customer) else None

    def cart(self) -> Cart | None:
        """Return this visitor's cart."""
        found = self._one("cart", self.convert.cart)
        return found if isinstance(found, Cart) else None

    def staff(self) -> frozenset[str]:
        """Return the roles of who is signed in; nobody's where the shop does not say."""
        return self._one("staff", _roles) or frozenset()

    def locale(self) -> str | None:
        """Return the language that the shop shows this request in, if it says so."""
        try:
            found = self.shop.locale_function() if self.shop.locale_function else None
        except Exception as error:
            self.problems.add("locale", error)
            return None
        return str(found) if found else None

    def layout(self, title: str, head: Markup, content: Markup) -> str | None:
        """Return a plugin's page in the shop's layout; None where there is none or it fails."""
        try:
            found = self.shop.layout_function
            return str(found(title, head, content)) if found else None
        except Exception as error:
            self.problems.add("layout", error)
            return None

    def products(self, ids: Sequence[str]) -> dict[str, Product]:
        """Return products by id; unknown ones are absent."""
        if not ids:
            return {}
        found = self._many("products", self.convert.product, list(ids))
        return {item.id: item for item in found if isinstance(item, Product)}

    def catalogue(self) -> Iterator[Product]:
        """Stream all products that can be read."""
        for item in self._many("catalogue", self.convert.product):
            if isinstance(item, Product):
                yield item

    def customers(self, after: Any = None) -> Iterator[Customer | Unreadable]:
        """Stream customers from a cursor on."""
        return self._many("customers", self.convert.customer, after=after)

    def customer_by_id(self, id: str) -> Customer | None:
        """Return one customer."""
        return self._by_id("customers", self.convert.customer, id)

    def orders(self, after: Any = None) -> Iterator[Order | Unreadable]:
        """Stream placed orders from a cursor on."""
        return self._many("orders", self.convert.order, after=after)

    def orders_of(self, customer_id: str) -> list[Order]:
        """Return a customer's orders."""
        found = self._many("orders", self.convert.order, customer_id=customer_id)
        return [item for item in found if isinstance(item, Order)]

    def order_by_id(self, id: str) -> Order | None:
        """Return one order as the shop states it now."""
        return self._by_id("orders", self.convert.order, id)

    def _one(self, part: str, convert: Callable[[Any], T]) -> T | None:
        function = self.shop.functions.get(part)
        if function is None:
            return None
        try:
            raw = function()
            return None if raw is None else convert(raw)
        except Exception as error:
            self.problems.add(part, error)
            return None

    def _by_id(self, part: str, convert: Callable[[Any], T], id: str) -> T | None:
        for item in self._many(part, convert, id=id):
            if not isinstance(item, Unreadable) and str(getattr(item, "id", "")) == id:
                return item
        return None

    def _many(
        self, part: str, convert: Callable[[Any], T], *arguments: Any, **options: Any
    ) -> Iterator[T | Unreadable]:
        """Yield converted values; one bad value is `Unreadable`, the others still come."""
        function = self.shop.functions.get(part)
        if function is None:
            return
        try:
            source = iter(iterable(function(*arguments, **options), part))
        except Exception as error:
            yield self._broken(part, error)
            return
        while True:
            try:
                raw = next(source)
            except StopIteration:
                return
            except Exception as error:
                yield self._broken(part, error)
                return
            yield self._converted(part, convert, raw)

    def _broken(self, part: str, error: Exception) -> Unreadable:
        return Unreadable(None, self.problems.add(part, error).message)

    def _converted(self, part: str, convert: Callable[[Any], T], raw: Any) -> T | Unreadable:
        try:
            return _storable(convert(raw))
        except Exception as error:
            problem = self.problems.add(part, error)
            id = getattr(raw, "id", None)
            return Unreadable(None if id is None else str(id), problem.message)


def _roles(raw: Any) -> frozenset[str]:
    """Return roles from True, one name, or several; refuse anything else."""
    if isinstance(raw, bool):
        return frozenset({OWNER} if raw else ())
    names = {raw} if isinstance(raw, str) else set(raw)
    if not all(isinstance(name, str) for name in names):
        raise ConversionError(f"@shop.staff returned {raw!r:.80}; return True or a set of names")
    return frozenset(names)


def _storable(value: T) -> T:
    """Refuse what no database can hold: half characters, zero bytes, endless nesting."""
    if isinstance(value, Order | Customer):
        text = codec.dumps(value)
        text.encode("utf-8")
        if "\\u0000" in text:
            raise ConversionError(f"{type(value).__name__} {value.id!r} holds a zero byte")
    return value
