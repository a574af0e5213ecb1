"""The example shop with GRC, as a visitor meets it: a real server and a real browser."""

import json
import re
import signal
import time
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from .axe import violations
from .conftest import USER_AGENT

pytestmark = pytest.mark.browser

THANKS = "[data-grc-widget='hello.thanks']"


def fill_address(page: Page, email: str) -> None:
    page.fill("[name=email]", email)
    page.fill("[name=name]", "Marie Tremblay")
    page.fill("[name=line1]", "12 rue du Quai")
    page.fill("[name=city]", "Rimouski")
    page.fill("[name=postcode]", "G5L 1A1")
    page.select_option("[name=country]", "CA")
    page.select_option("[name=region]", "QC")


def buy(page: Page, url: str, email: str = "guest@example.com") -> str:
    """Order a product as a guest; return the address of the confirmation."""
    page.goto(url + "/")
    page.locator("main a[href*='/p/']").first.click()
    page.locator("form[action*='/cart/'] button").first.click()
    page.goto(url + "/checkout")
    fill_address(page, email)
    page.locator("main form button").first.click()
    page.locator("main form button").first.click()
    page.check("[name=method][value=card]")
    page.fill("[name=number]", "4242 4242 4242 4242")
    page.fill("[name=expiry]", "12/39")
    page.fill("[name=code]", "123")
    # plugins may have forms of their own beside it
    page.locator("form[action='/checkout/payment'] button").last.click()
    page.wait_for_url("**/checkout/done/*")
    return page.url


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(url + "/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", "nordet-demo-2026")
    page.locator("main form button").first.click()


def deliveries(server: Any) -> list[dict[str, Any]]:
    """Return what `flask grc events --json` shows of orders."""
    shown = json.loads(server.run("grc", "events", "--json"))
    found = [row for row in shown["deliveries"] if row["subscriber"] == "hello"]
    return [row for row in found if row["hook"] == "on_order"]


def wait_for_delivery(server: Any, count: int = 1) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 20
    found: list[dict[str, Any]] = []
    while time.monotonic() < deadline:
        found = deliveries(server)
        if len(found) == count and all(row["state"] == "done" for row in found):
            break
        time.sleep(0.2)
    return found


def test_an_order_is_thanked_for_and_delivered_once(server: Any, page: Page) -> None:
    buy(page, server.url)
    expect(page.locator(THANKS)).to_contain_text("Thank you for your order!")
    rows = wait_for_delivery(server)
    assert [(row["subscriber"], row["state"], row["attempts"]) for row in rows] == [
        ("hello", "done", 1)
    ]
    page.reload()
    expect(page.locator(THANKS)).to_be_visible()
    server.run("grc", "sync")
    assert len(deliveries(server)) == 1


@pytest.mark.slow
def test_a_restart_in_between_loses_nothing(server: Any, page: Page) -> None:
    server.stop()
    server.settings["GRC_SETTLE"] = "600"  # so that nothing is read before the restart
    server.start()
    buy(page, server.url)
    server.stop(signal.SIGKILL)
    assert deliveries(server) == []
    server.settings["GRC_SETTLE"] = "0.2"
    server.start()
    page.goto(server.url + "/")
    assert [row["state"] for row in wait_for_delivery(server)] == ["done"]


@pytest.mark.slow
@pytest.mark.shared
def test_a_stranger_with_the_address_is_not_thanked(server: Any, page: Page, browser: Any) -> None:
    address = buy(page, server.url)
    stranger = browser.new_context(locale="en-CA").new_page()
    stranger.goto(address)
    expect(stranger.locator(THANKS)).to_have_count(0)
    stranger.context.close()


@pytest.mark.slow
@pytest.mark.shared
def test_the_thank_you_speaks_the_language_of_the_page(server: Any, page: Page) -> None:
    page.goto(server.url + "/?lang=fr")
    buy(page, server.url)
    expect(page.locator(THANKS)).to_contain_text("Merci de votre commande!")
    assert page.locator("html").get_attribute("lang") == "fr"


@pytest.mark.shared
def test_no_cookie_of_ours_without_consent(server: Any, page: Page) -> None:
    for path in ("/", "/search?q=golf"):
        page.goto(server.url + path)
    page.locator("main a[href*='/p/']").first.click()
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert not [name for name in names if name.startswith("grc")]


@pytest.mark.slow
def test_only_who_agreed_is_counted(server: Any, browser: Any) -> None:
    pages = {}
    for who in ("claire", "simon"):
        pages[who] = page = browser.new_context(user_agent=USER_AGENT).new_page()
        sign_in(page, server.url, f"{who}@example.com")
        page.goto(server.url + "/")
        page.locator("main a[href*='/p/']").first.click()
    server.run("grc", "sync")
    time.sleep(7)  # visits are written every five seconds
    for who, counted in (("claire", True), ("simon", False)):
        pages[who].goto(server.url + "/account")
        expect(pages[who].locator("[data-grc-widget='hello.visits']")).to_have_count(int(counted))
        pages[who].context.close()


@pytest.mark.shared
def test_every_page_works_without_scripts_and_has_no_script_of_ours(
    server: Any, browser: Any
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-CA")
    page = context.new_page()
    buy(page, server.url)
    expect(page.locator(THANKS)).to_be_visible()
    context.close()


@pytest.mark.shared
def test_the_thank_you_is_accessible_in_light_and_dark_and_on_a_phone(
    server: Any, page: Page
) -> None:
    buy(page, server.url)
    for scheme in ("light", "dark"):
        for width in (320, 1280):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            assert violations(page) == []
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow <= 0


@pytest.mark.slow
@pytest.mark.shared
def test_the_styles_are_served_once_and_for_ever(server: Any, page: Page) -> None:
    buy(page, server.url)
    links = page.locator("link[href*='/grc/static/']")
    expect(links).to_have_count(1)
    address = links.get_attribute("href")
    assert address
    assert re.search(r"/grc/static/[0-9a-f]+/grc\.css$", address)
    answer = page.request.get(server.url + address)
    assert answer.status == 200
    assert "immutable" in answer.headers["cache-control"]
