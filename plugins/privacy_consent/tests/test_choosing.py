"""What a choice does, and what bad input does not: cookies, forms, the way back, caches."""

import re
from typing import Any

import pytest
from flask import Flask
from flask import make_response
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from grc_core import Cart
from grc_core import CartChange
from grc_core import CartLine
from grc_core import ConsentChanged
from grc_core import Customer
from grc_core import Event
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import OrderPlaced
from grc_core import OrderRefunded
from grc_core import Plugin
from grc_core import Purpose
from grc_core import ShipmentChanged
from grc_core import SignUp
from grc_core import Subject
from grc_core import hookimpl
from grc_core import widget
from grc_privacy_consent.models import Entry
from grc_privacy_consent.models import Holder
from grc_privacy_consent.paths import way_back

from .conftest import Little
from .conftest import Visitor
from .conftest import morsels
from .conftest import rows
from .conftest import run

LABELS = ["preferences", "personalisation", "analytics", "marketing"]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(chosen=st.sets(st.sampled_from(LABELS)))
def test_no_hook_and_no_widget_runs_without_its_purpose(
    app: Flask, spy: list[Any], chosen: set[str]
) -> None:
    browser = Visitor(app)
    browser.choose("save", *chosen, interface="choices")
    spy.clear()
    browser.get("/")
    browser.get("/product")
    assert {name for name, _ in spy} == chosen - {"marketing"}  # its hook is about orders


EVENT_HOOKS = {
    "on_visit": lambda little: None,  # by looking at the product
    "on_signup": lambda little: SignUp(little.customers["ann"]),
    "on_order": lambda little: OrderPlaced(_order(little)),
    "on_refund": lambda little: OrderRefunded(_order(little), Money(1, "CAD"), "returned"),
    "on_shipment": lambda little: ShipmentChanged.example(subject=ANN),
    "on_cart_change": lambda little: CartChange(Cart("c1", (), customer_id="ann")),
}
ANN = Subject("customer", "ann")


def _order(little: Little) -> Order:
    line = OrderLine("tent", 1, Money(19900, "CAD"))
    little.orders["7"] = Order("7", [line], little.clock.now, "placed", 7, "ann")
    return little.orders["7"]


def _spies() -> list[type[Plugin]]:
    """Return a spy for each purpose, with every event hook, a widget and `offers`."""
    made: list[type[Plugin]] = []
    for label in LABELS:
        need = Purpose.parse(label)
        parts: dict[str, Any] = {"name": f"spy_{label}", "__doc__": "Spy.", "heard": []}
        for hook in EVENT_HOOKS:
            parts[hook] = hookimpl(needs=need)(_noting(hook, "event"))
        parts["offers"] = hookimpl(needs=need)(_noting("offers", "cart"))
        parts["shown"] = widget("home.main", needs=need)(_noting("shown", "page"))
        made.append(type(f"Spy{label}", (Plugin,), parts))
    return made


def _noting(name: str, argument: str) -> Any:
    """Return a method that notes its call; its argument is named as the hook's."""
    scope: dict[str, Any] = {}
    exec(f"def {name}(self, {argument}): self.heard.append({name!r})", scope)
    return scope[name]


@pytest.mark.parametrize("chosen", [[], ["analytics"], ["marketing", "personalisation"], LABELS])
def test_spies_on_every_hook_hear_nothing_without_their_purpose(
    little: Little, chosen: list[str]
) -> None:
    spies = _spies()
    app = little.app(*spies)
    browser = Visitor(app)
    browser.post("/sign-in/ann")
    browser.choose("save", *chosen, interface="choices")
    browser.get("/")
    browser.get("/product")
    assert little.grc is not None
    with app.app_context():
        for make in EVENT_HOOKS.values():
            happened = make(little)
            if happened is not None:
                little.grc.emit(happened)
        app.extensions["grc"].drain()
        cart = Cart("c1", [CartLine("tent", 1, Money(1, "CAD"))], customer_id="ann")
        app.extensions["grc"].services.price(cart, customer=little.customers["ann"])
    heard = {kind.name: set(kind.heard) for kind in spies}  # type: ignore[attr-defined]
    everything = {*EVENT_HOOKS, "offers", "shown"}
    assert heard == {f"spy_{label}": everything if label in chosen else set() for label in LABELS}


def test_a_choice_holds_for_the_background_of_a_customer(
    visitor: Visitor, app: Flask, spy: list[Any]
) -> None:
    visitor.post("/sign-in/ann")
    visitor.choose("accept")
    visitor.post("/order")
    assert ("marketing", "customer:ann") in spy
    visitor.choose("refuse", interface="choices")
    spy.clear()
    visitor.post("/order")
    assert spy == []


def test_a_choice_before_signing_in_holds_after_it(
    visitor: Visitor, app: Flask, spy: list[Any]
) -> None:
    visitor.choose("accept")
    visitor.get("/product")
    visitor.post("/sign-in/ann")
    visitor.get("/product")
    visitor.get("/product")
    assert ("analytics", "customer:ann") in spy
    consents = app.extensions["grc"].services.consents(Subject("customer", "ann"))
    assert Purpose.ANALYTICS in consents


def test_an_account_s_choice_holds_in_another_browser(visitor: Visitor, app: Flask) -> None:
    visitor.post("/sign-in/ann")
    visitor.choose("refuse")
    other = Visitor(app)
    other.post("/sign-in/ann")
    assert not other.banner


def test_who_told_the_shop_already_is_not_asked(little: Little, app: Flask) -> None:
    little.customers["eve"] = Customer("eve", consents=Purpose.ANALYTICS)
    eve = Visitor(app)
    eve.post("/sign-in/eve")
    assert not eve.banner
    assert app.extensions["grc"].services.consents(Subject("customer", "eve")) == (
        Purpose.NECESSARY | Purpose.ANALYTICS
    )


def test_a_refusal_leaves_no_id_of_any_kind(visitor: Visitor, app: Flask) -> None:
    visitor.choose("refuse")
    assert visitor.cookies().keys() == {"grc_consent", "grc_choice"}
    (entry,) = rows(app, Entry)
    assert entry.action == "refused"
    signed = visitor.cookies()["grc_consent"]
    assert entry.consent_id not in signed
    other = Visitor(app)
    other.choose("refuse")
    assert rows(app, Holder) == []
    first, second = (client.cookies()["grc_consent"] for client in (visitor, other))
    assert first.split(".")[0] == second.split(".")[0] or entry.at != rows(app, Entry)[1].at


def test_the_cookie_is_the_server_s_signed_and_holds_nothing_of_the_person(
    visitor: Visitor,
) -> None:
    visitor.post("/sign-in/ann")
    made = morsels(visitor.choose("accept"))["grc_consent"]
    assert made["httponly"]
    assert made["samesite"] == "Lax"
    assert "ann" not in made.value
    assert len(made.value) < 1000


@pytest.mark.parametrize("forged", ["", "x", "W10.x.y", "a" * 3000])
def test_a_forged_cookie_is_no_consent(visitor: Visitor, spy: list[Any], forged: str) -> None:
    visitor.set_cookie("grc_consent", forged)
    visitor.set_cookie("grc_choice", "analytics.personalisation")
    assert visitor.banner
    visitor.get("/product")
    assert spy == []


def test_an_old_consent_is_none(visitor: Visitor, little: Little, spy: list[Any]) -> None:
    visitor.choose("accept")
    little.clock.forward(days=181)
    spy.clear()
    visitor.get("/")
    visitor.get("/product")
    assert spy == []


@pytest.mark.parametrize(
    "form",
    [
        {"choice": "save", "purpose": ["everything"]},
        {"choice": "save", "purpose": ["analytics", "necessary"]},
        {"choice": "maybe"},
        {"choice": "accept", "interface": "elsewhere"},
    ],
)
def test_an_unknown_word_is_refused_with_a_problem_document(
    visitor: Visitor, app: Flask, form: dict[str, Any]
) -> None:
    answer = visitor.post("/grc/privacy/choose", data=form)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert "known are" in answer.json["detail"]
    assert (visitor.cookies(), rows(app, Entry)) == ({}, [])


def test_a_flood_of_choices_is_stopped(visitor: Visitor, app: Flask) -> None:
    answers = [visitor.choose("refuse").status_code for _ in range(31)]
    assert answers == [303] * 30 + [429]
    assert len(rows(app, Entry)) == 30


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_choose_for_somebody(visitor: Visitor, app: Flask, site: str) -> None:
    answer = visitor.choose("accept", headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert (visitor.cookies(), rows(app, Entry)) == ({}, [])


@pytest.mark.parametrize(
    ("referrer", "back", "expected"),
    [
        ("http://localhost/search?q=a%20b&x=1", "/", "/search?q=a%20b&x=1"),
        ("http://localhost/é", "/", "/%C3%A9"),
        ("https://evil.example/search", "/cart", "/cart"),
        ("http://localhost.evil.example/", "/cart", "/cart"),
        (None, "/cart", "/cart"),
        (None, None, "/"),
        (None, "//evil.example", "/"),
        (None, "/\\evil.example", "/"),
        (None, "/\t/evil.example", "/"),
        (None, "/ok\r\nSet-Cookie: a=b", "/"),
        (None, "https://evil.example", "/"),
        (None, "javascript:alert(1)", "/"),
        ("http://localhost//evil.example", None, "/"),
        ("http://[", None, "/"),
    ],
)
def test_the_way_back_is_a_page_of_this_shop(
    app: Flask, referrer: str | None, back: str | None, expected: str
) -> None:
    from flask import request

    headers = {"Referer": referrer} if referrer else {}
    with app.test_request_context("/", headers=headers):
        assert way_back(request, back) == expected


def test_without_a_script_the_browser_goes_back_to_its_page(visitor: Visitor) -> None:
    answer = visitor.choose("accept", headers={"Referer": "http://localhost/product?lang=fr"})
    assert (answer.status_code, answer.location) == (303, "/product?lang=fr")
    shown = visitor.choose("refuse", interface="choices", follow_redirects=True)
    assert "Your choice is saved." in shown.text


def test_a_script_gets_the_purposes_and_no_page(visitor: Visitor) -> None:
    answer = visitor.choose("accept", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json) == (200, {"purposes": LABELS})
    assert answer.headers["Cache-Control"].startswith("private, no-store")


def test_a_choice_is_told_to_the_other_plugins(little: Little) -> None:
    heard: list[Any] = []

    class Listener(Plugin):
        """Listen."""

        name = "listener"

        @hookimpl
        def on_consent(self, change: ConsentChanged, event: Event) -> None:
            before = change.before.labels if change.before else None
            heard.append((str(change.subject), before, change.after.labels))

    client = Visitor(little.app(Listener))
    client.post("/sign-in/ann")
    client.choose("accept")
    client.choose("refuse", interface="choices")
    assert heard[0][:2] == ("customer:ann", None)
    assert heard[1] == ("customer:ann", heard[0][2], ["necessary"])
    nobody = Visitor(client.application)
    nobody.choose("refuse")
    assert len(heard) == 2


def test_a_page_with_the_banner_is_kept_by_nobody_else(visitor: Visitor) -> None:
    response = visitor.get("/")
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "Sec-GPC"} <= set(response.headers["Vary"].split(", "))


def test_a_page_that_is_cached_for_all_has_the_link_and_no_banner(app: Flask) -> None:
    @app.get("/cached")
    def cached() -> Any:
        page = make_response("<!doctype html><html><body><main>A</main></body></html>")
        page.headers["Cache-Control"] = "public, max-age=60"
        return page

    first, second = Visitor(app), Visitor(app)
    second.choose("accept")
    assert first.get("/cached").data == second.get("/cached").data
    text = first.get("/cached").text
    assert "grc-consent-link" in text
    assert 'class="grc-consent"' not in text
    seal = re.search(r'data-seal="([^"]+)"', text)
    assert seal
    fetch = f"/grc/slots?path=/cached&slot=site.top&seal={seal[1]}"
    assert "Refuse all" in first.get(fetch).json["slots"][0]["html"]
    assert second.get(fetch).json["slots"][0]["html"] == ""


def test_the_banner_is_first_in_the_page(visitor: Visitor) -> None:
    page = visitor.get("/").text
    assert page.index('class="grc-consent"') < page.index("<main>")
    assert page.index("<body>") < page.index('class="grc-consent"')


def test_purposes_of_the_shop_s_own_tags_are_asked_for_and_their_cookies_removed(
    visitor: Visitor, app: Flask
) -> None:
    stated = '["_own marketing 90 Shows offers elsewhere.", "_day analytics"]'
    assert run(app, "settings", "privacy_consent", f"cookies={stated}")[0] == 0
    page = visitor.get("/grc/privacy").text
    assert "Shows offers elsewhere." in page
    visitor.set_cookie("_own", "1")
    visitor.choose("save", "analytics", interface="choices")
    assert "_own" not in visitor.cookies()


def test_a_badly_stated_cookie_is_refused(app: Flask) -> None:
    code, output = run(app, "settings", "privacy_consent", 'cookies=["_own selling 90"]')
    assert code == 1
    assert "cookies" in output


def test_google_is_told_only_where_the_shop_wants_it(visitor: Visitor, app: Flask) -> None:
    assert "data-grc-google" not in visitor.get("/").text
    assert run(app, "settings", "privacy_consent", "google_consent_mode=true")[0] == 0
    assert "data-grc-google" in visitor.get("/").text


def test_the_statement_keeps_versions_and_shows_what_changed(visitor: Visitor, app: Flask) -> None:
    visitor.get("/grc/privacy")
    visitor.get("/grc/privacy")
    assert run(app, "settings", "privacy_consent", "company=Nordet <b>")[0] == 0
    assert "Version 2" in visitor.get("/grc/privacy").text
    page = visitor.get("/grc/privacy/versions/2?since=1").text
    assert "<ins>- Company: Nordet &lt;b&gt;</ins>" in page
    assert "<del>" not in page
    assert visitor.get("/grc/privacy/versions/1").status_code == 200
    assert visitor.get("/grc/privacy/versions/3").status_code == 404
    assert visitor.get("/grc/privacy/versions/2?since=9").status_code == 404
    listed = visitor.get("/grc/privacy/versions").text
    assert listed.index("Version 2") < listed.index("Version 1")


def test_a_statement_says_nothing_of_laws_that_the_shop_does_not_follow(
    visitor: Visitor, app: Flask
) -> None:
    assert run(app, "settings", "privacy_consent", 'profiles=["gdpr"]')[0] == 0
    page = visitor.get("/grc/privacy").text
    assert "one month" in page
    assert "Québec" not in page


def test_the_script_and_the_style_are_small(app: Flask) -> None:
    import gzip
    from pathlib import Path

    import grc_privacy_consent

    folder = Path(grc_privacy_consent.__file__).parent / "static"
    for name in ("consent.js", "consent.css"):
        assert len(gzip.compress((folder / name).read_bytes(), 9)) <= 2048
