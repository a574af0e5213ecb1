"""The banner and the choices in the example shop, as a visitor meets them."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from .axe import violations
from .conftest import USER_AGENT
from .serving import Forks
from .serving import Server
from .serving import served

pytest.importorskip("grc_privacy_consent", reason="the plugin privacy_consent is not installed")
# every test is a visitor of its own
pytestmark = [pytest.mark.browser, pytest.mark.shared]

BANNER = ".grc-consent"
NARROW = {"width": 320, "height": 800}


@pytest.fixture(scope="module")
def alone(
    forks: Forks, prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Return a shop for what changes more than a visitor of its own."""
    with served(forks, prepared, tmp_path_factory.mktemp("alone") / "shop") as found:
        yield found


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(url + "/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", "nordet-demo-2026")
    page.locator("main form button").first.click()


def names(page: Page) -> set[str]:
    return {str(cookie.get("name")) for cookie in page.context.cookies()}


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent.trim()")
    return text


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 320), pytest.param("dark", 1280, marks=pytest.mark.slow)]
)
def test_the_banner_and_the_choices_have_no_violation_of_wcag(
    server: Any, page: Page, scheme: Any, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 700})
    for lang in ("fr", "en"):
        page.goto(f"{server.url}/?lang={lang}")
        expect(page.locator(BANNER)).to_be_visible()
        assert violations(page) == []
        for button in page.locator(f"{BANNER} button").all():
            expect(button).to_be_in_viewport(ratio=1)
    for path in ("/grc/privacy/choices", "/grc/privacy", "/grc/privacy/data", "/grc/privacy/mail"):
        page.goto(server.url + path)
        expect(page.locator("main h1")).to_be_visible()
        assert violations(page) == []
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0


@pytest.mark.parametrize(
    ("tabs", "label", "flag"),
    [
        (1, "Refuse all", "none"),
        (2, "Accept all", "preferences.personalisation.analytics.marketing"),
    ],
)
def test_refusing_and_accepting_take_two_tabs_at_most(
    server: Any, page: Page, tabs: int, label: str, flag: str
) -> None:
    page.goto(server.url + "/?lang=en")
    for _ in range(tabs):
        page.keyboard.press("Tab")
    assert focused(page) == label
    page.keyboard.press("Enter")
    expect(page.locator(BANNER)).to_have_count(0)
    found = {str(item.get("name")): item for item in page.context.cookies()}
    assert found["grc_choice"].get("value") == flag
    assert found["grc_consent"].get("httpOnly") is True


def test_the_two_buttons_look_the_same(server: Any, page: Page) -> None:
    page.goto(server.url + "/?lang=en")
    looks = page.eval_on_selector_all(
        f"{BANNER} button",
        """all => all.map(one => { const style = getComputedStyle(one);
           return [style.color, style.backgroundColor, style.fontSize, style.fontWeight,
                   style.border, one.offsetWidth, one.offsetHeight].join() })""",
    )
    assert len(looks) == 2
    assert looks[0] == looks[1]


def test_before_a_choice_nothing_is_kept_and_nobody_else_is_asked(server: Any, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/?lang=en", "/search?q=golf", "/grc/privacy"):
        page.goto(server.url + path)
        expect(page.locator(BANNER)).to_be_visible()
    page.goto(server.url + "/")
    page.locator("main a[href*='/p/']").first.click()
    assert not {name for name in names(page) if name.startswith("grc")}
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert all(url.startswith(server.url) for url in asked)


def test_the_script_spares_the_reload_and_keeps_the_focus_in_the_page(
    server: Any, page: Page
) -> None:
    page.goto(server.url + "/?lang=en")
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    page.get_by_role("button", name="Refuse all").click()
    expect(page.locator(".grc-consent-said")).to_have_text("Your choice is saved.")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"
    assert loads == []
    page.reload()
    expect(page.locator(BANNER)).to_have_count(0)


def test_it_works_without_a_script(server: Any, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-CA")
    page = context.new_page()
    page.goto(server.url + "/search?q=golf&lang=en")
    page.get_by_role("button", name="Refuse all").click()
    assert re.search(r"/search\?q=golf", page.url)
    expect(page.locator(BANNER)).to_have_count(0)
    page.get_by_role("link", name="Change my privacy choices").click()
    page.check("input[value=analytics]")
    page.get_by_role("button", name="Save my choice").click()
    expect(page.locator(".grc-consent-saved")).to_be_visible()
    assert page.is_checked("input[value=analytics]")
    assert not page.is_checked("input[value=marketing]")
    context.close()


def test_gpc_is_a_refusal_that_is_not_asked_about(server: Any, browser: Any) -> None:
    context = browser.new_context(locale="en-CA", extra_http_headers={"Sec-GPC": "1"})
    page = context.new_page()
    page.goto(server.url + "/?lang=en")
    expect(page.locator(BANNER)).to_have_count(0)
    expect(page.get_by_role("link", name="Change my privacy choices")).to_be_visible()
    context.close()


def test_what_waits_in_a_template_wakes_with_the_choice_and_not_before(
    server: Any, page: Page
) -> None:
    def with_tags(route: Any) -> None:
        answer = route.fetch()
        tags = (
            '<template data-grc-needs="analytics"><script src="/tag.js?counted"></script>'
            '<img alt="" src="/pixel.gif?analytics"></template>'
            '<template data-grc-needs="marketing"><script src="/tag.js?sold"></script></template>'
        )
        route.fulfill(response=answer, body=answer.text().replace("</main>", f"{tags}</main>"))

    def tag(route: Any) -> None:
        name = route.request.url.partition("?")[2]
        route.fulfill(content_type="text/javascript", body=f"window.{name} = true")

    page.route(server.url + "/?lang=en", with_tags)
    page.route("**/tag.js*", tag)
    page.route("**/pixel.gif*", lambda route: route.fulfill(status=200, content_type="image/gif"))
    page.goto(server.url + "/?lang=en")
    assert page.evaluate("[window.counted, window.sold]") == [None, None]
    expect(page.locator("img[src*=pixel]")).to_have_count(0)
    page.goto(server.url + "/grc/privacy/choices?lang=en")
    page.check("input[value=analytics]")
    page.get_by_role("button", name="Save my choice").click()
    page.goto(server.url + "/?lang=en")
    expect(page.locator("img[src*=pixel]")).to_have_count(1)
    page.wait_for_function("window.counted")
    assert page.evaluate("window.sold") is None


def test_the_shop_works_in_full_after_a_refusal(server: Any, page: Page) -> None:
    page.goto(server.url + "/?lang=en")
    page.get_by_role("button", name="Refuse all").click()
    expect(page.locator(BANNER)).to_have_count(0)
    page.locator("main a[href*='/p/']").first.click()
    page.locator("form[action*='/cart/'] button").first.click()
    page.goto(server.url + "/checkout")
    expect(page.locator("[name=email]")).to_be_visible()


def test_a_copy_is_prepared_while_the_page_says_how_far_it_is(server: Any, page: Page) -> None:
    sign_in(page, server.url, "claire@example.com")
    page.goto(server.url + "/grc/privacy/data?lang=en")
    page.get_by_role("button", name="Get a copy").click()
    expect(page.get_by_role("link", name="Get the copy")).to_be_visible(timeout=20_000)
    assert violations(page, "main") == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Get the copy").click()
    with ZipFile(download.value.path()) as file:
        assert "claire@example.com" in file.read("data.html").decode()


GOOGLE = """
window.dataLayer = window.dataLayer || [];
window.told = () => window.dataLayer.filter(one => one[0] === "consent").map(one => [...one]);
"""


def test_google_s_tags_are_told_no_by_default_and_of_a_choice_after_it(
    alone: Any, browser: Any
) -> None:
    alone.run("grc", "settings", "privacy_consent", "google_consent_mode=true")
    context = browser.new_context(locale="en-CA", user_agent=USER_AGENT)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(GOOGLE)
    page.goto(alone.url + "/?lang=en")
    kind, what, states = page.evaluate("window.told()[0]")
    assert (kind, what) == ("consent", "default")
    assert set(states.values()) == {"denied"}
    assert {"ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"} <= set(states)
    page.get_by_role("button", name="Accept all").click()
    expect(page.locator(BANNER)).to_have_count(0)
    _, what, states = page.evaluate("window.told()[1]")
    assert (what, set(states.values())) == ("update", {"granted"})
    page.goto(alone.url + "/grc/privacy/choices?lang=en")
    for label in ("marketing", "preferences", "personalisation"):
        page.uncheck(f"input[value={label}]")
    page.get_by_role("button", name="Save my choice").click()
    expect(page.locator(".grc-consent-saved")).to_be_visible()
    first = page.evaluate("window.told()[0]")
    assert first[1] == "default"
    granted = [name for name, state in first[2].items() if state == "granted"]
    assert granted == ["analytics_storage"]
    assert all(url.startswith(alone.url) for url in asked)
    context.close()


def test_a_child_asks_a_parent_who_agrees_on_a_page_that_breaks_no_rule(
    alone: Any, browser: Any
) -> None:
    with closing(sqlite3.connect(alone.instance / "shop.sqlite")) as shop, shop:
        born = f"{datetime.now(UTC).year - 10}-01-01"
        shop.execute('UPDATE "user" SET birthday = ? WHERE email = ?', (born, "claire@example.com"))
    context = browser.new_context(locale="en-CA", user_agent=USER_AGENT, viewport=NARROW)
    child = context.new_page()
    sign_in(child, alone.url, "claire@example.com")
    child.goto(alone.url + "/grc/privacy/choices?lang=en")
    assert violations(child, "main") == []
    child.get_by_label("A parent’s e-mail").fill("parent@example.org")
    child.get_by_role("button", name="Ask my parent").click()
    expect(child.get_by_role("status").filter(has_text="We have sent a link")).to_be_visible()
    with closing(sqlite3.connect(alone.instance / "grc.sqlite3")) as grc:
        query = "SELECT text FROM grc_core__message WHERE address = 'parent@example.org'"
        (text,) = grc.execute(query).fetchone()
    path = re.search(r"/grc/privacy/parent/\S+", text)
    assert path
    parent = browser.new_context(locale="en-CA", user_agent=USER_AGENT, viewport=NARROW).new_page()
    parent.goto(alone.url + path[0])
    expect(parent.get_by_role("checkbox", checked=True)).to_have_count(0)
    assert violations(parent, "main") == []
    parent.get_by_role("checkbox").first.check()
    parent.get_by_role("button", name="Save my choice").click()
    expect(parent.locator(".grc-consent-saved")).to_be_visible()
    expect(parent.get_by_role("checkbox", checked=True)).to_have_count(1)
    parent.context.close()
    context.close()
