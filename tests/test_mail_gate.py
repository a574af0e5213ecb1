"""Commercial mail: without consent, suppressed, unsubscribed or vetoed it leaves on no path."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import grc_core
from grc_core import Customer
from grc_core import Order
from grc_core import Plugin
from grc_core import Purpose
from grc_core import api
from grc_core import command
from grc_core import every
from grc_core import hookimpl
from grc_core import route
from grc_core.errors import GRCError
from grc_core.errors import NotConfigured
from grc_core.mail.mailer import Draft
from grc_core.storage.mail_models import MessageRow
from grc_core.storage.sessions import ReadScope
from grc_core.storage.sessions import working
from grc_core.values import Subject

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")


class Promo(Plugin):
    """Offer something at every occasion."""

    name = "promo"
    vetoes = fails = False

    def offer(self, to: Any, key: str) -> str:
        return self.mail(to, "offer", key, "commercial", percent=5)

    @hookimpl
    def on_order(self, order: Order) -> None:
        self.offer(order, "order")

    @hookimpl
    def on_signup(self, customer: Customer) -> None:
        self.offer(customer, "signup")

    @hookimpl
    def may_send(self, contact: Any, kind: str) -> bool | None:
        if self.fails:
            raise RuntimeError("nobody knows")
        return False if self.vetoes else None

    @route("/offer")
    def page(self) -> str:
        return self.offer("ann@example.com", "page")

    @command("offer")
    def run(self) -> None:
        self.offer("ann@example.com", "command")

    @every(hours=1)
    def often(self) -> None:
        self.offer("ann@example.com", "often")

    @api("/promo/offer", method="POST", scope=None, status=204)
    def asked(self) -> None:
        self.offer("ann@example.com", "asked")

    def later(self) -> None:
        self.offer("ann@example.com", "later")


@pytest.fixture
def app(mini: Any, mail_server: Any, clock: Any, tmp_path: Path) -> Flask:
    folder = tmp_path / "templates" / "grc" / "promo" / "mail"
    folder.mkdir(parents=True)
    (folder / "offer.txt").write_text("{{ percent }} % for you\nHello {{ recipient_name }}\n")

    def templates(app: Flask) -> None:
        app.template_folder = str(tmp_path / "templates")

    app: Flask = mini.make_app([Promo], before=templates, **mail_server.settings)
    app.extensions["grc"].set_clock(clock)
    return app


def rows(app: Flask) -> list[Any]:
    with app.extensions["grc"].database.read() as connection:
        query = select(MessageRow.__table__).order_by(MessageRow.id)
        return list(connection.execute(query))


def person(app: Flask, mini: Any, consents: Purpose | None = Purpose.MARKETING) -> Any:
    """Return the contact of Ann, who signed up."""
    mini.sign_up("ann", consents=consents)
    grc = app.extensions["grc"]
    grc.intake.pull(frozenset({"customers"}))
    with grc.database.write() as connection:  # her sign-up is known; no mail for it
        connection.exec_driver_sql("DELETE FROM grc_core__delivery WHERE subscriber = 'promo'")
    grc.drain()
    return grc.contacts.of(Subject("customer", "ann"))


def by_handler(app: Flask, mini: Any) -> None:
    mini.place("ann", email="ann@example.com")
    app.extensions["grc"].runner.wake(frozenset({"orders"}))


def by_route(app: Flask, mini: Any) -> None:
    assert app.test_client().get("/grc/promo/offer").status_code == 200


def by_command(app: Flask, mini: Any) -> None:
    result = app.test_cli_runner().invoke(args=["grc", "promo", "offer"])
    assert result.exit_code == 0, result.output


def by_deferred_work(app: Flask, mini: Any) -> None:
    plugin = app.extensions["grc"].tables.find("promo").plugin
    grc = app.extensions["grc"]
    with grc.database.write() as connection:
        grc.outbox.defer(connection, "promo.later", "1", None, {})
    assert plugin is not None


def by_service(app: Flask, mini: Any) -> None:
    services = app.extensions["grc"].services
    services.mail.send("ann@example.com", "promo/offer", "s", "commercial", percent=5)


def by_contact(app: Flask, mini: Any) -> None:
    grc = app.extensions["grc"]
    contact = grc.contacts.of(Subject("customer", "ann"))
    grc.mailer.queue(contact, Draft("promo", "offer", "contact", "commercial", {"percent": 5}))


def by_customer(app: Flask, mini: Any) -> None:
    grc = app.extensions["grc"]
    draft = Draft("promo", "offer", "customer", "commercial", {"percent": 5})
    grc.mailer.queue(mini.customers["ann"], draft)


def by_api(app: Flask, mini: Any) -> None:
    own = {"Sec-Fetch-Site": "same-origin"}
    answer = app.test_client().post("/grc/api/v1/promo/offer", json={}, headers=own)
    assert answer.status_code == 204, answer.text


def by_repeated_work(app: Flask, mini: Any) -> None:
    app.extensions["grc"].schedule.run_due()


def by_the_shop(app: Flask, mini: Any) -> None:
    with app.app_context():
        mini.grc.mail.send("ann@example.com", "promo/offer", "x", "commercial", percent=5)


PATHS = (
    by_handler, by_route, by_command, by_deferred_work, by_service, by_contact, by_customer,
    by_api, by_repeated_work, by_the_shop,
)  # fmt: skip


def suppressed(grc: Any, contact: Any, mini: Any) -> None:
    grc.contacts.suppress(contact, "an open complaint")


def unsubscribed(grc: Any, contact: Any, mini: Any) -> None:
    grc.contacts.unsubscribe(contact)


def without_consent(grc: Any, contact: Any, mini: Any) -> None:
    mini.customers["ann"] = mini.customers["ann"].replace(consents=Purpose.PREFERENCES)


def vetoed(grc: Any, contact: Any, mini: Any) -> None:
    grc.tables.find("promo").plugin.vetoes = True


def unanswered(grc: Any, contact: Any, mini: Any) -> None:
    grc.tables.find("promo").plugin.fails = True


OBSTACLES = (suppressed, unsubscribed, without_consent, vetoed, unanswered)
Act = Callable[..., None]


def finish(app: Flask) -> None:
    grc = app.extensions["grc"]
    for _ in range(3):
        grc.drain()


def walk(app: Flask, mini: Any) -> None:
    for path in PATHS:
        path(app, mini)
    finish(app)


def test_with_consent_it_is_sent_on_every_path(app: Flask, mini: Any, mail_server: Any) -> None:
    person(app, mini)
    walk(app, mini)
    assert mail_server.to == ["ann@example.com"] * len(PATHS)
    assert {str(message["Subject"]) for message in mail_server.received} == {"5 % for you"}


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_an_obstacle_before_the_queue_stops_every_path(
    app: Flask, mini: Any, mail_server: Any, obstacle: Act
) -> None:
    obstacle(app.extensions["grc"], person(app, mini), mini)
    walk(app, mini)
    assert mail_server.received == []
    assert [row.state for row in rows(app)] == ["refused"] * len(PATHS)
    assert all(row.reason for row in rows(app))


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_an_obstacle_after_the_queue_stops_every_path(
    app: Flask, mini: Any, mail_server: Any, clock: Any, obstacle: Act
) -> None:
    contact = person(app, mini)
    mail_server.stop()
    walk(app, mini)
    assert [row.state for row in rows(app)] == ["queued"] * len(PATHS)
    obstacle(app.extensions["grc"], contact, mini)
    mail_server.start()
    clock.forward(minutes=5)
    finish(app)
    assert [row.state for row in rows(app)] == ["refused"] * len(PATHS)
    for which in ("1", "--all"):  # nor by hand
        app.test_cli_runner().invoke(args=["grc", "mail", "retry", which])
    finish(app)
    assert mail_server.received == []


def test_a_retry_by_hand_passes_the_gate_again(app: Flask, mini: Any, mail_server: Any) -> None:
    contact = person(app, mini)
    mail_server.answers["ann@example.com"] = ["550 no"]
    by_service(app, mini)
    finish(app)
    assert rows(app)[0].state == "bounced"
    unsubscribed(app.extensions["grc"], contact, mini)
    app.test_cli_runner().invoke(args=["grc", "mail", "retry", "1"])
    finish(app)
    assert (rows(app)[0].state, mail_server.received) == ("refused", [])


def test_nobody_is_written_to_who_is_not_known(app: Flask, mail_server: Any) -> None:
    by_route(app, None)
    finish(app)
    assert mail_server.received == []
    assert rows(app)[0].reason == "nobody known has this address"


def test_what_one_refused_reaches_no_other_at_the_same_address(
    app: Flask, mini: Any, mail_server: Any
) -> None:
    person(app, mini)
    grc = app.extensions["grc"]
    other = grc.contacts.save(name="Bea", email="ann@example.com")
    grc.contacts.suppress(other, "an open complaint")
    walk(app, mini)
    assert mail_server.received == []


def test_transactional_mail_passes_all_but_a_bounce(
    app: Flask, mini: Any, mail_server: Any
) -> None:
    grc = app.extensions["grc"]
    contact = person(app, mini, None)
    for obstacle in OBSTACLES:
        obstacle(grc, contact, mini)
    grc.mailer.send(contact, "test", "1", "transactional")
    finish(app)
    assert mail_server.to == ["ann@example.com"]
    assert mail_server.received[0]["List-Unsubscribe"] is None
    grc.contacts.bounce("ann@example.com", "550 no such person")
    assert grc.mailer.send(contact, "test", "2", "transactional") == "refused"


def test_commercial_mail_shows_the_way_out(app: Flask, mini: Any, mail_server: Any) -> None:
    person(app, mini)
    by_service(app, mini)
    finish(app)
    message = mail_server.received[0]
    assert message["List-Unsubscribe"].startswith("<https://shop.example/grc/unsubscribe/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "https://shop.example/grc/unsubscribe/" in message.get_content()


def test_commercial_mail_needs_an_address_of_the_shop(
    app: Flask, mini: Any, mail_server: Any
) -> None:
    person(app, mini)
    grc = app.extensions["grc"]
    object.__setattr__(grc.config, "base_url", None)
    by_service(app, mini)
    finish(app)
    assert mail_server.received == []
    assert "GRC_BASE_URL" in rows(app)[0].reason


def test_commercial_mail_says_who_sends_it(app: Flask, mini: Any, mail_server: Any) -> None:
    person(app, mini)
    grc = app.extensions["grc"]
    object.__setattr__(grc.config, "mail_signature", None)
    by_service(app, mini)
    finish(app)
    assert mail_server.received == []
    assert "GRC_MAIL_SIGNATURE" in rows(app)[0].reason


def test_a_sent_message_is_on_the_timeline(app: Flask, mini: Any, mail_server: Any) -> None:
    contact = person(app, mini)
    grc = app.extensions["grc"]
    by_service(app, mini)
    assert [item.kind for item in grc.timeline.of(contact, channel="e-mail").entries] == []
    finish(app)
    (entry,) = grc.timeline.of(contact, channel="e-mail").entries
    assert (entry.kind, entry.summary) == ("mail", "5 % for you")
    assert entry.data["kind"] == "commercial"
    assert grc.contacts.by_id(contact.id).stats.contacts == 0


def test_these_paths_are_all_there_are() -> None:
    """Whatever else makes a draft, or sends one of the core's, has to walk past the obstacles."""
    makers, kinds = set(), set()
    for file in Path(grc_core.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if getattr(node.func, "id", "") == "Draft":
                makers.add(file.name)
            if ast.unparse(node.func).endswith("mailer.send"):
                kinds.add((file.parent.name, ast.literal_eval(node.args[3])))
    # `grc.mail.send` is by_service and by_the_shop, `self.mail` everything that a plugin does
    assert makers == {"mailer.py", "runtime.py"}
    # the acknowledgement of orders and `flask grc mail test`, which nobody has to agree to
    assert kinds == {("mail", "transactional"), ("cli", "transactional")}


def test_a_contact_that_is_gone_gets_nothing(
    app: Flask, mini: Any, mail_server: Any, clock: Any
) -> None:
    contact = person(app, mini)
    mail_server.stop()
    by_service(app, mini)
    finish(app)
    app.extensions["grc"].contacts.forget(contact)
    mail_server.start()
    clock.forward(minutes=5)
    finish(app)
    assert (rows(app), mail_server.received) == ([], [])


@pytest.mark.grc_databases("sqlite")
def test_a_widget_cannot_send(app: Flask) -> None:
    grc = app.extensions["grc"]
    with pytest.raises(NotConfigured), working(ReadScope(grc.database)):
        grc.mailer.send("ann@example.com", "test", "1", "transactional")


@pytest.mark.grc_databases("sqlite")
def test_an_unknown_kind_is_an_error(app: Flask) -> None:
    with pytest.raises(GRCError, match="did you mean 'commercial'"):
        app.extensions["grc"].mailer.send("ann@example.com", "test", "1", "comercial")


@pytest.mark.grc_databases("sqlite")
def test_what_is_nobody_is_an_error(app: Flask) -> None:
    with pytest.raises(GRCError, match="a Contact, a Customer, an Order or an address"):
        app.extensions["grc"].mailer.send(42, "test", "1", "transactional")
