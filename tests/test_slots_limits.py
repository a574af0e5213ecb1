"""The merchant limits a widget to kinds of contacts, and to so many times."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from grc_core import Page
from grc_core import Plugin
from grc_core import Purpose
from grc_core import hookimpl
from grc_core import widget
from grc_core.frequency import Shown

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


class Box(Plugin):
    """Show a box that is the same for everybody."""

    name = "box"

    @widget("product.below", "cart.below", public=True)
    def it(self, page: Page) -> str:
        return "[box]"


class Agreed(Plugin):
    """Say that everybody agreed to preferences."""

    name = "agreed"

    @hookimpl
    def consents(self, subject: Any) -> Purpose:
        return Purpose.NECESSARY | Purpose.PREFERENCES


@pytest.fixture
def app(mini: Any) -> Flask:
    made: Flask = mini.make_app([Box, Agreed])
    return made


def limit(app: Flask, **rule: Any) -> None:
    widgets = {"box.it": {"cart.below": rule}}
    app.extensions["grc"].settings.store("core", {"widgets": widgets})


def times(client: Any, url: str = "/cart", most: int = 6) -> int:
    return sum("[box]" in client.get(url).text for _ in range(most))


def test_a_browser_sees_a_widget_so_many_times(app: Flask) -> None:
    limit(app, most=2, days=7)
    client = app.test_client()
    assert times(client) == 2
    assert times(app.test_client()) == 2, "each browser for itself"


def test_the_count_begins_anew_after_its_days(app: Flask) -> None:
    limit(app, most=2, days=7)
    client, runtime = app.test_client(), app.extensions["grc"]
    assert times(client) == 2
    now = runtime.clock()
    runtime.set_clock(lambda: now + timedelta(days=6))
    assert times(client) == 0
    runtime.set_clock(lambda: now + timedelta(days=7))
    assert times(client) == 2


def test_other_slots_are_not_limited(app: Flask, mini: Any) -> None:
    limit(app, most=1, days=7)
    assert times(app.test_client(), "/product/1") == 6


def test_the_count_is_a_cookie_without_an_id_and_the_page_private(app: Flask) -> None:
    limit(app, most=1, days=7)
    answer = app.test_client().get("/cart")
    (cookie,) = [item for item in answer.headers.getlist("Set-Cookie") if "grc_shown" in item]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert cookie == next(
        item
        for item in app.test_client().get("/cart").headers.getlist("Set-Cookie")
        if "grc_shown" in item
    ), "the same for everybody"


def test_without_consent_nothing_is_counted_and_no_cookie_set(mini: Any) -> None:
    app = mini.make_app([Box])
    limit(app, most=2, days=7)
    client = app.test_client()
    assert times(client) == 6
    assert "Set-Cookie" not in client.get("/cart").headers


def test_a_widget_shows_to_a_kind_of_contact(app: Flask, mini: Any) -> None:
    limit(app, kinds=["supplier"])
    runtime = app.extensions["grc"]
    mini.sign_up("ann")
    runtime.intake.pull(frozenset({"customers"}))
    runtime.drain()
    client = app.test_client()
    client.post("/sign-in/ann")
    assert times(client) == 0
    contact = runtime.contacts.by_email("ann@example.com")[0]
    runtime.contacts.save(contact, kind="supplier")
    assert times(client) == 6
    assert times(app.test_client()) == 0


def test_visitor_is_the_kind_of_who_is_no_contact(app: Flask, mini: Any) -> None:
    limit(app, kinds=["visitor"])
    assert times(app.test_client()) == 6
    runtime = app.extensions["grc"]
    mini.sign_up("ann")
    runtime.intake.pull(frozenset({"customers"}))
    runtime.drain()
    client = app.test_client()
    client.post("/sign-in/ann")
    assert times(client) == 0


def test_on_a_page_kept_for_everybody_a_limited_widget_is_fetched(mini: Any) -> None:
    app = mini.make_app([Box, Agreed], GRC_PUBLIC_ENDPOINTS=["cart"])
    limit(app, most=1, days=7)
    client = app.test_client()
    page = client.get("/cart")
    assert "[box]" not in page.text
    assert "data-grc-fetch" in page.text
    assert "Set-Cookie" not in page.headers
    seal = re.search(r'data-seal="([^"]+)"', page.text)
    url = "/grc/slots?path=/cart&slot=cart.below" + (f"&seal={seal[1]}" if seal else "")
    assert "[box]" in client.get(url).json["slots"][0]["html"]
    assert client.get(url).json["slots"][0]["html"] == ""


def test_a_page_whose_contact_cannot_be_read_goes_on(
    app: Flask, mini: Any, caplog: pytest.LogCaptureFixture
) -> None:
    limit(app, kinds=["supplier"])
    runtime = app.extensions["grc"]
    mini.sign_up("ann")
    client = app.test_client()
    client.post("/sign-in/ann")
    assert times(client) == 0
    with runtime.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE grc_core__contact RENAME TO grc_core__away")
    answer = client.get("/cart")
    assert answer.status_code == 200
    assert "[box]" not in answer.text


def test_the_command_line_sets_and_lifts_limits(app: Flask) -> None:
    def grc(*args: str) -> str:
        return str(app.test_cli_runner().invoke(args=["grc", "slots", *args]).output)

    said = grc("limit", "box.it", "cart.below", "--most", "3", "--days", "7", "--kind", "customer",
               "--page", "cart", "--language", "fr")  # fmt: skip
    assert said == (
        "box.it in cart.below: on cart, in fr, for customer, at most 3 times in 7 days\n"
    )
    stored = app.extensions["grc"].settings.stored("core")["widgets"]["box.it"]["cart.below"]
    assert stored == {
        "endpoints": ["cart"], "locales": ["fr"], "kinds": ["customer"], "most": 3, "days": 7,
    }  # fmt: skip
    assert "at most 3" in " ".join(grc().split())
    assert grc("limit", "box.it") == "box.it in product.below, cart.below: no limit\n"
    assert times(app.test_client()) == 6


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--page", "crt"], "there is no endpoint 'crt' (did you mean 'cart'?)"),
        (["--language", "de"], "there is no language 'de'"),
        (["--kind", "suplier"], "there is no kind 'suplier' (did you mean 'supplier'?)"),
        (["--days", "3"], "--days goes with --most"),
        (["--most", "0"], "0 is not in the range"),
    ],
)
def test_wrong_limits_are_refused(app: Flask, arguments: list[str], says: str) -> None:
    result = app.test_cli_runner().invoke(args=["grc", "slots", "limit", "box.it", *arguments])
    assert result.exit_code != 0
    assert says in result.output


@pytest.mark.parametrize(
    "rule", [{"kinds": 3}, {"most": "2"}, {"most": -1}, {"most": True}, {"kinds": [None]}]
)
def test_nonsense_limits_nothing(app: Flask, rule: Any) -> None:
    limit(app, **rule)
    answer = app.test_client().get("/cart")
    assert "[box]" in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "cookie", ["", "~", "a", "a.b.c", "a.1", "a.-1.5", "a.1.99999999", "é.1.1", "a.1.1~" * 500]
)
def test_a_cookie_that_cannot_be_read_counts_as_never_shown(app: Flask, cookie: str) -> None:
    limit(app, most=1, days=7)
    client = app.test_client()
    client.set_cookie("grc_shown", cookie)
    assert times(client) == 1


def test_counts_stay_small() -> None:
    shown = Shown()
    for number in range(100):
        shown.add(f"widget {number}", 7, 700_000)
    kept = Shown.of(shown.cookie(700_000))
    assert len(shown.cookie(700_000)) < 500
    assert kept.times("widget 99", 7, 700_001) == 1
    assert kept.times("widget 0", 7, 700_001) == 0, "the oldest is forgotten"
    assert shown.cookie(700_000 + 90) == ""
    assert kept.times("widget 99", 7, 699_000) == 0, "a clock moved back"
