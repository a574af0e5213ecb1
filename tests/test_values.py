"""Money, ids and the values that plugins see."""

from dataclasses import FrozenInstanceError
from datetime import UTC
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grc_core import Cart
from grc_core import CartLine
from grc_core import ConversionError
from grc_core import Customer
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Product
from grc_core import Purpose
from grc_core import Subject
from grc_core.currencies import EXPONENTS


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        (12.5, "CAD", 1250),
        (Decimal("12.505"), "CAD", 1251),
        ("19.99", "EUR", 1999),
        (0.1 + 0.2, "CAD", 30),
        (500, "JPY", 500),
        (1.2345, "KWD", 1235),
        (-3, "CAD", -300),
        (1e-9, "CAD", 0),
    ],
)
def test_money_is_built_from_any_number(value: float, currency: str, minor: int) -> None:
    assert Money.of(value, currency) == Money(minor, currency)


@pytest.mark.parametrize("value", ["", "twelve", float("nan"), float("inf"), None, object()])
def test_money_refuses_what_is_not_a_number(value: object) -> None:
    with pytest.raises(ConversionError, match="not an amount"):
        Money.of(value, "CAD")  # type: ignore[arg-type]


def test_money_of_major_units_in_the_constructor_is_refused_with_the_remedy() -> None:
    with pytest.raises(ConversionError, match=r"Money\.of\(12\.5, 'CAD'\)"):
        Money(12.5, "CAD")  # type: ignore[arg-type]


def test_an_unknown_currency_names_the_nearest() -> None:
    with pytest.raises(ConversionError, match="did you mean 'CAD'"):
        Money.of(1, "CADD")


def test_money_of_two_currencies_does_not_mix() -> None:
    with pytest.raises(ConversionError, match="USD with CAD"):
        Money(1, "USD") + Money(1, "CAD")


@given(st.integers(-(10**12), 10**12), st.sampled_from(sorted(EXPONENTS)))
def test_money_survives_the_way_through_decimal_and_float(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    assert Money.of(money.decimal, currency) == money
    assert Money.of(float(money.decimal), currency) == money


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1))
def test_money_adds_up_as_integers_do(amounts: list[int]) -> None:
    total = Money(0, "CAD")
    for amount in amounts:
        total += Money(amount, "CAD")
    assert total.amount == sum(amounts)


def test_money_is_written_as_people_write_it() -> None:
    assert Money(123456, "CAD").format("en_CA") == "$1,234.56"
    assert "1 234,56" in Money(123456, "CAD").format("fr_CA").replace("\xa0", " ")


class ObjectId:
    """Stands for an id of a document store."""

    def __str__(self) -> str:
        return "507f1f77bcf86cd799439011"


@pytest.mark.parametrize(
    ("id", "text"), [(7, "7"), (ObjectId(), "507f1f77bcf86cd799439011"), ("a/b", "a/b"), (0, "0")]
)
def test_ids_become_text(id: object, text: str) -> None:
    assert Customer(id).id == text  # type: ignore[arg-type]
    assert CartLine(id, 1, Money(1, "CAD")).product_id == text  # type: ignore[arg-type]


@pytest.mark.parametrize("id", [None, "", True])
def test_a_missing_id_is_refused(id: object) -> None:
    with pytest.raises(ConversionError, match=r"Customer\.id"):
        Customer(id)  # type: ignore[arg-type]


def test_values_are_frozen_and_their_lists_too() -> None:
    product = Product("1", "Tent", Money(1, "CAD"), categories=["outdoor"])
    assert product.categories == ("outdoor",)
    with pytest.raises(FrozenInstanceError):
        product.name = "Bag"  # type: ignore[misc]


def test_one_category_as_text_is_one_category() -> None:
    assert Product("1", "Tent", Money(1, "CAD"), categories="outdoor").categories == ("outdoor",)


def test_a_cart_without_id_stays_without() -> None:
    assert Cart(None, [CartLine(1, 2, Money(5, "CAD"))]).id is None  # type: ignore[arg-type]


def test_an_order_is_about_its_customer_else_the_guest() -> None:
    line = OrderLine("1", 1, Money(1, "CAD"))
    now = datetime.now(UTC)
    of_customer = Order("1", [line], now, "placed", 1, customer_id="7", email="A@example.com")
    of_guest = Order("1", [line], now, "placed", 1, email=" A@Example.com ")
    assert Subject.of_order(of_customer) == Subject("customer", "7")
    assert Subject.of_order(of_guest) == Subject("email", "a@example.com")
    assert Subject.of_order(Order("1", [line], now, "placed", 1)) is None


def test_purposes_are_parsed_from_names() -> None:
    assert Purpose.parse(["marketing"]) == Purpose.NECESSARY | Purpose.MARKETING
    assert Purpose.parse("Analytics") == Purpose.NECESSARY | Purpose.ANALYTICS
    assert Purpose.parse(None) == Purpose.NECESSARY
    with pytest.raises(ValueError, match="known are necessary"):
        Purpose.parse(["advertising"])


def test_what_is_necessary_needs_no_consent_and_the_rest_does() -> None:
    assert Purpose.NECESSARY.allows(Purpose.NECESSARY)
    assert not Purpose.NECESSARY.allows(Purpose.MARKETING)
    agreed = Purpose.NECESSARY | Purpose.MARKETING
    assert agreed.allows(Purpose.MARKETING)
    assert not agreed.allows(Purpose.MARKETING | Purpose.ANALYTICS)
