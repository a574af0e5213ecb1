"""The staff console as its users meet it: real server, real browser, keyboard, axe."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import expect

from .axe import violations

pytestmark = pytest.mark.browser

PAGES = {
    "": ("Overview", "Vue d’ensemble"),
    "contacts": ("Contacts", "Contacts"),
    "contacts/2": (None, None),
    "slots": ("Widgets", "Widgets"),
    "slots/order.thanks/hello.thanks": ("Limits of hello.thanks", "Limites de hello.thanks"),
    "plugins": ("Plugins", "Extensions"),
    "plugins/hello": ("Plugin hello", "Extension hello"),
    "settings": ("Settings", "Réglages"),
    "events": ("Events", "Événements"),
    "mail": ("Mail", "Courriels"),
    "mail/1": ("Message 1", "Message 1"),
    "health": ("Health", "Santé"),
    "audit": ("Audit", "Journal"),
}


def sign_in(page: Page, url: str, lang: str = "en") -> None:
    page.goto(f"{url}/login?lang={lang}")
    page.fill("[name=email]", "staff@example.com")
    page.fill("[name=password]", "nordet-demo-2026")
    page.locator("main form button").first.click()
    expect(page.locator("main h1").first).to_be_visible()


@pytest.fixture
def desk(page: Page, server: Any) -> Page:
    """Return a page of somebody of the shop's staff."""
    sign_in(page, server.url)
    return page


def admin(server: Any, path: str = "") -> str:
    return f"{server.url}/grc/admin/{path}"


@pytest.fixture(
    params=[
        pytest.param(("en-CA", "light", 1280), id="desktop"),
        pytest.param(("fr-CA", "dark", 320), id="phone", marks=pytest.mark.slow),
    ]
)
def view(request: Any, browser: Browser, server: Any) -> Iterator[Page]:
    """Return a page of staff on a desktop in English, and on a phone in French and the dark."""
    locale, scheme, width = request.param
    server.run("grc", "mail", "test", "claire@example.com")
    context = browser.new_context(
        locale=locale, color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    page.set_default_timeout(15000)
    sign_in(page, server.url, locale[:2])
    yield page
    context.close()


@pytest.mark.shared
def test_every_page_is_accessible_and_fits(view: Page, server: Any) -> None:
    french = view.evaluate("navigator.language").startswith("fr")
    failures: list[str] = []
    for path, titles in PAGES.items():
        view.goto(admin(server, path))
        heading = view.locator("main h1")
        expect(heading).to_be_visible()
        if titles[0]:
            expect(heading).to_have_text(titles[1] if french else titles[0])
        failures += [f"{path}: {rule} {element}" for rule, element in violations(view)]
        too_wide = view.evaluate("document.documentElement.scrollWidth - innerWidth")
        failures += [f"{path} is {too_wide} px too wide"] if too_wide > 0 else []
    assert failures == []


def test_the_keyboard_reaches_everything(desk: Page, server: Any) -> None:
    desk.goto(admin(server, "slots"))
    desk.keyboard.press("Tab")
    expect(desk.locator(":focus")).to_have_text("Skip to the content")
    desk.keyboard.press("Enter")
    assert desk.evaluate("document.activeElement.id") == "content"
    desk.locator("button", has_text="Hide").first.focus()
    assert desk.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    desk.keyboard.press("Enter")
    expect(desk.locator("#notes")).to_contain_text("is hidden in")
    desk.locator("#notes button").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#notes")).to_contain_text("shows in")


@pytest.mark.shared
def test_a_question_is_asked_without_a_script_and_left_by_escape(desk: Page, server: Any) -> None:
    desk.goto(admin(server, "plugins/hello"))
    question = desk.locator("details.confirm")
    question.locator("summary").focus()
    desk.keyboard.press("Enter")
    expect(question.locator("p")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(question.locator("p")).to_be_hidden()
    assert desk.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.shared
def test_the_colours_are_kept_without_a_cookie(desk: Page, server: Any) -> None:
    desk.goto(admin(server))
    before = {item["name"] for item in desk.context.cookies()}
    desk.click(".theme-button")
    desk.click(".theme-button")
    assert desk.evaluate("document.documentElement.dataset.theme") == "dark"
    desk.goto(admin(server, "events"))
    assert desk.evaluate("document.documentElement.dataset.theme") == "dark"
    assert desk.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 20, 26)"
    assert {item["name"] for item in desk.context.cookies()} == before


def test_what_was_typed_is_not_left_by_accident(desk: Page, server: Any) -> None:
    desk.goto(admin(server, "slots/order.thanks/hello.thanks"))
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    desk.on("dialog", stay)
    desk.fill("[name=most]", "3")
    desk.click("nav.menu a >> nth=0", no_wait_after=True)
    expect(desk.locator("h1")).to_have_text("Limits of hello.thanks")
    assert asked == ["beforeunload"]
    desk.click("button.main")
    expect(desk.locator("#notes")).to_contain_text("The limits are saved.")
    assert asked == ["beforeunload"]
    expect(desk).not_to_have_url(re.compile("note="))  # the script takes it away when it runs


@pytest.mark.slow
def test_two_people_do_not_overwrite_each_other(browser: Browser, server: Any) -> None:
    path = admin(server, "slots/order.thanks/hello.thanks")
    mine, theirs = browser.new_page(), browser.new_page()
    for page in (mine, theirs):
        sign_in(page, server.url)
        page.goto(path)
    theirs.fill("[name=most]", "7")
    theirs.click("button.main")
    expect(theirs.locator("#notes")).to_contain_text("saved")
    mine.fill("[name=most]", "3")
    with mine.expect_response(re.compile("/hello.thanks$")) as answered:
        mine.click("button.main")
    assert answered.value.status == 409
    expect(mine.locator(".summary")).to_be_focused()
    expect(mine.locator("[name=most]")).to_have_value("3")
    expect(mine.locator(".theirs")).to_contain_text("7")
    mine.click("button.main")
    expect(mine.locator("#notes")).to_contain_text("saved")
    mine.close()
    theirs.close()


@pytest.mark.shared
def test_a_table_answers_while_one_types(desk: Page, server: Any) -> None:
    desk.goto(admin(server, "health"))
    expect(desk.locator("tbody tr")).not_to_have_count(0)
    with desk.expect_response(re.compile("widgets.q=")):
        desk.type("input[type=search]", "zzz")
    expect(desk.locator("#table-widgets .empty")).to_contain_text("Nothing is found")
    expect(desk).to_have_url(re.compile("widgets.q=zzz"))


@pytest.mark.shared
def test_a_plot_is_drawn_and_its_numbers_stand_below(desk: Page, server: Any) -> None:
    desk.goto(admin(server))
    expect(desk.locator(".plot canvas")).to_be_visible()
    desk.click(".plot-part summary")
    expect(desk.locator(".plot-part tbody tr")).to_have_count(14)


@pytest.mark.shared
def test_the_menu_folds_on_a_phone(desk: Page, server: Any) -> None:
    desk.set_viewport_size({"width": 320, "height": 640})
    desk.goto(admin(server))
    expect(desk.locator("nav.menu")).to_be_hidden()
    desk.click(".menu-button")
    expect(desk.locator("nav.menu a").first).to_be_focused()
    desk.keyboard.press("Escape")
    expect(desk.locator("nav.menu")).to_be_hidden()
    expect(desk.locator(".menu-button")).to_be_focused()


def test_the_console_works_without_a_script(browser: Browser, server: Any) -> None:
    with browser.new_context(java_script_enabled=False, locale="en-CA") as context:
        page = context.new_page()
        sign_in(page, server.url)
        page.goto(admin(server, "plugins"))
        expect(page.locator("nav.menu a").first).to_be_visible()
        page.locator("tbody tr", has_text="hello").locator("input[type=checkbox]").check()
        page.click("summary:has-text('Switch off')")
        page.click(".confirm-box button")
        expect(page.locator("#notes")).to_contain_text("hello: off.")
        page.click("#notes button")
        expect(page.locator("#notes")).to_contain_text("hello: on.")
