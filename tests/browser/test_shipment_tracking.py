"""A parcel from the staff's hands to the visitor's door, in a real browser."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fake_carriers import Carriers
from fake_carriers import serving
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import expect

from .axe import violations
from .serving import Forks
from .serving import Server
from .serving import served

pytest.importorskip("grc_shipment_tracking")

pytestmark = pytest.mark.browser

ORDER = 'SELECT public_id FROM "order" ORDER BY placed_at'
MAIL = "SELECT text FROM grc_core__message WHERE text LIKE ? ORDER BY id"
NUMBER = "330123456783"  # its last digit is the check digit of the others


@pytest.fixture(scope="module")
def carriers() -> Iterator[Carriers]:
    """Return carriers that the shop of this module asks."""
    with serving() as found:
        yield found


@pytest.fixture
def server(
    forks: Forks, filled: Path, carriers: Carriers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """Return a shop that has keys of these carriers."""
    monkeypatch.setenv("SHIPMENT_TRACKING_CARRIERS", json.dumps(carriers.config()))
    with served(forks, filled, tmp_path / "shop") as found:
        yield found


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(url + "/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", "nordet-demo-2026")
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(r"^(?!.*/login).*$"), wait_until="commit")


def latest(file: Path, query: str, *values: str) -> str:
    """Return the last that a query finds in a database."""
    with closing(sqlite3.connect(file)) as database:
        return str(database.execute(query, values).fetchall()[-1][0])


def let_staff_ask(staff: Page) -> None:
    """Press the button that has the carrier asked, which happens behind the page."""
    staff.get_by_role("button", name="Ask the carrier now").click()
    expect(staff.get_by_text("The carrier is being asked.")).to_be_visible()


def reload_until(page: Page, steps: int) -> None:
    """Look again until the timeline has so many steps, as a person would."""
    for _ in range(40):
        page.reload()
        if page.locator(".grc-timeline li").count() >= steps:
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.locator("main").inner_text())


@pytest.mark.timeout(180)
def test_staff_paste_a_number_and_the_visitor_follows_the_parcel(
    server: Server, carriers: Carriers, browser: Browser, page: Page
) -> None:
    order_id = latest(server.instance / "shop.sqlite", ORDER)
    sign_in(page, server.url, "staff@example.com")
    page.goto(server.url + "/grc/admin/track/add-parcels")
    page.fill("textarea", f"{order_id} {NUMBER[:4]} {NUMBER[4:]}")
    page.locator("main form button").last.click()
    expect(page.locator("main")).to_contain_text(NUMBER)
    text = latest(server.instance / "grc.sqlite3", MAIL, "%/grc/track/%")
    assert order_id not in text  # the mail says the number that people know
    link = re.search(r"/grc/track/[\w-]{32}", text)
    assert link

    # Nobody has to be signed in: whoever has the message has the page.
    visitor = browser.new_context(viewport={"width": 320, "height": 700}).new_page()
    visitor.goto(server.url + link[0])
    expect(visitor.locator("main h1")).to_be_visible()
    now = datetime.now(UTC)
    page.goto(f"{server.url}/grc/admin/track/order/{order_id}")
    carriers.tell(NUMBER, "out", now - timedelta(minutes=40))
    let_staff_ask(page)
    reload_until(visitor, 1)
    carriers.tell(NUMBER, "delivered", now - timedelta(minutes=2))
    let_staff_ask(page)
    reload_until(visitor, 2)
    expect(visitor.locator(".grc-timeline li").first).to_have_attribute("data-state", "delivered")
    assert visitor.evaluate("document.documentElement.scrollWidth") <= 320
    visitor.context.close()


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_the_pages_of_parcels_can_be_read_by_everybody(
    shared: Any, browser: Browser, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 700}, color_scheme=scheme)
    page = context.new_page()
    for lang in ("fr-CA", "en-CA"):
        page.set_extra_http_headers({"Accept-Language": lang})
        page.goto(shared.url + "/grc/track/")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert violations(page) == []
    context.close()
