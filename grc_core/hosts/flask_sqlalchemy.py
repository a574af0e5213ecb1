"""A shop whose customers, products and orders are Flask-SQLAlchemy models: `SQLAlchemyShop`.

It reads in batches through the shop's own session, and imports nothing of the shop: the models
may be classes, or names or functions where the adapter is imported before they are defined.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from ..errors import NotConfigured
from ..errors import nearest
from ..events import OrderPlaced
from ..extension import GRC
from ..shop import Shop
from ..values import Customer
from ..values import Order
from ..values import OrderLine
from ..values import Product
from .columns import USUAL
from .columns import Columns
from .reading import Field

#: A model, its name, or a function that returns it.
ModelOf = type | str | Callable[[], type] | None
#: Rows that are loaded, with what belongs to them, at once.
_BATCH = 500


class SQLAlchemyShop(Shop):
    """A shop on Flask-SQLAlchemy 3: `SQLAlchemyShop(db, user=User, order=Order, currency="CAD")`.

    `fields` says what does not stand under a usual name: `{"order": {"state": "status"}}`, with
    the parts `user`, `product`, `order` and `line`. A field is the name of an attribute, with
    dots through others, or a function of the row. `placed` returns the condition that an order
    was placed (all are without it), `on_sale` that a product is sold; `states` maps the shop's
    states to GRC's. What else a `Shop` takes may follow.
    """

    def __init__(
        self,
        db: Any,
        *,
        currency: str,
        user: ModelOf = None,
        product: ModelOf = None,
        order: ModelOf = None,
        fields: Mapping[str, Mapping[str, Field]] | None = None,
        states: Mapping[Any, str] | None = None,
        placed: Callable[[], Any] | None = None,
        on_sale: Callable[[], Any] | None = None,
        **shop: Any,
    ) -> None:
        super().__init__(currency, **shop)
        self.db = db
        self._models = {"user": user, "product": product, "order": order}
        self._given = fields or {}
        self._states = states or {}
        self._placed, self._on_sale = placed, on_sale
        self._columns: dict[str, Columns] = {}
        for name in self._given:
            if name not in USUAL:
                hint = nearest(name, USUAL)
                raise NotConfigured(f"fields= knows {', '.join(USUAL)}, and not {name!r}{hint}")
        if user is not None:
            self.customers(self._customers)
        if product is not None:
            self.products(self._products)
            self.catalogue(self._catalogue)
        if order is not None:
            self.orders(self._orders)

    def engine(self) -> Any:
        """Return the shop's engine, for `GRC(shop, engine=shop.engine)`."""
        return self.db.engine

    def emit(self, grc: GRC, order: Any) -> None:
        """Record a row as a placed order, in the shop's own transaction: before its commit."""
        self.db.session.flush()
        grc.emit(OrderPlaced(self.order_of(order)), session=self.db.session)

    def customer_of(self, row: Any) -> Customer:
        """Return a row of the users as a Customer."""
        columns = self._of("user")
        values = columns.values(row)
        values["id"] = columns.id(row)
        values.setdefault("cursor", values.get("created_at", columns.key(row)))
        return Customer(**{**values, "email_verified": bool(values.get("email_verified"))})

    def product_of(self, row: Any) -> Product:
        """Return a row of the products as a Product."""
        columns = self._of("product")
        values = {**columns.values(row), "id": columns.id(row)}
        values["available"] = values.get("available") in (None, True, 1)
        return Product(**values)

    def order_of(self, row: Any) -> Order:
        """Return a row of the orders, with its lines, as an Order."""
        columns = self._of("order")
        values = {**columns.values(row), "id": columns.id(row)}
        values.setdefault("cursor", values.get("placed_at"))
        state = values.get("state", "placed")
        values["state"] = self._states.get(state, getattr(state, "value", state))
        values["lines"] = [self._line(item) for item in values.get("lines") or ()]
        return Order(**values)

    def _line(self, item: Any) -> OrderLine:
        return OrderLine(**self._line_columns(type(item)).values(item))

    def _line_columns(self, model: Any) -> Columns:
        if "line" not in self._columns:
            self._columns["line"] = Columns("line", model, self._given.get("line", {}))
        return self._columns["line"]

    def _of(self, kind: str) -> Columns:
        """Return how a model is read; looked at once the shop has defined all of them."""
        if kind not in self._columns:
            model = self._model(self._models[kind], kind)
            self._columns[kind] = Columns(kind, model, self._given.get(kind, {}))
        return self._columns[kind]

    def _model(self, given: ModelOf, kind: str) -> Any:
        if given is None:
            raise NotConfigured(f"SQLAlchemyShop was given no {kind}=")
        if not isinstance(given, str):
            return given if isinstance(given, type) else given()
        known = {item.class_.__name__: item.class_ for item in self.db.Model.registry.mappers}
        if given not in known:
            raise NotConfigured(f"there is no model {given!r}{nearest(given, known)}")
        return known[given]

    def _customers(self, *, after: Any = None, id: str | None = None) -> Iterator[Customer]:
        columns = self._of("user")
        cursor = columns.column("cursor", "created_at")
        query = self._query(columns, cursor, after, id=id)
        return map(self.customer_of, self._rows(query))

    def _products(self, ids: Sequence[str]) -> Iterator[Product]:
        columns = self._of("product")
        query = select(columns.model).where(columns.matches("id", ids))
        return map(self.product_of, self._rows(query.options(*columns.loading())))

    def _catalogue(self) -> Iterator[Product]:
        columns = self._of("product")
        query = select(columns.model).order_by(columns.column("id"))
        if self._on_sale is not None:
            query = query.where(self._on_sale())
        return map(self.product_of, self._rows(query.options(*columns.loading())))

    def _orders(
        self, *, after: Any = None, id: str | None = None, customer_id: str | None = None
    ) -> Iterator[Order]:
        columns = self._of("order")
        cursor = columns.column("cursor", "placed_at")
        query = self._query(columns, cursor, after, id=id, customer_id=customer_id)
        if self._placed is not None:
            query = query.where(self._placed())
        return map(self.order_of, self._rows(query))

    def _query(self, columns: Columns, cursor: Any, after: Any, **wanted: str | None) -> Any:
        query = select(columns.model).order_by(cursor, columns.column("id"))
        for name, id in wanted.items():
            if id is not None:
                query = query.where(columns.matches(name, [id]))
        if after is not None:
            query = query.where(cursor >= after)
        return query.options(*columns.loading(self._behind(columns)))

    def _behind(self, columns: Columns) -> dict[str, list[Any]]:
        """Return what the fields of an order's lines go through."""
        lines = columns.related("lines")
        return {} if lines is None else {"lines": self._line_columns(lines).loading()}

    def _rows(self, query: Any) -> Iterator[Any]:
        found = self.db.session.scalars(query.execution_options(yield_per=_BATCH))
        return iter(found)
