"""Coupons, points and greetings in the example shop, as a customer meets them."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import expect

from .conftest import USER_AGENT
from .serving import Instances
from .serving import Server

# seeding the shop and its pages takes long on a busy machine; each test has carts of its own
pytestmark = [pytest.mark.browser, pytest.mark.shared, pytest.mark.timeout(400)]
PASSWORD = "nordet-demo-2026"
COUPON = "#grc-coupon"


@pytest.fixture(scope="session")
def prepared(instances: Instances, filled: Path) -> Path:
    """Return the filled shop with the example promotions and points for a customer."""

    def promote(server: Server) -> None:
        server.run("grc", "loyalty", "examples")
        assert "lessons-and-clubs" in server.run("grc", "loyalty", "promotions")

    return instances.prepared("promoted", promote, filled)


@pytest.fixture(params=[pytest.param("en-CA", marks=pytest.mark.slow), "fr-CA"])
def page(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Return a fresh page in each language, as narrow as telephones; errors fail the test."""
    narrow = {"width": 320, "height": 800}
    context = browser.new_context(locale=request.param, viewport=narrow, user_agent=USER_AGENT)
    errors: list[str] = []
    found = context.new_page()
    found.set_default_timeout(15_000)
    found.on("pageerror", lambda error: errors.append(str(error)))
    yield found
    context.close()
    assert errors == []


def is_french(page: Page) -> bool:
    return (page.locator("html").get_attribute("lang") or "").startswith("fr")


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(url + "/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()


def customer_id(server: Server, email: str) -> str:
    """Return a customer's id, as the shop's own table has it."""
    with closing(sqlite3.connect(server.instance / "shop.sqlite")) as shop:
        return str(shop.execute("SELECT id FROM user WHERE email = ?", [email]).fetchone()[0])


def put(page: Page, url: str, shelf: str, sort: str = "cheap") -> None:
    page.goto(f"{url}/c/{shelf}?sort={sort}")
    page.locator("main a[href*='/p/']").first.click()
    form = page.locator("form[action*='/cart/add']").first
    form.locator("button").first.click()


def to_payment(page: Page, url: str) -> None:
    page.goto(url + "/checkout")
    page.fill("[name=email]", page.locator("[name=email]").input_value() or "guest@example.com")
    page.fill("[name=name]", "Marie Tremblay")
    page.fill("[name=line1]", "12 rue du Quai")
    page.fill("[name=city]", "Rimouski")
    page.fill("[name=postcode]", "G5L 1A1")
    page.select_option("[name=country]", "CA")
    page.select_option("[name=region]", "QC")
    page.locator("main form button").first.click()
    page.locator("main form button").first.click()


def enter(page: Page, code: str) -> None:
    page.fill("#grc-coupon-code", code)
    page.locator(".grc-loyalty-code button").click()


def cents(text: str) -> int:
    """Return an amount however a language writes it."""
    return int(re.sub(r"\D", "", text))


def grand(page: Page) -> int:
    return cents(page.locator(".totals .grand dd").inner_text())


def pay(page: Page) -> None:
    form = page.locator("form[action='/checkout/payment']")
    form.locator("[name=method][value=card]").check()
    form.locator("[name=number]").fill("4242 4242 4242 4242")
    form.locator("[name=expiry]").fill("12/39")
    form.locator("[name=code]").fill("123")
    form.locator("button").last.click()


def test_a_customer_is_greeted_uses_a_coupon_and_points_and_is_thanked(
    page: Page, server: Any
) -> None:
    sign_in(page, server.url, "claire@example.com")
    french = page.evaluate("navigator.language").startswith("fr")
    page.goto(server.url + f"/account/?lang={'fr' if french else 'en'}")
    assert is_french(page) == french
    greeting = page.locator(".grc-loyalty-greeting")
    expect(greeting).to_contain_text("Content de vous revoir" if french else "Welcome back")

    put(page, server.url, "books")
    page.goto(server.url + "/cart")
    hint = page.locator(".grc-loyalty-hint")
    expect(hint).to_contain_text("livraison gratuite" if french else "free shipping")
    put(page, server.url, "golf-clubs", "dear")

    gift = ("20", "--reason", "a gift", "--key", page.evaluate("navigator.language"))
    server.run("grc", "loyalty", "adjust", customer_id(server, "claire@example.com"), *gift)
    to_payment(page, server.url)
    before = grand(page)
    enter(page, "no such code")
    refusal = page.locator("#grc-coupon-notice")
    expect(refusal).to_contain_text("n’est pas valable" if french else "is not valid")
    enter(page, "merci5")
    expect(page.locator(COUPON)).to_contain_text("−")
    with_coupon = grand(page)
    # $5 less before taxes of 14.975 %
    assert before - with_coupon in (574, 575, 576)
    words = "Payer avec mes points" if french else "Pay with my points"
    page.get_by_role("button", name=words).click()
    expect(page.locator(COUPON)).to_contain_text("20 points")
    assert grand(page) < with_coupon
    assert page.evaluate("document.documentElement.scrollWidth") <= 320

    pay(page)
    page.wait_for_url("**/checkout/done/*")
    thanks = page.locator(".grc-loyalty-thanks")
    expect(thanks).to_contain_text("Merci" if french else "Thank you")
    expect(thanks).to_contain_text("5,00" if french else "5.00")
    expect(thanks).to_contain_text("points")
    # Who says "not me" is not greeted again.
    page.locator(".grc-loyalty-greeting button").click()
    expect(page.locator(".grc-loyalty-greeting")).to_have_count(0)
    page.goto(server.url + "/")
    expect(page.locator(".grc-loyalty-greeting")).to_have_count(0)


@pytest.mark.parametrize("page", ["fr-CA"], indirect=True)
def test_nobody_who_refused_is_greeted(page: Page, server: Any) -> None:
    sign_in(page, server.url, "simon@example.com")
    page.goto(server.url + "/")
    expect(page.locator("header").first).to_be_visible()
    expect(page.locator(".grc-loyalty-greeting")).to_have_count(0)
