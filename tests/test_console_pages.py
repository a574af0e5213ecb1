"""The console's own pages: what they show, what they change, and what the audit says of it."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from grc_core import Event
from grc_core import Order
from grc_core import Page
from grc_core import Plugin
from grc_core import Purpose
from grc_core import hookimpl
from grc_core import widget

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

SAME = {"Sec-Fetch-Site": "same-origin"}
HOSTILE = '"><script>alert(1)</script>{{7*7}}'


class Signs(Plugin):
    """Show a sign on products."""

    name = "signs"

    class Settings(Schema):
        most = fields.Int(load_default=5, validate=validate.Range(1, 9))
        api_key = fields.Str(load_default="")

    @widget("product.below", priority=10)
    def first(self, page: Page) -> str:
        """Say the first thing."""
        return "first sign"

    @widget("product.below", priority=20, needs=Purpose.NECESSARY)
    def second(self, page: Page) -> str:
        return "second sign"

    @hookimpl
    def on_order(self, order: Order, event: Event) -> None:
        raise ValueError(HOSTILE)

    @hookimpl
    def contact_panels(self, contact: Any) -> Any:
        return [("Points", f"<b>{contact.id}</b>")]


@pytest.fixture
def app(mini: Any) -> Flask:
    mini.sign_up("boss", name="Denise")
    return mini.make_app([Signs], MAIL_DEFAULT_SENDER="shop@example.com")


@pytest.fixture
def boss(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.post("/sign-in/boss")
    return client


def read(client: FlaskClient, path: str) -> str:
    answer = client.get(f"/grc/admin{path}")
    assert answer.status_code == 200, answer.text
    return answer.text


def do(client: FlaskClient, path: str, **sent: Any) -> str:
    """Press a button of a page; return what the next page says."""
    found = re.search(r'name="_token" value="([^"]+)"', read(client, path))
    assert found is not None, "the page has no form"
    answer = client.post(f"/grc/admin{path}", data={"_token": found[1], **sent}, headers=SAME)
    assert answer.status_code == 303, answer.text
    text = unescape(client.get(answer.location).text)
    noted = re.search(r'class="note done">\s*<p>(.*?)</p>', text)
    assert noted is not None
    return noted[1]


def audited(client: FlaskClient) -> list[str]:
    """Return what the audit holds as lines, the newest first."""
    return client.get("/grc/admin/audit?csv=1").text.splitlines()[1:]


def product(app: Flask) -> str:
    text = app.test_client().get("/product/1").text
    return re.sub(r"<[^>]+>", " ", text)


def test_a_plugin_is_switched_off_and_on(app: Flask, boss: FlaskClient) -> None:
    assert "first sign" in product(app)
    assert do(boss, "/plugins", _action="off", _id="signs") == "signs: off."
    assert "first sign" not in product(app)
    assert "switched off in the console" in read(boss, "/plugins")
    assert "switched off in the console" in read(boss, "/plugins/signs")
    assert do(boss, "/plugins/signs", _action="on") == "signs: on."
    assert "first sign" in product(app)
    assert [line.split(",")[2] for line in audited(boss)] == ["switched on", "switched off"]


def test_another_process_follows_the_switch(mini: Any, app: Flask) -> None:
    runtime = app.extensions["grc"]
    url = app.config["GRC_DATABASE_URL"]
    other = mini.make_app([Signs], upgrade=False, GRC_DATABASE_URL=url).extensions["grc"]
    assert other.ready()
    runtime.switches.switch("signs", False, "Denise", runtime.clock())
    other.counters._looked = float("-inf")
    assert other.ready()
    assert other.tables.find("signs").off == "switched off in the console"


def test_switching_what_is_not_there_changes_nothing(app: Flask, boss: FlaskClient) -> None:
    said = do(boss, "/plugins", _action="off", _id="nothing")
    assert said.startswith("Nothing was changed")
    assert audited(boss) == []


def test_settings_are_changed_and_follow_their_defaults_again(
    app: Flask, boss: FlaskClient
) -> None:
    settings = app.extensions["grc"].tables.find("signs").plugin
    lock = re.search(r'name="_lock" value="(\w+)"', read(boss, "/settings/signs"))[1]
    sent = {"_form": "", "_lock": lock, "most": "7", "api_key": "a secret word"}
    assert do(boss, "/settings/signs", **sent) == "The settings are saved."
    assert (settings.settings.most, settings.settings.api_key) == (7, "a secret word")
    assert "a secret word" not in read(boss, "/settings/signs")
    assert "a secret word" not in "".join(audited(boss))
    assert "most: 5" in audited(boss)[0]
    assert "One is stored" in read(boss, "/settings/signs")
    assert do(boss, "/settings/signs", _action="reset").startswith("Every setting follows")
    assert settings.settings.most == 5


def test_only_what_was_changed_is_stored(app: Flask, boss: FlaskClient) -> None:
    lock = re.search(r'name="_lock" value="(\w+)"', read(boss, "/settings/signs"))[1]
    do(boss, "/settings/signs", _form="", _lock=lock, most="5", api_key="x")
    assert app.extensions["grc"].settings.stored("signs") == {"api_key": "x"}


def test_widgets_are_moved_hidden_and_limited(app: Flask, boss: FlaskClient) -> None:
    where = {"widget": "signs.second", "slot": "product.below"}
    said = do(boss, "/slots", _action="move", position="1", **where)
    assert said == "signs.second is number 1 in product.below now."
    assert product(app).index("second sign") < product(app).index("first sign")
    do(boss, "/slots", _action="hide", **where)
    assert "second sign" not in product(app)
    do(boss, "/slots", _action="show", **where)
    page = "/slots/product.below/signs.second"
    lock = re.search(r'name="_lock" value="(\w+)"', read(boss, page))[1]
    do(boss, page, _form="", _lock=lock, locales=["fr"], most="3", days="2", endpoints="")
    assert "second sign" not in product(app)
    assert "Times at most: 3 (days: 2)" in read(boss, "/slots")
    assert "Say the first thing." in read(boss, "/slots")
    actions = [line.split(",")[2] for line in audited(boss)]
    assert actions == ["widget limited", "widget shown", "widget hidden", "widget moved"]


def test_what_is_no_widget_is_not_moved(app: Flask, boss: FlaskClient) -> None:
    token = re.search(r'name="_token" value="([^"]+)"', read(boss, "/slots"))[1]
    sent = {"_token": token, "_action": "hide", "widget": "no.such", "slot": "product.below"}
    assert boss.post("/grc/admin/slots", data=sent, headers=SAME).status_code == 404


def dead_letter(mini: Any, app: Flask) -> int:
    """Let a delivery fail until nobody tries any more; return its number."""
    from sqlalchemy import update

    from grc_core.storage.models import DeliveryRow

    runtime = app.extensions["grc"]
    mini.place("boss")
    with app.app_context():
        runtime.intake.sync()
    runtime.drain()
    with runtime.database.write() as connection:
        theirs = update(DeliveryRow).where(DeliveryRow.subscriber == "signs")
        connection.execute(theirs.values(state="dead"))
        query = DeliveryRow.__table__.select().where(DeliveryRow.subscriber == "signs")
        return int(connection.execute(query).one().id)


def test_dead_letters_are_shown_dropped_and_tried_again(
    mini: Any, app: Flask, boss: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    id = dead_letter(mini, app)
    text = read(boss, "/events?state=dead")
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text
    assert '"id": "1"' in unescape(read(boss, f"/events/{id}"))
    assert do(boss, "/events", _action="drop", _id=str(id)) == "Deliveries dropped: 1."
    assert "dropped" in read(boss, f"/events/{id}")
    assert do(boss, f"/events/{id}", _action="retry") == "Deliveries tried again: 1."
    assert "pending" in read(boss, f"/events/{id}")
    assert boss.get("/grc/admin/events/99999").status_code == 404


def test_what_an_event_says_is_for_the_owner(
    mini: Any, app: Flask, boss: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"/events/{dead_letter(mini, app)}"
    mini.shop.staff(lambda: {"support"})
    text = unescape(read(boss, path))
    assert "shown to the owner only" in text
    assert '"id": "1"' not in text


def test_mail_is_shown_in_a_frame_that_can_do_nothing(app: Flask, boss: FlaskClient) -> None:
    runtime = app.extensions["grc"]
    with app.app_context(), runtime.adapter.outside():
        runtime.mailer.send("claire@example.com", "test", "key 1", "transactional")
    runtime.drain()
    assert "c***@example.com" in read(boss, "/mail") or "cl" in read(boss, "/mail")
    assert "claire@example.com" not in read(boss, "/mail")
    page = read(boss, "/mail/1")
    assert '<iframe class="preview" sandbox src="/grc/admin/mail/1/html"' in page
    frame = boss.get("/grc/admin/mail/1/html")
    assert frame.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert do(boss, "/mail", _action="retry", _id="1").startswith("Messages to be sent again")


def test_a_contact_is_found_tagged_suppressed_and_noted(
    mini: Any, app: Flask, boss: FlaskClient
) -> None:
    runtime = app.extensions["grc"]
    contact = runtime.contacts.save(name=HOSTILE, email="marie@example.com")
    assert "&lt;script&gt;" in read(boss, "/contacts?q=marie")
    page = f"/contacts/{contact.id}"
    assert f"&lt;b&gt;{contact.id}" in read(boss, page)
    do(boss, page, _action="tag", tag="vip")
    assert runtime.contacts.by_id(contact.id).tags == ("vip",)
    do(boss, page, _action="untag", tag="vip")
    do(boss, page, _action="suppress", reason="complaint 17")
    assert runtime.contacts.is_suppressed(contact)
    do(boss, page, _action="lift")
    assert not runtime.contacts.is_suppressed(contact)
    lock = re.search(r'name="_lock" value="(\w+)"', read(boss, page))[1]
    sent = {"_form": "note", "_lock": lock, "channel": "phone", "summary": "She called."}
    assert do(boss, page, **sent) == "The note is kept."
    assert "She called." in read(boss, page)
    assert runtime.timeline.of(contact).entries[0].operator == "Denise"
    assert "complaint 17" in "".join(audited(boss))


def test_the_audit_forgets_who_was_erased(app: Flask, boss: FlaskClient) -> None:
    runtime = app.extensions["grc"]
    contact = runtime.contacts.save(name="Marie", email="marie@example.com")
    do(boss, f"/contacts/{contact.id}", _action="suppress", reason="her divorce")
    assert "her divorce" in "".join(audited(boss))
    runtime.contacts.forget(contact)
    (line,) = audited(boss)
    assert "suppressed" in line
    assert "divorce" not in line
    assert f"contact {contact.id}" not in line


def test_the_audit_forgets_staff_who_were_erased(mini: Any, app: Flask, boss: FlaskClient) -> None:
    runtime = app.extensions["grc"]
    do(boss, "/plugins", _action="off", _id="signs")
    assert "Denise" in audited(boss)[0]
    runtime.contacts.forget(runtime.contacts.learn(mini.customers["boss"]))
    assert "Denise" not in audited(boss)[0]
    assert "(erased)" in audited(boss)[0]


def test_health_tells_how_slow_widgets_are_and_what_waits(
    mini: Any, app: Flask, boss: FlaskClient
) -> None:
    product(app)
    text = read(boss, "/health?widgets.csv=1")
    assert re.search(r"^signs\.first,product\.below,on,1,0\.\d+,0\.\d+,", text, re.MULTILINE)
    breaker = app.extensions["grc"].filler.positions.entries["product.below"][0].breaker
    for _ in range(breaker.FAILURES):
        breaker.failed(0.001)
    assert "it failed 5 times in a row" in read(boss, "/health")
    assert "All tables are up to date." in read(boss, "/health")


def test_the_overview_names_what_is_off(app: Flask, boss: FlaskClient) -> None:
    do(boss, "/plugins", _action="off", _id="signs")
    assert "<strong>signs</strong>" in read(boss, "/")


def test_every_page_is_in_french_too(app: Flask, boss: FlaskClient) -> None:
    french = {"Accept-Language": "fr-CA"}
    for path, title in (
        ("/", "Vue d’ensemble"),
        ("/slots", "Widgets"),
        ("/plugins", "Extensions"),
        ("/settings", "Réglages"),
        ("/events", "Événements"),
        ("/mail", "Courriels"),
        ("/health", "Santé"),
        ("/audit", "Journal"),
    ):
        text = boss.get(f"/grc/admin{path}", headers=french).text
        assert '<html lang="fr">' in text
        assert f"<h1>{title}</h1>" in text
