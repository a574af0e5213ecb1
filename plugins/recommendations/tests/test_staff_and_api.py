"""The console's pages and the operation of the API."""

import re
from datetime import UTC
from datetime import datetime

import pytest

from grc_core.testing import ShopApp
from grc_recommendations.tables import Rule

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

BASE = "/grc/admin/recommendations"
HERE = {"Sec-Fetch-Site": "same-origin"}
OFFER = {
    "name": "Clubs for your video",
    "action": "offer",
    "when": "category:videos",
    "then": "category:clubs",
    "strength": "20",
    "active": "1",
}


def hidden(html: str) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    found = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", html)
    pairs = [(re.search(r'name="([^"]+)"', it), re.search(r'value="([^"]*)"', it)) for it in found]
    return {name[1]: value[1] for name, value in pairs if name and value}


def test_a_product_has_recommendations_with_reasons(app: ShopApp) -> None:
    answer = app.visitor().get(
        "/grc/api/v1/recommendations?context=product&product=video&limit=2", headers=HERE
    )
    assert answer.status_code == 200
    first = answer.json["recommendations"][0]
    assert first["id"] == "putter"
    assert first["price"] == {"amount": 19900, "currency": "CAD"}
    assert (first["reason"], first["because"]) == ("bought_together", "video")
    assert len(answer.json["recommendations"]) == 2
    assert answer.json["version"] >= 1


def test_the_cart_is_that_of_the_caller(app: ShopApp) -> None:
    visitor = app.visitor()
    visitor.post("/add/tea")
    found = visitor.get("/grc/api/v1/recommendations?context=cart", headers=HERE).json
    assert found["recommendations"][0]["id"] == "honey"
    empty = app.visitor().get("/grc/api/v1/recommendations?context=cart", headers=HERE).json
    assert empty["recommendations"] == []


def test_a_stranger_has_no_past(app: ShopApp) -> None:
    answer = app.visitor().get("/grc/api/v1/recommendations?context=visitor", headers=HERE)
    assert answer.json["recommendations"] == []


def test_what_cannot_be_asked_is_a_problem_document(app: ShopApp) -> None:
    for query in ("", "context=moon", "context=cart&limit=0", "context=cart&colour=red"):
        answer = app.visitor().get(f"/grc/api/v1/recommendations?{query}", headers=HERE)
        assert answer.status_code == 422
        assert answer.content_type == "application/problem+json"


def test_an_unknown_product_is_answered_with_nothing(app: ShopApp) -> None:
    answer = app.visitor().get(
        "/grc/api/v1/recommendations?context=product&product=nobody", headers=HERE
    )
    assert (answer.status_code, answer.json["recommendations"]) == (200, [])


def test_a_program_with_a_key_asks_for_a_customer_who_agreed(app: ShopApp) -> None:
    words = app.flask(
        "grc", "keys", "create", "--name", "mailer", "--scope", "recommendations:read"
    )
    key = next(word for word in words.split() if word.startswith("grc_"))
    asks = {"Authorization": f"Bearer {key}"}
    to = "/grc/api/v1/recommendations/for"
    assert app.visitor().get(f"{to}?customer=c0").status_code == 401

    def ids(query: str) -> list[str]:
        answer = app.visitor().get(f"{to}?{query}", headers=asks)
        assert answer.status_code == 200, answer.text
        return [it["id"] for it in answer.json["recommendations"]]

    found = ids("customer=newcomer")  # who bought tea and honey
    assert found
    assert not {"tea", "honey"} & set(found)
    assert ids("context=cart&cart=tea&limit=1") == ["honey"]
    assert ids("context=cart&cart=tea,unknown&customer=c1&limit=1") == ["honey"]
    assert ids("context=product&product=video&limit=1") == ["putter"]
    app.mini.sign_up("shy")
    assert ids("customer=shy") == ids("") == []
    assert app.visitor().get(f"{to}?customer=nobody", headers=asks).status_code == 404


def test_the_operation_is_documented(app: ShopApp) -> None:
    document = app.visitor().get("/grc/api/v1/openapi.json").json
    assert any(path.endswith("/recommendations") for path in document["paths"])


def test_staff_sees_the_results(app: ShopApp) -> None:
    visitor = app.visitor()
    form = {"what": "click", "widget": "bought_together", "product": "putter"}
    visitor.post("/grc/recommendations/told", data=form, headers=HERE)
    page = app.visitor("boss").get(f"{BASE}/results")
    assert page.status_code == 200
    assert "Often bought together" in page.text
    assert app.visitor().get(f"{BASE}/results").status_code == 404


def test_a_rule_is_previewed_before_it_is_saved(app: ShopApp) -> None:
    boss = app.visitor("boss")
    fields = hidden(boss.get(f"{BASE}/rules/0").text)
    seen = boss.post(f"{BASE}/rules/0", data={**fields, **OFFER}, headers=HERE)
    assert "With this rule, visitors would see" in seen.text
    assert "Putter" in seen.text
    assert app.rows(Rule) == []
    saved = boss.post(f"{BASE}/rules/0", data={**fields, **OFFER, "saved": "1"}, headers=HERE)
    assert saved.status_code in (302, 303)
    (rule,) = app.rows(Rule)
    assert (rule.when, rule.then, rule.strength) == (["category:videos"], ["category:clubs"], 20)
    assert "Clubs for your video" in boss.get(f"{BASE}/rules-page").text


def test_a_preview_shows_a_set_and_what_holds_in_another_season(app: ShopApp) -> None:
    boss = app.visitor("boss")
    fields = hidden(boss.get(f"{BASE}/rules/0").text)
    away = str((datetime.now(UTC).month + 5) % 12 + 1)
    for rule, shown in (
        ({"action": "set", "when": "", "then": "tent, jam"}, "<dt>Tent</dt><dd>Jam</dd>"),
        ({"action": "pin", "then": "product:tent", "months": away}, "<dd>Tent"),
    ):
        seen = boss.post(f"{BASE}/rules/0", data={**fields, **OFFER, **rule}, headers=HERE)
        assert shown in seen.text


def test_an_offer_of_nothing_and_a_thirteenth_month_are_refused(app: ShopApp) -> None:
    boss = app.visitor("boss")
    fields = hidden(boss.get(f"{BASE}/rules/0").text)
    for wrong in ({"strength": "0"}, {"months": "13"}, {"months": "1 2"}, {"months": "²"}):
        answer = boss.post(
            f"{BASE}/rules/0", data={**fields, **OFFER, **wrong, "saved": "1"}, headers=HERE
        )
        assert "An offer takes" in answer.text or "A month is 1 to 12." in answer.text
    assert app.rows(Rule) == []


def test_an_unknown_rule_is_not_found_and_not_removed(app: ShopApp) -> None:
    boss = app.visitor("boss")
    assert boss.get(f"{BASE}/rules/77").status_code == 404
    fields = hidden(boss.get(f"{BASE}/rules-page").text)
    for chosen in ("77", "drop table"):
        data = {**fields, "_action": "remove", "_id": chosen}
        answer = boss.post(f"{BASE}/rules-page", data=data, headers=HERE)
        assert answer.status_code < 500, answer.text
