"""`check`: the adapter against the shop's real data, without changing anything."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from flask import Flask
from flask import session

from grc_core import Cart
from grc_core import CartLine
from grc_core import Customer
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Plugin
from grc_core import Product
from grc_core import Purpose
from grc_core import Shop
from grc_core import hookimpl
from grc_core import widget
from grc_core.config import Config
from grc_core.intake.check import check
from grc_core.intake.endpoints import Finding
from grc_core.intake.trial import masked
from grc_core.loading import load
from grc_core.storage.engine import Database
from grc_core.storage.upgrade import upgrade

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def order(id="1", **changes):
    values = {
        "lines": [OrderLine("p1", 1, Money(1250, "CAD"))],
        "placed_at": NOW,
        "state": "placed",
        "cursor": 100 + int(id),
        **changes,
    }
    return Order(id, **values)


def orders_like(*found):
    """Return a well-behaved orders function over some orders."""

    def orders(*, after=None, id=None, customer_id=None):
        for item in found:
            wanted = (id in (None, item.id), customer_id in (None, item.customer_id))
            if all(wanted) and (after is None or item.cursor >= after):
                yield item

    return orders


@pytest.fixture
def shop():
    return Shop(currency="CAD")


@pytest.fixture
def checked(shop, tmp_path):
    """Return a function that checks the shop in an app, and the report's parts by name."""
    databases = []

    def run(*plugins, upgraded=True, **config):
        app = Flask("host", instance_path=str(tmp_path))
        app.config.update(SECRET_KEY="k" * 32, GRC_BASE_URL="https://shop.example")
        app.config.update(config)
        app.add_url_rule("/product", "product")
        app.view_functions["product"] = lambda: ""
        database = Database(app, None)
        databases.append(database)
        tables = load(plugins, shop.capabilities, shop.slots)
        if upgraded:
            upgrade(database, tables, NOW)
        report = check(app, shop, tables, database, Config.of(app))
        return report, {part.name: part for part in report.parts}

    yield run
    for database in databases:
        database.dispose()


def messages(report, about):
    return [(item.level, item.message) for item in report.findings if item.about == about]


def test_a_sound_shop_has_nothing_to_mend(shop, checked):
    ann = Customer("7", email="ann@example.com", name="Ann", created_at=NOW, cursor=1)
    ball = Product("p1", "Ball", Money(1250, "CAD"))
    shop.customer(lambda: None)
    shop.cart(lambda: None)
    shop.staff(lambda: False)
    shop.customers(lambda *, after=None, id=None: [ann] if id in (None, "7") else [])
    shop.products(lambda ids: [ball] if "p1" in ids else [])
    shop.catalogue(lambda: iter([ball]))
    shop.orders(orders_like(order("1", customer_id="7"), order("2", email="bob@example.com")))
    report, parts = checked()
    assert not report.failed
    assert {name: part.state for name, part in parts.items()} == {
        "customer": "empty",
        "customers": "ok",
        "products": "ok",
        "catalogue": "ok",
        "cart": "empty",
        "orders": "ok",
        "staff": "empty",
    }
    assert not any(part.warnings or part.failures for part in report.parts)
    assert parts["orders"].count == 2
    assert parts["orders"].milliseconds > 0


def test_samples_mask_people(shop, checked):
    ann = Customer(7, email="ann@example.com", name="Ann Lee", cursor=1, birthday=NOW.date())
    shop.customers(lambda *, after=None, id=None: [ann] if id in (None, "7") else [])
    shop.orders(orders_like(order("1", email="bob@example.com")))
    _, parts = checked()
    assert parts["customers"].sample == {
        "id": "7",
        "email": "a…@example.com",
        "name": "A…",
        "verified": False,
        "email_verified": False,
        "cursor": 1,
    }
    assert parts["orders"].sample["email"] == "b…@example.com"
    assert parts["orders"].sample["total"] == "12.50 CAD"
    assert masked("not an address") == "n…"


def test_absent_parts_are_not_failures(checked):
    report, parts = checked()
    assert not report.failed
    assert {part.state for part in parts.values()} == {"absent"}


def test_an_adapter_that_raises_is_named_with_its_line(shop, checked):
    @shop.orders
    def orders(*, after=None, id=None, customer_id=None):
        yield order("1")
        raise KeyError("placed")

    report, parts = checked()
    assert report.failed
    assert parts["orders"].state == "failed"
    assert parts["orders"].count == 1
    line = orders.__code__.co_firstlineno + 3
    assert f"test_check.py:{line} in orders: KeyError: 'placed'" in parts["orders"].failures[0]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "@shop.catalogue returned None; return or yield the values instead"),
        ("text", "which is not iterable"),
        ([{"id": 1}], "expected a grc_core.Product, got {'id': 1}"),
        ([Customer("1")], "expected a grc_core.Product, got Customer"),
        ([Product("1", "Ball", None)], "Product 1: ConversionError: Product '1' has no price"),
        ([Product("1", "Ball", "much")], "'much' is not an amount of money"),
    ],
)
def test_wrong_values_fail_with_what_was_expected(shop, checked, given, said):
    shop.catalogue(lambda: given)
    report, parts = checked()
    assert report.failed
    assert said in parts["catalogue"].failures[0]


def test_one_bad_value_does_not_hide_the_others(shop, checked):
    shop.catalogue(lambda: [Product("1", "Ball", None), Product("2", "Tent", Money(1, "CAD"))])
    _, parts = checked()
    assert (parts["catalogue"].state, parts["catalogue"].count) == ("failed", 1)


def test_conversions_are_counted_in_words(shop, checked):
    line = OrderLine("p1", "2", 12.5)
    naive = datetime(2026, 3, 1, 12)  # noqa: DTZ001
    shop.orders(
        orders_like(
            order("1", lines=[line], placed_at=naive), order("2", lines=[line], placed_at=naive)
        )
    )
    report, parts = checked()
    assert parts["orders"].converted == {
        "OrderLine.quantity: str -> int": 2,
        "OrderLine.unit_price: float -> minor units of CAD": 2,
        "Order.placed_at: naive datetime taken as UTC": 2,
        "Order.total was missing and is computed from lines, shipping and tax": 2,
    }
    assert not report.failed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"currency": "CAT"}, "unknown currency 'CAT' (did you mean 'CAD'?)"),
        ({"state": "shiped"}, "unknown order state 'shiped' (did you mean 'shipped'?)"),
        ({"placed_at": "yesterday"}, "Order.placed_at is 'yesterday', not an ISO 8601 time"),
        ({"lines": [OrderLine("p1", 1.5, 1)]}, "OrderLine.quantity is 1.5, not a whole number"),
    ],
)
def test_orders_that_cannot_be_read_are_named(shop, checked, change, said):
    shop.orders(orders_like(order("1"), order("17", **change)))
    _, parts = checked()
    assert parts["orders"].failures[0].startswith("Order 17: ConversionError: ")
    assert said in parts["orders"].failures[0]


def test_missing_and_unsorted_cursors_are_warned_of(shop, checked):
    shop.orders(orders_like(order("1", cursor=None), order("2")))
    assert checked()[1]["orders"].warnings == ("1 of 2 have no cursor: changes are seen late",)
    shop.orders(orders_like(order("1", cursor=5), order("2", cursor=4)))
    assert checked()[1]["orders"].warnings == ("they do not come in the order of their cursors",)
    shop.orders(orders_like(order("1", cursor="a"), order("2", cursor=4)))
    assert "the cursors cannot be compared" in checked()[1]["orders"].failures[0]


def test_after_must_be_heeded_and_inclusive(shop, checked):
    found = [order(str(number)) for number in (1, 2, 3)]
    shop.orders(lambda *, after=None, id=None, customer_id=None:
                [item for item in found if id in (None, item.id)])  # fmt: skip
    assert checked()[1]["orders"].warnings == (
        "`after` is passed over: each pull reads everything",
    )
    shop.orders(lambda *, after=None, id=None, customer_id=None:
                [item for item in found if id in (None, item.id)
                 and (after is None or item.cursor > after)])  # fmt: skip
    assert "it is inclusive" in checked()[1]["orders"].failures[0]


def test_an_id_must_give_that_one_alone(shop, checked):
    shop.orders(lambda *, after=None, id=None, customer_id=None: [order("1"), order("2")])
    failures = checked()[1]["orders"].failures
    assert "orders(id='1'): gave ['1', '2'] instead of that one" in failures
    assert "orders(id='0'): gave something for an id that nothing has" in failures


def test_products_are_asked_for_at_once_by_ids_of_catalogue_and_orders(shop, checked):
    asked = []

    @shop.products
    def products(ids):
        asked.append(list(ids))
        return [Product("p1", "Ball", Money(1, "CAD")), Product("x", "Other", Money(1, "CAD"))]

    shop.catalogue(lambda: [Product("p2", "Tent", Money(1, "CAD"))])
    shop.orders(orders_like(order("1")))
    _, parts = checked()
    assert asked == [["p2", "p1"], ["0"]]
    assert parts["products"].warnings == ("1 of 2 unknown, such as p2",)
    assert parts["products"].failures == (
        "products(ids): gave x, which was not asked for",
        "products(['0']): gave something for an id that nothing has",
    )


def test_sources_are_read_no_further_than_some_dozens(shop, checked):
    taken = []

    @shop.catalogue
    def catalogue():
        for number in range(100_000):
            taken.append(number)
            yield Product(str(number), "Ball", Money(1, "CAD"))

    _, parts = checked()
    assert parts["catalogue"].count == len(taken) == 36


def test_customer_and_cart_are_called_in_one_anonymous_request(shop, checked):
    @shop.customer
    def customer():
        return Customer("1") if session.get("user") else None

    @shop.cart
    def cart():
        assert session.get("user") is None
        return Cart("9", [CartLine("p1", 2, 3.5)])

    report, parts = checked()
    assert not report.failed
    assert parts["customer"].state == "empty"
    assert parts["cart"].sample["lines"][0]["unit_price"] == "3.50 CAD"


def test_everybody_as_customer_or_staff_is_a_failure(shop, checked):
    shop.customer(lambda: Customer("1"))
    shop.staff(lambda: True)
    _, parts = checked()
    assert "every visitor would be greeted so" in parts["customer"].failures[0]
    assert "every visitor would be staff" in parts["staff"].failures[0]


@pytest.mark.parametrize("given", ["admin", 7])
def test_staff_must_be_roles_or_a_bool(shop, checked, given):
    shop.staff(lambda: given)
    assert "expected a set of roles, or a bool" in checked()[1]["staff"].failures[0]


def test_what_the_shop_raises_at_the_end_of_a_context_is_reported(shop, tmp_path):
    app = Flask("host", instance_path=str(tmp_path))
    app.secret_key = "k" * 32

    @app.teardown_request
    def fail(error):
        raise RuntimeError("session is closed")

    shop.catalogue(lambda: [])
    tables = load((), shop.capabilities, shop.slots)
    database = Database(app, None)
    report = check(app, shop, tables, database, Config.of(app))
    assert "RuntimeError: session is closed" in report.parts[3].failures[0]
    database.dispose()


def test_endpoints_and_slots_that_do_not_exist_are_named_with_the_nearest(shop, checked):
    shop.on("visit", endpoints="products", product="id")
    shop.place("order.thank", endpoints=["product", "chekout"])
    report, _ = checked()
    assert messages(report, "shop.on('visit')") == [
        ("warning", "there is no endpoint 'products' (did you mean 'product'?)")
    ]
    assert messages(report, "shop.place('order.thank')") == [
        ("warning", "there is no endpoint 'chekout'"),
        ("warning", "unknown slot 'order.thank' (did you mean 'order.thanks'?)"),
    ]
    assert messages(report, "shop.on('order')") == [
        ("warning", "missing: an order is seen within a minute, not at once")
    ]


class One(Plugin):
    name = "one"

    @hookimpl
    def consents(self, subject):
        return Purpose.NECESSARY

    @widget("cart.belov")
    def show(self, page):
        return None


class Two(Plugin):
    name = "two"

    @hookimpl
    def consents(self, subject):
        return Purpose.MARKETING

    @hookimpl(requires=("orders",))
    def on_order(self, order):
        pass


class Broken(Plugin):
    name = "broken"

    @hookimpl
    def on_oder(self, order):
        pass


def test_plugins_their_state_and_two_providers_are_told(checked):
    report, _ = checked(One, Two, Broken)
    assert report.failed
    assert messages(report, "plugin one") == [("ok", "on, version 0")]
    assert messages(report, "plugin broken") == [
        ("warning", "off: unknown hook 'on_oder' (did you mean 'on_order'?)")
    ]
    assert messages(report, "two.on_order") == [("warning", "off: the shop has no orders")]
    assert messages(report, "one.show") == [
        ("warning", "unknown slot 'cart.belov' (did you mean 'cart.below'?)")
    ]
    assert messages(report, "consents")[0][0] == "error"
    chosen, _ = checked(One, Two, GRC_PROVIDERS={"consents": "two"})
    assert messages(chosen, "consents") == [("ok", "decided by two")]


def test_tables_key_and_database_are_looked_at(checked):
    report, _ = checked(upgraded=False, SECRET_KEY=None, GRC_BASE_URL=None)
    assert report.failed
    assert messages(report, "tables") == [
        ("error", "they are missing or old; run: flask grc db upgrade")
    ]
    assert messages(report, "SECRET_KEY")[0][0] == "error"
    assert Finding("ok", "tables", "up to date") in checked()[0].findings
    assert messages(report, "database")[0][1].startswith("GRC's own, sqlite:///")


def test_a_password_of_the_database_is_not_shown(shop, tmp_path):
    app = Flask("host", instance_path=str(tmp_path))
    url = "postgresql+psycopg://grc:hunter2@127.0.0.1:9/grc?connect_timeout=1"
    database = Database(app, url)
    report = check(app, shop, load((), frozenset(), ()), database, Config.of(app))
    assert "hunter2" not in str(report)
    assert report.failed


def test_products_may_not_stumble_over_an_unknown_id(shop, checked):
    balls = {"p1": Product("p1", "Ball", Money(1, "CAD"))}
    shop.catalogue(lambda: [*balls.values()])
    shop.products(lambda ids: [balls[id] for id in ids])
    (failure,) = checked()[1]["products"].failures
    assert failure.endswith("KeyError: '0'")


def test_orders_of_the_future_point_to_the_time_zone(shop, checked):
    ahead = datetime.now(UTC) + timedelta(hours=5, minutes=1)
    shop.orders(orders_like(order("1"), order("2", placed_at=ahead)))
    assert checked()[1]["orders"].warnings == (
        "placed_at lies 5 h in the future; is Shop(timezone=…) right?",
    )


def test_an_order_endpoint_from_which_no_order_is_found_is_noted(shop, checked):
    shop.on("order", endpoints="product")
    (note,) = messages(checked()[0], "shop.on('order')")
    assert note[0] == "note"
    assert "say order=…" in note[1]
    shop.place("order.thanks", endpoints="product", order="id")
    assert messages(checked()[0], "shop.on('order')") == []
