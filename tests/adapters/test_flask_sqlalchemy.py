"""The ready-made adapter for Flask-SQLAlchemy reads models in batches, whatever their names."""

import enum
import uuid
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey
from sqlalchemy import Numeric
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from grc_core import NotConfigured
from grc_core.adapter import Adapter
from grc_core.adapter import Unreadable
from grc_core.hosts.flask_sqlalchemy import SQLAlchemyShop
from grc_core.intake.queries import listening

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC).replace(tzinfo=None)  # as databases keep it


class Step(enum.Enum):
    NEW = "placed"
    SENT = "shipped"


@pytest.fixture(scope="module")
def models() -> Iterator[SimpleNamespace]:
    """Yield an app with models that look alike in no two shops, and twelve orders."""

    db = SQLAlchemy()

    class Brand(db.Model):  # type: ignore[name-defined, misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        label: Mapped[str]

    class Item(db.Model):  # type: ignore[name-defined, misc]
        sku: Mapped[uuid.UUID] = mapped_column(primary_key=True)
        title: Mapped[str]
        price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
        brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
        maker: Mapped[Brand] = relationship()
        sold: Mapped[list["Row"]] = relationship(lazy="joined", viewonly=True)

    class Person(db.Model):  # type: ignore[name-defined, misc]
        uid: Mapped[int] = mapped_column(primary_key=True)
        email_address: Mapped[str]

    class Purchase(db.Model):  # type: ignore[name-defined, misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        number: Mapped[str] = mapped_column(unique=True)
        user_id: Mapped[int] = mapped_column(ForeignKey("person.uid"))
        status: Mapped[Step]
        created_at: Mapped[datetime]
        updated_at: Mapped[datetime]
        buyer: Mapped[Person] = relationship()
        rows: Mapped[list["Row"]] = relationship(lazy="joined")

        def total(self) -> Decimal:
            return sum((row.qty * row.item.price for row in self.rows), Decimal(0))

    class Row(db.Model):  # type: ignore[name-defined, misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"))
        item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.sku"))
        qty: Mapped[int]
        item: Mapped[Item] = relationship(viewonly=True)

    app = Flask("shop")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        skus = [uuid.UUID(int=n) for n in range(1, 6)]
        db.session.add(Brand(id=1, label="Acme"))
        db.session.add_all(Item(sku=s, title=f"T{s.int}", price="9.90", brand_id=1) for s in skus)
        db.session.add_all(Person(uid=n, email_address=f"p{n}@example.com") for n in (1, 2, 3))
        for n in range(1, 13):
            at = NOW.replace(minute=n)
            step = Step.SENT if n == 12 else Step.NEW
            rows = [Row(item_id=skus[n % 5], qty=n), Row(item_id=skus[(n + 1) % 5], qty=1)]
            db.session.add(Purchase(number=f"A/{n}", user_id=1 + n % 3, status=step, rows=rows,
                                    created_at=at, updated_at=at))  # fmt: skip
        db.session.commit()
        yield SimpleNamespace(app=app, db=db, Item=Item, Purchase=Purchase)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def adapter(models: SimpleNamespace) -> Adapter:
    shop = SQLAlchemyShop(
        models.db,
        currency="CAD",
        user="Person",
        product=models.Item,
        order=lambda: models.Purchase,
        fields={
            "product": {"brand": "maker.label", "url": lambda item: f"/item/{item.sku}"},
            "order": {"id": "number", "lines": "rows", "email": "buyer.email_address"},
            "line": {"unit_price": "item.price"},
        },
        placed=lambda: models.Purchase.id > 1,
        on_sale=lambda: models.Item.title != "T5",
    )
    return Adapter(models.app, shop, None)


def test_customers_are_found_by_any_primary_key_and_usual_names(adapter: Adapter) -> None:
    found = list(adapter.customers())
    assert [(item.id, item.email) for item in found] == [
        ("1", "p1@example.com"), ("2", "p2@example.com"), ("3", "p3@example.com"),
    ]  # fmt: skip
    assert [item.id for item in adapter.customers(after=2)] == ["2", "3"]
    assert adapter.customer_by_id("3") is not None
    assert adapter.customer_by_id("x") is None
    assert adapter.customer_by_id("03") is None


def test_orders_come_with_lines_and_dotted_fields_in_a_few_queries(adapter: Adapter) -> None:
    with listening() as statements:
        found = list(adapter.orders())
    assert not [item for item in found if isinstance(item, Unreadable)]
    assert [item.id for item in found] == [f"A/{n}" for n in range(2, 13)]
    assert len(statements.found) <= 5
    last = found[-1]
    assert (last.state, last.customer_id, last.email) == ("shipped", "1", "p1@example.com")
    assert [line.quantity for line in last.lines] == [12, 1]
    assert last.total.amount == 13 * 990
    assert last.placed_at == NOW.replace(minute=12, tzinfo=UTC)


def test_orders_are_narrowed_down_by_cursor_id_and_customer(adapter: Adapter) -> None:
    after = NOW.replace(minute=11)
    assert [item.id for item in adapter.orders(after=after)] == ["A/11", "A/12"]
    found = adapter.order_by_id("A/7")
    assert found is not None
    assert len(found.lines) == 2
    assert adapter.order_by_id("A/1") is None  # it was never placed
    assert {item.customer_id for item in adapter.orders_of("2")} == {"2"}


def test_products_are_one_query_for_many_ids_of_any_type(adapter: Adapter) -> None:
    ids = [str(uuid.UUID(int=n)) for n in (1, 2, 5)]
    with listening() as statements:
        found = adapter.products([*ids, "no uuid", "7"])
    assert sorted(found) == ids
    assert len(statements.found) <= 4
    assert found[ids[0]].brand == "Acme"
    assert found[ids[0]].url == f"/item/{ids[0]}"
    assert [item.name for item in adapter.catalogue()] == ["T1", "T2", "T3", "T4"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"order": "Purchas"}, "there is no model 'Purchas' .did you mean 'Purchase'"),
        ({"order": "Purchase", "fields": {"ordre": {}}}, "not 'ordre' .did you mean 'order'"),
        (
            {"order": "Purchase", "fields": {"order": {"cursor": lambda row: 1}}},
            "order.cursor has to be the name of a column of Purchase",
        ),
    ],
)
def test_what_is_misspelt_is_named(models: SimpleNamespace, wrong: Any, message: str) -> None:
    def read() -> None:
        shop = SQLAlchemyShop(models.db, currency="CAD", **wrong)
        list(shop.functions["orders"]())

    with pytest.raises(NotConfigured, match=message):
        read()


def test_only_what_was_given_is_a_capability(models: SimpleNamespace) -> None:
    shop = SQLAlchemyShop(models.db, currency="CAD", product=models.Item)
    assert shop.capabilities == {"products", "catalogue", "stock"}
    assert shop.engine() is models.db.engine
