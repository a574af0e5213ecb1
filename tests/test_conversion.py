"""What shops hand over, made exact."""

from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from grc_core import Address
from grc_core import Cart
from grc_core import CartLine
from grc_core import ConversionError
from grc_core import Customer
from grc_core import Discount
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Product
from grc_core import Purpose
from grc_core.conversion import Converter
from grc_core.values import noting_ids

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def convert(notes: list[str]) -> Converter:
    return Converter("CAD", "America/Toronto", notes.append)


def order(**changes: Any) -> Order:
    values: dict[str, Any] = {
        "id": 1,
        "lines": [OrderLine(5, 2, 10.5)],  # type: ignore[arg-type]
        "placed_at": NOON,
        "state": "placed",
        "cursor": 1,
    }
    return Order(**{**values, **changes})


class ObjectId:
    """An id of a document store."""

    def __str__(self) -> str:
        return "6b02a0cb"


def test_a_cursor_of_the_shop_s_own_type_is_kept_as_its_text() -> None:
    notes: list[str] = []
    convert = Converter("CAD").noting(notes.append)
    with noting_ids(notes.append):
        raw = Customer(ObjectId(), cursor=ObjectId())  # type: ignore[arg-type]
        customer = convert.customer(raw)
    assert (customer.id, customer.cursor) == ("6b02a0cb", "6b02a0cb")
    assert notes == ["Customer.id: ObjectId -> text", "Customer.cursor: ObjectId -> text"]
    for kept in (7, 1.5, "a", datetime(2026, 1, 1, tzinfo=UTC), None):
        assert convert.customer(Customer("1", cursor=kept)).cursor == kept


def test_floats_become_minor_units_and_are_noted(convert: Converter, notes: list[str]) -> None:
    product = convert.product(Product(1, "Tent", 199.99, cost=Decimal("80.10")))  # type: ignore[arg-type]
    assert product.price == Money(19999, "CAD")
    assert product.cost == Money(8010, "CAD")
    assert "Product.price: float -> minor units of CAD" in notes


def test_an_order_in_another_currency_keeps_it(convert: Converter) -> None:
    found = convert.order(order(currency="JPY", lines=[OrderLine(1, 1, 500)]))  # type: ignore[arg-type]
    assert found.lines[0].unit_price == Money(500, "JPY")
    assert found.total == Money(500, "JPY")


def test_a_missing_total_is_computed(convert: Converter, notes: list[str]) -> None:
    raw = order(
        lines=[OrderLine(5, 2, 10.5, discount=1)],  # type: ignore[arg-type]
        shipping=7,
        tax=Decimal("4.05"),
        discounts=[Discount("welcome", Money(500, "CAD"))],
    )
    assert convert.order(raw).total == Money(2100 - 100 + 700 + 405 - 500, "CAD")
    assert any("computed" in note for note in notes)


def test_a_naive_time_is_in_the_zone_of_the_shop(convert: Converter, notes: list[str]) -> None:
    found = convert.order(order(placed_at=datetime(2026, 7, 1, 8)))  # noqa: DTZ001
    assert found.placed_at == NOON
    assert found.placed_at.tzinfo is UTC
    assert "Order.placed_at: naive datetime taken as America/Toronto" in notes


def test_a_time_as_text_is_read(convert: Converter) -> None:
    assert convert.order(order(placed_at="2026-07-01T12:00:00Z")).placed_at == NOON


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"state": "shiped"}, "did you mean 'shipped'"),
        ({"placed_at": None}, "no placed_at"),
        ({"placed_at": "yesterday"}, "not an ISO 8601 time"),
        ({"placed_at": 5}, "not a datetime"),
        ({"currency": "XXY"}, "unknown currency 'XXY'"),
        ({"total": "a lot"}, "not an amount"),
        ({"lines": [OrderLine(1, 1.5, 1)]}, "not a whole number"),  # type: ignore[arg-type]
        ({"lines": [OrderLine(1, "x", 1)]}, "not a whole number"),  # type: ignore[arg-type]
        ({"lines": [{"product_id": 1}]}, r"expected a grc_core\.OrderLine"),
        ({"address": "Montreal"}, r"expected a grc_core\.Address"),
    ],
)
def test_what_cannot_be_read_says_what_is_wrong(
    convert: Converter, changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ConversionError, match=complaint):
        convert.order(order(**changes))


@pytest.mark.parametrize("raw", [None, {}, "order", 7, Customer("1")])
def test_another_type_is_refused(convert: Converter, raw: Any) -> None:
    with pytest.raises(ConversionError, match=r"expected a grc_core\.Order"):
        convert.order(raw)


def test_an_address_stays(convert: Converter) -> None:
    assert convert.order(order(address=Address("CA", "QC"))).address == Address("CA", "QC")


def test_cart_lines_without_quantity_are_left_out(convert: Converter) -> None:
    lines = [CartLine(1, 0, 5), CartLine(2, "3", 5), CartLine(3, -1, 5)]  # type: ignore[arg-type]
    cart = convert.cart(Cart(9, lines))  # type: ignore[arg-type]
    assert cart.lines == (CartLine("2", 3, Money(500, "CAD")),)


def test_a_customer_s_recorded_choice_may_be_names(convert: Converter) -> None:
    raw = Customer(1, consents=["analytics"], birthday=datetime(1990, 2, 3, tzinfo=UTC))  # type: ignore[arg-type]
    customer = convert.customer(raw)
    assert customer.consents == Purpose.NECESSARY | Purpose.ANALYTICS
    assert customer.birthday == date(1990, 2, 3)
