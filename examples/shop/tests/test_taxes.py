"""Taxes and shipping by destination."""

from datetime import date
from decimal import Decimal

import pytest

from shop.clock import add_business_days
from shop.places import COUNTRIES
from shop.places import PROVINCES
from shop.shipping import BY_KEY
from shop.shipping import METHODS
from shop.shipping import offers
from shop.taxes import BY_REGION
from shop.taxes import amounts
from shop.taxes import taxes_for

#: Tax in cents on 100.00 of goods and on a book of 100.00.
EXPECTED = {
    "AB": (500, 500),
    "BC": (1200, 500),
    "MB": (1200, 500),
    "NB": (1500, 500),
    "NL": (1500, 500),
    "NS": (1400, 500),
    "NT": (500, 500),
    "NU": (500, 500),
    "ON": (1300, 500),
    "PE": (1500, 500),
    "QC": (1498, 500),
    "SK": (1100, 500),
    "YT": (500, 500),
}


@pytest.mark.parametrize("region", sorted(EXPECTED))
def test_each_province_and_territory(region: str) -> None:
    taxes = taxes_for("CA", region)
    goods = sum(amounts(taxes, 10_000, "standard"))
    books = sum(amounts(taxes, 10_000, "book"))
    assert (goods, books) == EXPECTED[region]


def test_all_thirteen_are_known() -> None:
    assert set(BY_REGION) == set(PROVINCES) == set(EXPECTED)


def test_rates_are_exact_decimals() -> None:
    assert [tax.percent for tax in taxes_for("CA", "QC")] == [Decimal("5"), Decimal("9.975")]


def test_half_a_cent_is_rounded_up() -> None:
    assert amounts(taxes_for("CA", "AB"), 10, "standard") == (1,)
    assert amounts(taxes_for("CA", "AB"), 9, "standard") == (0,)


@pytest.mark.parametrize("country", [code for code in COUNTRIES if code != "CA"])
def test_exports_are_untaxed_and_deliverable(country: str) -> None:
    assert taxes_for(country, "") == ()
    assert offers(country, "", items=1, subtotal=1_000)


@pytest.mark.parametrize("region", sorted(PROVINCES))
def test_every_province_has_a_carrier(region: str) -> None:
    prices = [delivery.price for delivery in offers("CA", region, items=2, subtotal=1_000)]
    assert prices == sorted(prices)
    assert min(prices) > 0


def test_all_three_carriers_serve_quebec() -> None:
    carriers = {delivery.method.carrier for delivery in offers("CA", "QC", items=1, subtotal=1)}
    assert carriers == {"canada_post", "purolator", "fedex"}


def test_large_orders_travel_free_but_not_to_the_north() -> None:
    assert offers("CA", "QC", items=9, subtotal=9_900)[0].price == 0
    assert offers("CA", "QC", items=9, subtotal=9_899)[0].price > 0
    assert offers("CA", "NU", items=9, subtotal=9_900)[0].price > 0


def test_delays_skip_weekends() -> None:
    friday = date(2026, 6, 12)
    assert add_business_days(friday, 1) == date(2026, 6, 15)
    delivery = offers("CA", "QC", items=1, subtotal=1)[0]
    assert delivery.window(friday) == (date(2026, 6, 16), date(2026, 6, 18))


def test_methods_have_distinct_keys() -> None:
    assert len(BY_KEY) == len(METHODS)
