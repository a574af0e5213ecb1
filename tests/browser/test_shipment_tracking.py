"""A parcel from the staff's hands to the visitor's door, in a real browser."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import expect

from .axe import violations

pytest.importorskip("grc_shipment_tracking")

pytestmark = pytest.mark.browser

WIDGET = "[data-grc-widget='shipment_tracking.parcels']"
NUMBER = "330123456783"  # its last digit is the check digit of the others


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(url + "/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", "nordet-demo-2026")
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile(r"^(?!.*/login).*$"), wait_until="commit")


def order_of(page: Page, url: str) -> str:
    """Return the address of the customer's latest order."""
    page.goto(url + "/account/orders")
    return str(page.locator("main a[href^='/orders/']").first.get_attribute("href"))


def answer(folder: Path, kind: str, said: str, minute: int) -> str:
    """Save what Purolator answers, and return where."""
    file = folder / "answer.xml"
    file.write_text(
        "<TrackPackagesByPinResponse><TrackingInformation>"
        f"<PIN><Value>{NUMBER}</Value></PIN><Scans><Scan><ScanType>{kind}</ScanType><Depot>"
        f"<Name>QUEBEC, QC</Name></Depot><ScanDate>2026-11-01</ScanDate><ScanTime>10{minute}00"
        f"</ScanTime><Description>{said}</Description></Scan></Scans></TrackingInformation>"
        "</TrackPackagesByPinResponse>"
    )
    return str(file)


@pytest.mark.timeout(300)  # two people and four commands, each of which starts Python
def test_staff_paste_a_number_and_the_visitor_follows_the_parcel(
    server: Any, browser: Browser, page: Page, tmp_path: Path
) -> None:
    sign_in(page, server.url, "simon@example.com")
    address = order_of(page, server.url)

    staff = browser.new_context(locale="en-CA").new_page()
    sign_in(staff, server.url, "staff@example.com")
    staff.goto(server.url + "/grc/admin/track/add-parcels")
    order_id = address.rpartition("/")[2]
    staff.fill("textarea", f"{order_id} {NUMBER[:4]} {NUMBER[4:]}")
    staff.locator("main form button").last.click()
    expect(staff.locator("main")).to_contain_text(NUMBER)
    staff.context.close()

    page.goto(server.url + address)
    expect(page.locator(WIDGET)).to_contain_text("Purolator")
    expect(page.locator(WIDGET)).to_contain_text(NUMBER)

    shown = json.loads(server.run("grc", "mail", "--json"))
    (mail,) = [row for row in shown["messages"] if row["template"].startswith("shipment_tracking/")]
    assert mail["subject"] in ("Your parcel has left", "Votre colis est parti")
    text = server.run("grc", "mail", "show", str(mail["id"]))
    link = re.search(r"/grc/track/[\w-]{32}", text)
    assert link

    # Nobody has to be signed in: whoever has the message has the page.
    visitor = browser.new_context(viewport={"width": 320, "height": 700}).new_page()
    visitor.goto(server.url + link[0])
    expect(visitor.locator("main h1")).to_be_visible()
    command = ("grc", "shipments", "read", "purolator")
    server.run(*command, answer(tmp_path, "OnDelivery", "On vehicle for delivery", 15))
    visitor.reload()
    expect(visitor.locator(".grc-timeline li")).to_have_count(1)
    server.run(*command, answer(tmp_path, "Delivery", "Shipment delivered", 45))
    visitor.reload()
    expect(visitor.locator(".grc-timeline li")).to_have_count(2)
    expect(visitor.locator(".grc-timeline li").first).to_have_attribute("data-state", "delivered")
    assert visitor.evaluate("document.documentElement.scrollWidth") <= 320
    visitor.context.close()


@pytest.mark.shared
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_parcels_can_be_read_by_everybody(
    server: Any, browser: Browser, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 700}, color_scheme=scheme)
    page = context.new_page()
    for lang in ("fr-CA", "en-CA"):
        page.set_extra_http_headers({"Accept-Language": lang})
        page.goto(server.url + "/grc/track/")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert violations(page) == []
    context.close()
