"""The questions and answers as visitors meet them: real server, real browser, keyboard, axe."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import expect

from .axe import violations
from .serving import Instances
from .serving import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def prepared(instances: Instances, filled: Path) -> Path:
    """Return the filled shop with the starter pack, searched by words alone."""

    def start(server: Server) -> None:
        server.run("grc", "settings", "faq", "semantic=false")
        server.run("grc", "faq", "starter")

    return instances.prepared("asked", start, filled)


@pytest.mark.shared
def test_suggestions_are_used_by_keyboard_alone(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/grc/faq/")
    box = page.get_by_role("combobox", name="What is your question?")
    box.focus()
    page.keyboard.type("where is my par", delay=20)
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    chosen = page.get_by_role("option", selected=True)
    expect(chosen).to_have_count(1)
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("c")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("article h1")).to_be_visible()


def test_without_javascript_one_searches_and_asks(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-CA")
    page = context.new_page()
    page.goto(f"{server.url}/grc/faq/")
    page.fill("#grc-faq-q", "violin strings")
    page.click(".grc-faq-search button")
    expect(page.get_by_text("We have no sure answer")).to_be_visible()
    page.fill("#grc-faq-text", "Do you sell strings of violins?")
    page.click(".grc-faq-ask button")
    if page.get_by_role("button", name="Send my question anyway").count():
        page.click(".grc-faq-ask button")
    expect(page.locator("h1")).to_have_text("Thank you for your question", timeout=30_000)
    context.close()
    assert "strings of violins" in server.run("grc", "faq", "queue")


@pytest.mark.shared
@pytest.mark.parametrize("path", ["/grc/faq/", "/grc/faq/?q=colis", "/help"])
def test_pages_fit_a_phone_and_axe_finds_nothing(
    browser: Browser, server: Server, path: str
) -> None:
    context = browser.new_context(
        locale="fr-CA", color_scheme="dark", viewport={"width": 320, "height": 700}
    )
    page = context.new_page()
    page.goto(server.url + path)
    expect(page.locator(".grc-faq-search").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert violations(page) == []
    context.close()
