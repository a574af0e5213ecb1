"""Columns of a shop's own models: by the names that shops use, with ids of any type."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import selectinload

from ..errors import NotConfigured
from .reading import Field
from .reading import read

#: Where each field of a value is looked for, the likeliest name first.
USUAL: Mapping[str, Mapping[str, Sequence[str]]] = {
    "user": {
        "email": ("email", "email_address", "mail"),
        "name": ("first_name", "firstname", "name", "full_name", "username"),
        "locale": ("locale", "language", "lang"),
        "email_verified": ("email_verified", "is_verified"),
        "created_at": ("created_at", "registered_at", "date_joined", "joined_at"),
        "birthday": ("birthday", "date_of_birth"),
    },
    "product": {
        "name": ("name", "title", "label"),
        "price": ("price", "unit_price"),
        "stock": ("stock", "quantity", "inventory", "stock_quantity"),
        "brand": ("brand",),
        "cost": ("cost",),
        "available": ("available", "is_available", "active", "is_active"),
    },
    "order": {
        "lines": ("lines", "items", "order_items", "order_lines", "products"),
        "placed_at": ("placed_at", "ordered_at", "created_at", "date_ordered", "date", "timestamp"),
        "state": ("state", "status"),
        "cursor": ("updated_at", "modified_at", "changed_at", "last_modified"),
        "customer_id": ("customer_id", "user_id", "account_id"),
        "email": ("email", "customer_email"),
        "total": ("total", "total_price", "total_amount", "grand_total"),
        "shipping": ("shipping", "shipping_cost", "shipping_price"),
        "tax": ("tax", "tax_total"),
        "refunded": ("refunded", "refunded_total"),
        "currency": ("currency",),
        "number": ("number", "order_number"),
    },
    "line": {
        "product_id": ("product_id", "item_id"),
        "quantity": ("quantity", "qty", "count"),
        "unit_price": ("unit_price", "price", "price_each"),
        "variant_id": ("variant_id",),
    },
}


class Columns:
    """How one model of a shop is read; `fields` says what is not under a usual name."""

    def __init__(self, kind: str, model: Any, fields: Mapping[str, Field]) -> None:
        self.kind = kind
        self.model = model
        self.mapper = inspect(model)
        self._fields: dict[str, Field] = {**self._found(), **fields}

    def _found(self) -> dict[str, Field]:
        found: dict[str, Field] = {}
        for name, usual in USUAL[self.kind].items():
            for attribute in usual:
                if hasattr(self.model, attribute):
                    found[name] = attribute
                    break
        return found

    def values(self, row: Any, *names: str) -> dict[str, Any]:
        """Return the fields of a row that the model has, of those named or of all."""
        wanted = names or tuple(self._fields)
        return {name: read(row, self._fields[name]) for name in wanted if name in self._fields}

    def id(self, row: Any) -> Any:
        """Return the id of a row: the field `id`, else the primary key."""
        return read(row, self._fields["id"]) if "id" in self._fields else self.key(row)

    def key(self, row: Any) -> Any:
        """Return the primary key of a row."""
        return getattr(row, self._key)

    @property
    def _key(self) -> str:
        keys = [self.mapper.get_property_by_column(item).key for item in self.mapper.primary_key]
        if len(keys) != 1:
            raise NotConfigured(
                f"{self.model.__name__} has {len(keys)} primary keys; say which names it: "
                f'fields={{"{self.kind}": {{"id": …}}}}'
            )
        return str(keys[0])

    def column(self, *names: str) -> Any:
        """Return the column of the first of these fields that the model has, else its key."""
        for name in names:
            if name in self._fields or name == "id":
                field = self._fields.get(name, self._key if name == "id" else "")
                column = getattr(self.model, field, None) if isinstance(field, str) else None
                if not hasattr(column, "in_"):
                    raise NotConfigured(
                        f"{self.kind}.{name} has to be the name of a column of "
                        f"{self.model.__name__}, since the database searches by it; got {field!r}"
                    )
                return column
        return getattr(self.model, self._key)

    def matches(self, name: str, ids: Sequence[str]) -> Any:
        """Return the condition that a field is one of some ids; text that cannot be one is not."""
        column = self.column(name)
        return column.in_([value for value in map(_reader(column), ids) if value is not None])

    def loading(self, inner: Mapping[str, Sequence[Any]] | None = None) -> list[Any]:
        """Return what loads, with one query each, what the fields go through.

        `inner` is what to load further behind a field. A collection that the model joins cannot
        be streamed, so it is loaded apart too.
        """
        paths = [field for field in self._fields.values() if isinstance(field, str)]
        joined = [item.key for item in self.mapper.relationships if _unstreamable(item)]
        options = {path: self._path(path.split(".")) for path in (*joined, *paths)}
        for name, further in (inner or {}).items():
            option = options.get(str(self._fields.get(name)))
            if option is not None and further:
                options[str(self._fields[name])] = option.options(*further)
        return [option for option in options.values() if option is not None]

    def _path(self, parts: Sequence[str]) -> Any:
        """Return what loads the relationships at the beginning of a dotted name."""
        option, mapper = None, self.mapper
        for part in parts:
            relation = mapper.relationships.get(part)
            if relation is None or relation.lazy in ("dynamic", "write_only"):
                break
            step = selectinload(getattr(mapper.class_, part))
            option = step if option is None else option.selectinload(getattr(mapper.class_, part))
            mapper = relation.mapper
        return option

    def related(self, name: str) -> Any:
        """Return the model behind a relationship field, such as the lines of an order."""
        field = self._fields.get(name)
        relation = self.mapper.relationships.get(field) if isinstance(field, str) else None
        return relation.mapper.class_ if relation is not None else None


def _unstreamable(relation: Any) -> bool:
    return bool(relation.uselist) and relation.lazy in ("joined", False, "subquery")


def _reader(column: Any) -> Callable[[str], Any]:
    """Return what makes a column's value of an id as text; None of text that is none."""
    try:
        kind = column.type.python_type
    except NotImplementedError:
        return str

    def value(id: str) -> Any:
        try:
            found = kind(id)
        except (TypeError, ValueError, ArithmeticError):
            return None
        return found if str(found) == id else None

    return value
