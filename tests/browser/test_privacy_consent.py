"""The banner and the choices in the example shop, as a visitor meets them."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from .axe import violations

pytest.importorskip("grc_privacy_consent", reason="the plugin privacy_consent is not installed")
# every test is a visitor of its own
pytestmark = [pytest.mark.browser, pytest.mark.shared]

BANNER = ".grc-consent"


def names(page: Page) -> set[str]:
    return {str(cookie.get("name")) for cookie in page.context.cookies()}


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent.trim()")
    return text


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
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
