"""Recommendations in the example shop, as a visitor meets them."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from .axe import violations
from .serving import Instances
from .serving import Server

pytest.importorskip("grc_recommendations", reason="run: pip install -e plugins/recommendations")
pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

CART = "[data-grc-recs=complete_cart]"
TOGETHER = "[data-grc-recs=bought_together]"


RULE = (
    "add-rule", "offer", "--name", "Clubs for your video", "--strength", "20",
    "--when", "category:golf-videos", "--then", "category:golf-clubs",
)  # fmt: skip


@pytest.fixture(scope="session")
def prepared(instances: Instances, filled: Path) -> Path:
    """Return the filled shop after a night: models learnt, and videos call for clubs."""

    def learn(server: Server) -> None:
        for arguments in (("train",), RULE):
            server.run("grc", "recommendations", *arguments)

    return instances.prepared("learnt", learn, filled)


def open_video(page: Page, url: str) -> None:
    page.goto(url + "/c/golf-videos")
    page.locator("main a[href*='/p/']").first.click()


def clubs(page: Page, url: str) -> set[str]:
    page.goto(url + "/c/golf-clubs")
    found = page.locator("main a[href*='/p/']").evaluate_all("all => all.map(a => a.pathname)")
    return {path.split("/")[2] for path in found}


@pytest.mark.shared
def test_a_golf_video_in_the_cart_shows_clubs_and_one_click_adds_one(
    server: Any, page: Page
) -> None:
    known = clubs(page, server.url)
    open_video(page, server.url)
    page.locator("form[action*='/cart/add'] button").first.click()
    page.goto(server.url + "/cart")
    first = page.locator(f"{CART} [data-product]").first
    expect(first).to_contain_text("Goes with what you chose")
    path = first.locator(".grc-recs-name a").get_attribute("href") or ""
    assert path.split("/")[-2 if path.endswith("/") else 2] in known
    name = first.locator(".grc-recs-name").inner_text()
    first.get_by_role("button").click()
    expect(page.locator("main .cart-lines")).to_contain_text(name)
    assert name not in page.locator(CART).inner_text()


@pytest.mark.shared
def test_several_are_added_at_once(server: Any, page: Page) -> None:
    open_video(page, server.url)
    names = page.locator(f"{TOGETHER} .grc-recs-name").all_inner_texts()
    assert len(names) > 1
    page.locator(f"{TOGETHER} [data-grc-add-all]").click()
    expect(page).to_have_url(re.compile(r"/cart$"))
    for name in names:
        expect(page.locator("main .cart-lines")).to_contain_text(name)


#: Playwright does not see beacons; the same message by `fetch` it does.
VISIBLE = """navigator.sendBeacon = (url, body) => {
  fetch(url, { method: "POST", body: body, keepalive: true });
  return true;
}"""


@pytest.mark.shared
def test_what_is_seen_and_clicked_is_told(server: Any, page: Page) -> None:
    page.add_init_script(VISIBLE)
    with page.expect_response("**/recommendations/told", timeout=60_000) as seen:
        open_video(page, server.url)
        page.locator(TOGETHER).scroll_into_view_if_needed()
    assert seen.value.status == 204
    with page.expect_request("**/recommendations/told", timeout=60_000) as clicked:
        page.locator(f"{TOGETHER} .grc-recs-name a").first.click()
    assert 'name="what"\r\n\r\nclick' in (clicked.value.post_data or "")


@pytest.mark.shared
def test_without_scripts_the_forms_work_and_nothing_is_promised_that_cannot_be(
    server: Any, browser: Any
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-CA")
    page = context.new_page()
    open_video(page, server.url)
    expect(page.locator(TOGETHER)).to_contain_text("Souvent achetés ensemble")
    expect(page.locator(f"{TOGETHER} [data-grc-add-all]")).to_be_hidden()
    page.locator(f"{TOGETHER} form button").first.click()
    expect(page).to_have_url(re.compile(r"/cart$"))
    context.close()


@pytest.mark.shared
def test_cards_are_accessible_and_fit_the_page(server: Any, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page = context.new_page()
    open_video(page, server.url)
    for scheme, width in (("light", 1280), ("dark", 320)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.locator(TOGETHER)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page, TOGETHER) == []
    context.close()
