"""The staff's pages, the API, the commands and what a person's erasure leaves."""

import json

import pytest
from sqlalchemy import select

from grc_loyalty.models import Account
from grc_loyalty.models import Entry
from grc_loyalty.models import Promotion
from grc_loyalty.models import Wording

from .conftest import FROM_THE_SHOP
from .conftest import PERCENT

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

PAGE = "/grc/admin/loyalty/console-promotions"


def test_staff_sees_the_promotions_and_nobody_else_does(grc_app, promote):
    promote()
    assert "Ten" in grc_app.visitor("boss").get(PAGE).text
    assert grc_app.visitor("ann").get(PAGE).status_code == 404


def test_a_promotion_is_shown_on_sample_carts_with_its_versions(grc_app, promote):
    promote()
    promote()
    shown = grc_app.visitor("boss").get("/grc/admin/loyalty/promotions/ten").text
    assert "Golf ball" in shown
    assert "applied" in shown
    assert grc_app.rows(select(Wording.version)) == [1, 2]


def test_a_promotion_is_tried_while_it_is_typed_on_what_it_is_about(grc_app, grc_shop, promote):
    promote()
    grc_shop.stock("9", "Putter", 9900, categories=("clubs",))
    clubs = {"target": "each_unit", "percent": "20", "filter": {"categories": ["clubs"]}}
    typed = json.dumps({"effects": [{"type": "percent", **clubs}]})
    boss, page = grc_app.visitor("boss"), "/grc/admin/loyalty/promotions/new/preview"
    shown = boss.get(page, query_string={"definition": typed}).text
    assert "<html" not in shown
    assert "1 × Putter" in shown
    assert "$99.10" in shown  # with $10.00 of shipping
    assert "$81.28" in shown
    assert "no promotion yet" in boss.get(page, query_string={"definition": "{"}).text
    assert grc_app.rows(select(Wording.version)) == [1]


def test_the_purse_is_the_signed_in_customer_s(grc_app):
    grc_app.flask("grc", "loyalty", "adjust", "ann", "40", "--reason", "gift", "--key", "1")
    mine = grc_app.visitor("ann").get("/grc/api/v1/loyalty/me").get_json()
    assert (mine["points"], mine["worth"], mine["currency"]) == (40, 200, "CAD")
    assert grc_app.visitor().get("/grc/api/v1/loyalty/me").get_json()["points"] == 0


def test_points_of_others_need_a_key_with_the_scope(grc_app):
    path = "/grc/api/v1/loyalty/customers/ann/adjustments"
    body = {"points": 10, "reason": "sorry", "key": "7"}
    refused = grc_app.visitor().post(path, json=body, headers=FROM_THE_SHOP)
    assert refused.status_code == 401
    assert grc_app.rows(Entry) == []


API = "/grc/api/v1/loyalty"


def key(app, *scopes):
    made = app.flask("grc", "keys", "create", "--name", "till",
                     *[part for scope in scopes for part in ("--scope", scope)])  # fmt: skip
    token = next(word for word in made.split() if word.startswith("grc_"))
    return {"Authorization": f"Bearer {token}"}


def test_programs_give_credit_make_cards_and_put_things_aside(grc_app, grc_shop):
    grc_shop.sign_up("ann")
    client, headers = grc_app.test_client(), key(grc_app, "loyalty:read", "loyalty:write")

    def post(path, **body):
        return client.post(f"{API}/{path}", json=body, headers=headers)

    gift = {"points": 1250, "unit": "credit", "reason": "sorry", "key": "7"}
    for _ in range(2):
        assert post("customers/ann/adjustments", **gift).get_json()["credit"] == 1250
    made = post("gift-cards", count=2, amount=5000, batch="spring")
    assert (made.status_code, len(made.get_json()["codes"])) == (201, 2)
    assert post("gift-cards", count=0, amount=5000).status_code == 422
    assert client.get(f"{API}/gift-cards", headers=headers).get_json()["owed"] == 10_000
    ann, card = grc_app.visitor("ann"), {"code": made.get_json()["codes"][0].lower()}
    for result, credit in (("gift", 6250), ("unknown", 6250)):
        put = ann.post(f"{API}/me/gift-cards", json=card, headers=FROM_THE_SHOP).get_json()
        assert (put["result"], put["purse"]["credit"]) == (result, credit)
    aside = post("customers/ann/asides", product="1", quantity=2)
    assert (aside.status_code, aside.get_json()["state"]) == (201, "kept")
    assert post("customers/ann/asides", product="1").status_code == 409
    assert post("customers/eve/asides", product="1").status_code == 404
    gone = client.delete(f"{API}/asides/{aside.get_json()['id']}", headers=headers)
    assert gone.status_code == 204
    assert client.delete(f"{API}/asides/99", headers=headers).status_code == 404
    (left,) = client.get(f"{API}/customers/ann/asides", headers=headers).get_json()["asides"]
    assert left["state"] == "released"
    reader = key(grc_app, "loyalty:read")
    assert client.post(f"{API}/gift-cards", json={"amount": 1}, headers=reader).status_code == 403


def test_a_customer_asks_for_the_code_for_friends(grc_app, promote):
    ann, path = grc_app.visitor("ann"), f"{API}/me/friends"
    assert ann.post(path, headers=FROM_THE_SHOP).status_code == 404
    promote("friend", needs_code=True)
    grc_app.flask("grc", "settings", "loyalty", "referral_promotion=friend")
    assert ann.get(path).get_json()["code"] is None
    code = ann.post(path, headers=FROM_THE_SHOP).get_json()["code"]
    assert code.startswith("AMI")
    mine = {"code": code, "friends": 0, "points": 0, "reward": 100}
    assert ann.get(path).get_json() == mine
    assert grc_app.visitor().get(path).status_code == 401
    theirs = grc_app.test_client().get(
        f"{API}/customers/ann/friends", headers=key(grc_app, "loyalty:read")
    )
    assert theirs.get_json() == mine


def test_an_adjustment_is_booked_once_and_never_below_zero(grc_app):
    give = ("grc", "loyalty", "adjust", "ann")
    grc_app.flask(*give, "40", "--reason", "gift", "--key", "1")
    for arguments in (
        ("40", "--reason", "x", "--key", "1"),
        ("--reason", "x", "--key", "2", "--", "-41"),
    ):
        with pytest.raises(AssertionError, match="nothing was booked"):
            grc_app.flask(*give, *arguments)
    assert grc_app.rows(select(Account.balance)) == [40]


def test_codes_are_printed_once_by_the_command(grc_app, promote):
    promote(needs_code=True)
    made = grc_app.flask("grc", "loyalty", "codes", "ten", "5").split()
    assert len(set(made)) == 5


def test_examples_are_written_once(grc_app):
    grc_app.flask("grc", "loyalty", "examples")
    grc_app.flask("grc", "loyalty", "examples")
    assert set(grc_app.rows(select(Promotion.version))) == {1}


def test_a_file_of_promotions_is_saved_or_refused_with_a_reason(grc_app, tmp_path):
    path = tmp_path / "promotions.json"
    good = {"key": "a", "title_en": "A", "title_fr": "A", "definition": PERCENT}
    path.write_text(json.dumps([good]))
    assert "a: version 1" in grc_app.flask("grc", "loyalty", "save", str(path))
    path.write_text(json.dumps([{**good, "definition": {"effects": [{"type": "magic"}]}}]))
    with pytest.raises(AssertionError, match="there is no effect 'magic'"):
        grc_app.flask("grc", "loyalty", "save", str(path))
