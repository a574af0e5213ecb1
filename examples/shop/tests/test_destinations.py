"""The country that parcels go to, said before the checkout."""

import pytest

from shop.places import COUNTRIES
from shop.places import all_countries
from shop.testing import Browser


def test_the_product_page_and_the_cart_say_it_early(browser: Browser) -> None:
    assert "Ships to: Canada" in browser.text("/p/1")
    answer = browser.get("/p/1/laurentide-2-tent?a=1&a=2&ship_to=DE")
    assert answer.location == "/p/1/laurentide-2-tent?a=1&a=2"
    assert "We do not ship to: Germany." in browser.text("/p/1")
    browser.post("/cart/add/1")
    page = browser.text("/cart")
    assert "We do not ship to: Germany." in page
    assert "Go to the checkout" not in page
    assert browser.get("/checkout").location == "/cart"
    browser.get("/cart?ship_to=FR")
    page = browser.text("/cart")
    assert "Ships to: France" in page
    assert "Go to the checkout" in page


def test_the_checkout_starts_with_that_country(browser: Browser) -> None:
    browser.login("claire@example.com")
    browser.get("/?lang=en")
    browser.post("/cart/add/1")
    assert 'value="G1R 4S7"' in browser.text("/checkout")
    browser.get("/cart?ship_to=CH")
    page = browser.text("/checkout")
    assert '<option selected value="CH">' in page
    assert 'value="G1R 4S7"' not in page
    assert 'value="Claire Gagnon"' in page


def test_the_address_has_the_last_word(browser: Browser) -> None:
    browser.get("/?ship_to=CH")
    browser.post("/cart/add/1")
    browser.to_payment()
    assert "Ships to: Canada" in browser.text("/cart")


@pytest.mark.parametrize("code", ["", "XX", "ZZ", "EU", "ca", "419", "<b>"])
def test_unknown_countries_are_ignored(browser: Browser, code: str) -> None:
    assert browser.get("/help", query_string={"ship_to": code}).status_code == 200
    assert "Ships to: Canada" in browser.text("/p/1")


def test_all_countries_are_there_in_alphabetical_order() -> None:
    assert len(all_countries()) > 240
    assert set(COUNTRIES) < set(all_countries())
    french = list(all_countries("fr").values())
    assert french.index("Éthiopie") < french.index("Finlande")
    assert french.index("Égypte") > french.index("Danemark")


def test_the_choice_speaks_french(browser: Browser) -> None:
    browser.get("/?lang=fr")
    browser.get("/?ship_to=DE")
    assert "Nous ne livrons pas dans ce pays : Allemagne." in browser.text("/p/1")
