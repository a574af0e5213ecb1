"""Payment through Stripe, as a customer meets it: the real SDK, real sockets, signed webhooks."""

import sqlite3
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import expect

from stripe_server import LocalStripe
from stripe_server.payments import create_refund
from stripe_server.payments import fail_refund
from stripe_server.server import SECRET

from .axe import violations
from .conftest import USER_AGENT
from .serving import Forks
from .serving import Instances
from .serving import Server
from .serving import served
from .test_loyalty import cents
from .test_loyalty import customer_id
from .test_loyalty import enter
from .test_loyalty import grand
from .test_loyalty import put
from .test_loyalty import sign_in
from .test_loyalty import to_payment

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
CARD, DECLINED = "4242 4242 4242 4242", "4000 0000 0000 0002"


@pytest.fixture(scope="session")
def prepared(instances: Instances, filled: Path) -> Path:
    """Return the filled shop with the example promotions."""
    return instances.prepared(
        "promoted", lambda server: server.run("grc", "loyalty", "examples"), filled
    )


@pytest.fixture
def stripe() -> Iterator[LocalStripe]:
    with LocalStripe() as found:
        yield found


@pytest.fixture
def server(forks: Forks, prepared: Path, tmp_path: Path, stripe: LocalStripe) -> Iterator[Server]:
    """Return a shop with a key, whose webhooks come from the local Stripe."""
    keys = {
        "STRIPE_SECRET_KEY": "sk_test_local",
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": stripe.url,
    }
    with served(forks, prepared, tmp_path / "shop", **keys) as found:
        stripe.webhooks.url = f"{found.url}/grc/webhooks/stripe"
        yield found


def order_by_card(page: Page) -> None:
    page.check("[name=method][value=card]")
    page.locator("form[action='/checkout/payment'] button").last.click()


def pay_at_stripe(page: Page, number: str = CARD) -> None:
    page.fill("[name=number]", number)
    page.locator("form button").click()


def points(server: Server, customer: str) -> int:
    """Return a customer's points, with those that wait for the return window."""
    query = """SELECT balance + pending - debt FROM grc_loyalty__account
               WHERE customer_id = ? AND unit = 'points'"""
    with closing(sqlite3.connect(server.instance / "grc.sqlite3")) as kept:
        row = kept.execute(query, [customer]).fetchone()
    return int(row[0]) if row else 0


def wait_for_points(server: Server, customer: str, wanted: Callable[[int], bool]) -> int:
    """Return a customer's points once they are as wanted."""
    deadline = time.monotonic() + 20
    while not wanted(found := points(server, customer)):
        assert time.monotonic() < deadline, (found, stripe_states(server))
        time.sleep(0.1)
    return found


def stripe_states(server: Server) -> str:
    return server.run("grc", "stripe", "status")


def refund_as_staff(browser: Browser, server: Server, amount: str) -> None:
    """Pay back part of the newest order, in the shop's own back room."""
    context = browser.new_context(locale="en-CA", user_agent=USER_AGENT)
    page = context.new_page()
    sign_in(page, server.url, "staff@example.com")
    page.goto(server.url + "/staff/orders?state=paid")
    page.locator("main table a").first.click()
    form = page.locator("form[action$='/refund']")
    form.locator("[name=amount]").fill(amount)
    form.locator("button").click()
    expect(page.locator("main")).to_contain_text("Refunds")
    look_at_payments(page, server)
    context.close()


def look_at_payments(page: Page, server: Server) -> None:
    """See what Stripe told in the console, on a phone."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(server.url + "/grc/admin/webhooks/payments")
    table = page.locator("#table-main")
    for word in ("refund", "payment", "N1", "done"):
        expect(table).to_contain_text(word)
    expect(page.locator("main")).to_contain_text("A local Stripe stands in: no money moves.")
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) <= 360
    assert violations(page) == []


def test_an_order_is_paid_thanked_for_and_refunded_until_nothing_is_left(
    browser: Browser, page: Page, server: Server, stripe: LocalStripe
) -> None:
    sign_in(page, server.url, "claire@example.com")
    claire = customer_id(server, "claire@example.com")
    before = points(server, claire)
    put(page, server.url, "golf-clubs", "dear")
    to_payment(page, server.url)
    enter(page, "merci5")
    total = grand(page)
    expect(page.locator("main")).to_contain_text("aucun argent ne circule")
    order_by_card(page)
    page.wait_for_url(f"{stripe.url}/pay/*")
    expect(page.locator("main .discount dd")).to_contain_text("5,00")
    assert cents(page.locator("main .total dd").inner_text()) == total
    assert violations(page) == []
    pay_at_stripe(page, DECLINED)
    expect(page.get_by_role("alert")).to_contain_text("refusée")
    pay_at_stripe(page)
    page.wait_for_url(f"{server.url}/checkout/done/*")
    expect(page.locator(".grc-loyalty-thanks")).to_contain_text("5,00")
    earned = wait_for_points(server, claire, lambda found: found > before) - before
    charge = stripe.store.all("charge", status="succeeded")[0]
    assert charge["amount"] == total
    assert page.url.endswith(charge["metadata"]["order_id"])

    part = total // 3
    refund_as_staff(browser, server, f"{part / 100:.2f}")
    assert charge["amount_refunded"] == part
    left = earned - earned * part // total
    assert wait_for_points(server, claire, lambda found: found < before + earned) == before + left

    with stripe.store.lock:  # the rest in Stripe's dashboard, of which the shop hears by webhook
        create_refund(stripe.store, {"charge": charge["id"]})
    assert wait_for_points(server, claire, lambda found: found < before + left) == before
    page.goto(page.url.replace("/checkout/done/", "/orders/"))
    expect(page.locator("main h1")).to_contain_text("Remboursée")
    assert "review" not in stripe_states(server)

    with stripe.store.lock:  # the bank sends it back: the shop owes it again, the points return
        fail_refund(stripe.store, stripe.store.all("refund")[0]["id"])
    assert wait_for_points(server, claire, lambda found: found > before) == before + left
    page.reload()
    expect(page.locator("main h1")).to_contain_text("Payée")
    expect(page.locator("main")).to_contain_text("ne sont pas arrivés")
