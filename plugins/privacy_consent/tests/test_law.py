"""What the laws ask, as tests that are named as in the list of what to prove: T1 to T17."""

import re
from datetime import date
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from grc_core import Cookie
from grc_core import Customer
from grc_core import Personal
from grc_core import Purpose
from grc_core import Subject
from grc_core import hookimpl
from grc_privacy_consent.models import Entry
from grc_privacy_consent.models import Wording

from .conftest import Little
from .conftest import Seen
from .conftest import Spy
from .conftest import Visitor
from .conftest import morsels
from .conftest import rows
from .conftest import run

ALL = ["preferences", "personalisation", "analytics", "marketing"]


def test_t1_before_a_choice_nothing_that_needs_consent_runs(
    visitor: Visitor, spy: list[Any]
) -> None:
    for path in ("/", "/product", "/grc/privacy", "/grc/privacy/choices"):
        response = visitor.get(path)
        assert "Set-Cookie" not in response.headers
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', response.text)
    assert visitor.cookies() == {}
    assert spy == []


def test_t2_refusing_is_as_easy_and_as_visible_as_accepting(visitor: Visitor) -> None:
    buttons = re.findall(r"<button ([^>]*)>([^<]*)</button>", visitor.banner)
    assert [(text, attributes) for attributes, text in buttons] == [
        ("Refuse all", 'name="choice" value="refuse"'),
        ("Accept all", 'name="choice" value="accept"'),
    ]


def test_t3_who_ignores_the_banner_has_refused(visitor: Visitor, spy: list[Any]) -> None:
    for _ in range(3):
        assert visitor.banner
        visitor.get("/product")
    assert visitor.cookies() == {}
    assert spy == []


def test_t3_a_form_without_anything_ticked_is_a_refusal(visitor: Visitor, spy: list[Any]) -> None:
    visitor.choose("save", interface="choices")
    visitor.get("/")
    assert visitor.cookies()["grc_choice"] == "none"
    assert spy == []


def test_t4_nothing_is_ticked_before_a_choice_and_each_purpose_has_a_box(visitor: Visitor) -> None:
    page = visitor.get("/grc/privacy/choices").text
    boxes = re.findall(r'<input type="checkbox" name="purpose" value="(\w+)"([^>]*)>', page)
    assert [name for name, _ in boxes] == ALL
    assert not [name for name, attributes in boxes if "checked" in attributes]


def test_t4_after_a_choice_the_boxes_show_it(visitor: Visitor) -> None:
    visitor.choose("save", "analytics", interface="choices")
    page = visitor.get("/grc/privacy/choices").text
    assert re.findall(r'value="(\w+)"[^>]* checked', page) == ["analytics"]


@pytest.mark.parametrize("choice", ["accept", "refuse"])
def test_t5_a_refusal_is_kept_as_long_as_an_acceptance(
    visitor: Visitor, little: Little, choice: str
) -> None:
    made = morsels(visitor.choose(choice))
    assert made["grc_consent"]["max-age"] == str(180 * 24 * 3600)
    little.clock.forward(days=179)
    assert not visitor.banner
    little.clock.forward(days=2)
    assert visitor.banner


def test_t6_each_page_leads_to_the_choices_and_withdrawing_takes_one_action(
    visitor: Visitor, spy: list[Any]
) -> None:
    visitor.choose("accept")
    for path in ("/", "/product", "/grc/privacy/versions"):
        assert 'href="/grc/privacy/choices"' in visitor.get(path).text
    spy.clear()
    visitor.choose("refuse", interface="choices")
    visitor.get("/")
    visitor.get("/product")
    assert spy == []


def test_t6_withdrawing_deletes_the_declared_cookies_on_every_name(visitor: Visitor) -> None:
    visitor.choose("accept")
    for name in ("_spy", "_spy_2", "other"):
        visitor.set_cookie(name, "x")
    response = visitor.choose("refuse", interface="choices", base_url="http://www.shop.example")
    assert visitor.cookies().keys() >= {"_spy", "other"}  # of another host
    visitor.set_cookie("_spy", "x", domain="www.shop.example")
    response = visitor.choose("refuse", interface="choices", base_url="http://www.shop.example")
    gone = [line for line in response.headers.getlist("Set-Cookie") if line.startswith("_spy=")]
    assert all("Expires=Thu, 01 Jan 1970" in line for line in gone)
    domains = {re.search(r"Domain=([^;]+)", line)[1] if "Domain" in line else "" for line in gone}  # type: ignore[index]
    assert domains == {"", "www.shop.example", "shop.example"}


def test_t6_deliveries_that_still_wait_stop_too(
    visitor: Visitor, app: Flask, spy: list[Any]
) -> None:
    visitor.choose("accept")
    app.extensions["grc"].runner.wake = lambda sources=frozenset(): None
    visitor.get("/product")
    visitor.choose("refuse", interface="choices")
    app.extensions["grc"].visits.flush()
    app.extensions["grc"].drain()
    assert [name for name, _ in spy if name == "analytics"] == []


def test_t7_only_what_changed_is_asked_again_and_the_old_proof_stays(little: Little) -> None:
    class Wider(Spy):
        @hookimpl
        def personal_data(self) -> list[Personal]:
            return [Personal(Seen, ["note"], "customer_id", Purpose.ANALYTICS, "consent",
                             recipients=["Somebody new"], why="Counts your visits.")]  # fmt: skip

    first = little.app()
    first.test_client_class = Visitor
    visitor: Any = first.test_client()
    visitor.choose("accept")
    assert not visitor.banner
    kept = visitor.get_cookie("grc_consent").value

    second = little.app(Wider)
    second.test_client_class = Visitor
    again: Any = second.test_client()
    again.set_cookie("grc_consent", kept)
    asked = re.findall(r"<strong>([^<]+)</strong>", again.banner)
    assert asked == ["Statistics"]
    assert "Good to see you again" in again.get("/").text  # the others still hold
    again.choose("refuse")
    assert again.cookies()["grc_choice"] == "preferences.personalisation.marketing"
    assert not again.banner
    assert [row.purposes for row in rows(second, Entry)] == [
        " ".join(ALL),
        "preferences personalisation marketing",
    ]
    assert len({row.consent_id for row in rows(second, Entry)}) == 1
    assert run(second, "consent", "verify")[0] == 0


def test_t7_a_refusal_is_asked_again_only_where_the_declaration_changed(little: Little) -> None:
    class Longer(Spy):
        @hookimpl
        def cookies(self) -> list[Cookie]:
            return [Cookie("_spy*", Purpose.ANALYTICS, timedelta(days=400), "Counts.")]

    first, second = little.app(), little.app(Longer)
    one, two = Visitor(first), Visitor(second)
    one.choose("refuse")
    refused = one.get_cookie("grc_consent")
    assert refused is not None
    assert not one.banner
    two.set_cookie("grc_consent", refused.value)
    assert re.findall(r"<strong>([^<]+)</strong>", two.banner) == ["Statistics"]
    two.choose("refuse")
    assert not two.banner
    quiet = Visitor(second)
    quiet.gpc = True
    quiet.set_cookie("grc_consent", refused.value)
    assert not quiet.banner  # the browser has answered


def test_t8_each_consent_can_be_proven(visitor: Visitor, app: Flask) -> None:
    visitor.choose("accept")
    visitor.choose("refuse", interface="choices")
    given, taken = rows(app, Entry)
    assert (given.action, given.interface, taken.action, taken.interface) == (
        "given",
        "banner",
        "withdrawn",
        "choices",
    )
    assert given.consent_id == taken.consent_id
    assert given.at
    texts = {row.text_hash: row.text for row in rows(app, Wording)}
    assert "Count who looks at what" in texts[given.text_hash]
    code, output = run(app, "consent", "verify")
    assert (code, output.split(";")[0]) == (0, "2 entries are whole")


def test_t9_a_refusal_costs_nothing(visitor: Visitor) -> None:
    visitor.choose("refuse")
    assert visitor.get("/product").status_code == 200
    assert "Order 1" in visitor.post("/order", data={"email": "guest@example.com"}).text


def test_t15_gpc_without_a_choice_is_a_refusal_without_a_question(
    visitor: Visitor, spy: list[Any]
) -> None:
    visitor.gpc = True
    assert not visitor.banner
    visitor.get("/product")
    assert spy == []
    assert visitor.cookies() == {}
    assert "Global Privacy Control" in visitor.get("/grc/privacy/choices").text


def test_t15_an_explicit_choice_wins_over_gpc(visitor: Visitor, app: Flask, spy: list[Any]) -> None:
    visitor.gpc = True
    visitor.choose("save", "personalisation", interface="choices")
    assert "Good to see you again" in visitor.get("/").text
    assert [name for name, _ in spy] == ["personalisation"]
    assert rows(app, Entry)[0].gpc == "1"


FACTS = {
    "company": "Maison Nordet inc.",
    "address": "12, rue du Quai, Rimouski",
    "responsible": "Person in charge of privacy",
    "contact_email": "privacy@shop.example",
    "complaint": "The ombudsman of the shop",
    "shop_data_en": "Orders, seven years.",
    "shop_data_fr": "Commandes, sept ans.",
}


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["Statistics", "Count &amp; Co (Canada)", "90 days", "your consent",
                "Orders, seven years.", "Privacy Commissioner of Canada", "Version 1"]),
        ("fr", ["Statistiques", "Count &amp; Co (Canada)", "90\N{NO-BREAK SPACE}jours",
                "votre consentement", "Commandes, sept ans.",
                "Commissariat à la protection de la vie privée", "Version 1"]),
    ],
)  # fmt: skip
def test_t16_the_statement_says_what_the_installed_plugins_do(
    visitor: Visitor, app: Flask, lang: str, words: list[str]
) -> None:
    settings = [f"{name}={value}" for name, value in FACTS.items()]
    assert run(app, "settings", "privacy_consent", *settings)[0] == 0
    page = visitor.get("/grc/privacy", headers={"Accept-Language": lang}).text
    for word in words + [FACTS[name] for name in list(FACTS)[:5]]:
        assert word in page
    assert "compliant" not in page.lower()
    assert "conforme" not in page.lower()


def test_t17_under_fourteen_there_is_no_profile_and_no_newsletter_without_a_parent(
    little: Little, app: Flask, spy: list[Any]
) -> None:
    born = date(little.clock.now.year - 13, 12, 31)
    little.customers["kid"] = Customer("kid", birthday=born, consents=Purpose.MARKETING)
    child = Visitor(app)
    child.post("/sign-in/kid")
    child.choose("accept")
    page = child.get("/").text
    assert "Good to see you again" not in page
    assert "As you like it" in page
    consents = app.extensions["grc"].services.consents(Subject("customer", "kid"))
    assert consents == Purpose.NECESSARY | Purpose.PREFERENCES
    agreed = {"parent_agreed": True}
    little.customers["kid"] = little.customers["kid"].replace(attributes=agreed)
    assert "Good to see you again" in child.get("/").text


def test_t17_what_the_shop_recorded_of_a_child_does_not_count_either(
    little: Little, app: Flask
) -> None:
    born = date(little.clock.now.year - 10, 1, 1)
    little.customers["kid"] = Customer("kid", birthday=born, consents=Purpose.MARKETING)
    consents = app.extensions["grc"].services.consents(Subject("customer", "kid"))
    assert consents == Purpose.NECESSARY
