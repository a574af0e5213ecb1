"""Mail against a real server: each message once, whatever the server does in between."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy import update

from grc_core import Customer
from grc_core import Plugin
from grc_core import hookimpl
from grc_core.mail import ledger
from grc_core.mail import postman
from grc_core.mail import transport
from grc_core.mail.transport import Bounced
from grc_core.outbox.claim import MAX_ATTEMPTS
from grc_core.storage.mail_models import MessageRow

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")


class Welcome(Plugin):
    """Write to who signs up, with one of the core's mails."""

    name = "welcome"
    fails = False

    @hookimpl
    def on_signup(self, customer: Customer) -> None:
        self.grc.mail.send(customer, "test", f"welcome {customer.id}", "transactional")
        if self.fails:
            raise RuntimeError("after the mail")


def rows(app: Flask) -> list[Any]:
    with app.extensions["grc"].database.read() as connection:
        query = select(MessageRow.__table__).order_by(MessageRow.id)
        return list(connection.execute(query))


def states(app: Flask) -> list[str]:
    return [row.state for row in rows(app)]


def send(app: Flask, to: str = "ann@example.com", key: str = "1") -> str:
    grc = app.extensions["grc"]
    state = grc.mailer.send(to, "test", key, "transactional")
    assert isinstance(state, str)
    return state


def deliver(app: Flask) -> None:
    app.extensions["grc"].drain()


@pytest.fixture
def app(mini: Any, mail_server: Any, clock: Any) -> Flask:
    app: Flask = mini.make_app([Welcome], **mail_server.settings)
    app.extensions["grc"].set_clock(clock)
    return app


def test_a_message_arrives_with_the_right_headers(app: Flask, mail_server: Any) -> None:
    assert send(app) == "queued"
    deliver(app)
    message = mail_server.received[0]
    assert message["Subject"] == "A test message of your shop"
    assert message["From"] == "Le magasin <shop@example.com>"
    assert message["To"] == "ann@example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.com>")
    assert message["Date"]
    assert message["Content-Language"] == "en"
    assert message["List-Unsubscribe"] is None
    assert message.get_body(("plain",)).get_content().startswith("If you can read this")
    assert "<h1 style=" in message.get_body(("html",)).get_content()
    assert states(app) == ["sent"]


def test_a_key_is_sent_once(app: Flask, mail_server: Any) -> None:
    assert send(app) == "queued"
    assert send(app) == "known"
    deliver(app)
    assert send(app) == "known"
    deliver(app)
    assert len(mail_server.received) == 1


def test_a_batch_shares_one_connection(app: Flask, mail_server: Any) -> None:
    for number in range(20):
        send(app, f"person{number}@example.com", str(number))
    deliver(app)
    assert len(mail_server.received) == 20
    assert mail_server.connections == 1


def test_mail_joins_the_transaction_of_the_handler(app: Flask, mini: Any, mail_server: Any) -> None:
    mini.sign_up("ann")
    app.extensions["grc"].runner.wake(frozenset({"customers"}))
    assert mail_server.to == ["ann@example.com"]


def test_a_rolled_back_handler_sends_nothing(
    app: Flask, mini: Any, mail_server: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(Welcome, "fails", True)
    mini.sign_up("ann")
    app.extensions["grc"].runner.wake(frozenset({"customers"}))
    assert rows(app) == []
    assert mail_server.received == []


def test_a_server_down_for_an_hour_gets_each_message_once(
    app: Flask, mail_server: Any, clock: Any
) -> None:
    mail_server.stop()
    for number in range(5):
        send(app, f"person{number}@example.com", str(number))
    for _ in range(12):
        deliver(app)
        clock.forward(minutes=5)
    assert states(app) == ["queued"] * 5
    assert "takes no mail" in rows(app)[0].reason
    mail_server.start()
    clock.forward(minutes=2)
    deliver(app)
    deliver(app)
    assert sorted(mail_server.to) == [f"person{number}@example.com" for number in range(5)]
    assert states(app) == ["sent"] * 5


def test_a_server_down_for_days_is_given_up_on(app: Flask, mail_server: Any, clock: Any) -> None:
    mail_server.stop()
    send(app)
    deliver(app)
    clock.forward(days=4)
    deliver(app)
    assert states(app) == ["failed"]
    mail_server.start()
    assert app.test_cli_runner().invoke(args=["grc", "mail", "retry", "--all"]).exit_code == 0
    deliver(app)
    assert states(app) == ["sent"]


def test_an_outage_counts_no_attempt(app: Flask, mail_server: Any, clock: Any) -> None:
    mail_server.stop()
    send(app)
    for _ in range(3 * MAX_ATTEMPTS):
        deliver(app)
        clock.forward(minutes=2)
    mail_server.start()
    deliver(app)
    assert states(app) == ["sent"]


def test_a_refused_recipient_bounces_and_holds_nobody_up(app: Flask, mail_server: Any) -> None:
    mail_server.answers["gone@example.com"] = ["550 5.1.1 no such person"]
    send(app, "gone@example.com", "1")
    send(app, "ann@example.com", "2")
    deliver(app)
    assert states(app) == ["bounced", "sent"]
    assert rows(app)[0].reason == "550 5.1.1 no such person"
    assert mail_server.to == ["ann@example.com"]


def test_an_address_that_bounced_gets_no_more_until_it_is_retried(
    app: Flask, mail_server: Any
) -> None:
    mail_server.answers["gone@example.com"] = ["550 no such person"]
    send(app, "gone@example.com", "1")
    deliver(app)
    assert send(app, "gone@example.com", "2") == "refused"
    assert app.test_cli_runner().invoke(args=["grc", "mail", "retry", "1"]).exit_code == 0
    deliver(app)
    assert states(app) == ["sent", "refused"]


def test_a_temporary_refusal_is_tried_again(app: Flask, mail_server: Any, clock: Any) -> None:
    mail_server.answers["ann@example.com"] = ["451 come back later", "450 greylisted"]
    send(app)
    deliver(app)
    assert (states(app), rows(app)[0].reason) == (["queued"], "451 come back later")
    for _ in range(2):
        clock.forward(minutes=5)
        deliver(app)
    assert states(app) == ["sent"]
    assert len(mail_server.received) == 1


def test_a_temporary_refusal_without_end_fails(app: Flask, mail_server: Any, clock: Any) -> None:
    mail_server.answers["ann@example.com"] = ["451 later"] * 20
    send(app)
    for _ in range(MAX_ATTEMPTS + 1):
        deliver(app)
        clock.forward(hours=7)
    assert states(app) == ["failed"]
    assert len(mail_server.answers["ann@example.com"]) == 20 - MAX_ATTEMPTS


def test_a_slow_server_that_answers_in_time_gets_it_once(app: Flask, mail_server: Any) -> None:
    mail_server.seconds = 1.0
    send(app)
    deliver(app)
    assert (states(app), len(mail_server.received)) == (["sent"], 1)


def test_a_server_slower_than_that_is_tried_again(
    app: Flask, mail_server: Any, clock: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(transport, "ANSWER_SECONDS", 0.2)
    mail_server.seconds = 1.0
    send(app)
    deliver(app)
    assert states(app) == ["queued"]
    assert "timed out" in rows(app)[0].reason
    mail_server.seconds = 0.0
    clock.forward(minutes=1)
    deliver(app)
    assert states(app) == ["sent"]


def test_tls_that_the_server_does_not_offer_sends_nothing_in_the_clear(
    mini: Any, mail_server: Any
) -> None:
    app = mini.make_app(**{**mail_server.settings, "MAIL_USE_TLS": True})
    send(app)
    deliver(app)
    assert (states(app), mail_server.received) == (["queued"], [])
    assert "STARTTLS" in rows(app)[0].reason


def test_a_sender_that_is_missing_holds_mail_back_and_says_so(mini: Any, mail_server: Any) -> None:
    app = mini.make_app(**{**mail_server.settings, "MAIL_DEFAULT_SENDER": None})
    send(app)
    deliver(app)
    assert (states(app), mail_server.received) == (["queued"], [])
    assert "MAIL_DEFAULT_SENDER" in rows(app)[0].reason


def test_a_throttle_spreads_messages(mini: Any, mail_server: Any, clock: Any) -> None:
    app = mini.make_app(GRC_MAIL_PER_MINUTE=3, **mail_server.settings)
    app.extensions["grc"].set_clock(clock)
    for number in range(7):
        send(app, f"person{number}@example.com", str(number))
    sent = []
    for _ in range(4):
        deliver(app)
        sent.append(len(mail_server.received))
        clock.forward(seconds=61)
    assert sent == [3, 6, 7, 7]


def test_two_workers_hand_a_message_over_once(app: Flask, mail_server: Any, clock: Any) -> None:
    """A worker that is cut off may still finish; the next one waits for that."""
    send(app)
    mine = update(MessageRow).values(state="sending", sending_until=clock() + postman._HANDOVER)
    with app.extensions["grc"].database.write() as connection:
        connection.execute(mine)
    deliver(app)
    assert mail_server.received == []
    clock.forward(minutes=3)  # it is gone for good
    deliver(app)
    assert (states(app), len(mail_server.received)) == (["sent"], 1)


def test_a_crash_after_the_servers_answer_repeats_the_same_message(
    app: Flask, mail_server: Any, clock: Any, monkeypatch: Any
) -> None:
    """The one case of a message sent twice: receivers can tell it by its Message-ID."""
    finish = postman.Postman._finish

    def crash(*arguments: Any) -> None:
        monkeypatch.setattr(postman.Postman, "_finish", finish)
        raise RuntimeError("the machine went down")

    monkeypatch.setattr(postman.Postman, "_finish", crash)
    send(app)
    deliver(app)
    assert (states(app), len(mail_server.received)) == (["sending"], 1)
    clock.forward(minutes=5)
    deliver(app)
    first, second = mail_server.received
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    assert states(app) == ["sent"]


def test_what_somebody_waits_for_goes_before_offers(app: Flask) -> None:
    from grc_core.mail.mailer import QUEUES

    assert QUEUES["transactional"] < QUEUES["commercial"]


def test_nothing_leaves_without_a_server(mini: Any) -> None:
    for config in ({}, {"MAIL_SERVER": "127.0.0.1", "MAIL_SUPPRESS_SEND": True},
                   {"MAIL_SUPPRESS_SEND": False}):  # fmt: skip
        app = mini.make_app(**config)
        send(app)
        deliver(app)
        assert states(app) == ["kept"]
        assert rows(app)[0].text.startswith("If you can read this")


def test_old_messages_lose_their_text_and_keep_their_key(app: Flask, clock: Any) -> None:
    send(app)
    deliver(app)
    clock.forward(days=31)
    app.extensions["grc"].housekeep()
    assert (rows(app)[0].text, rows(app)[0].html) == ("", None)
    assert send(app) == "known"


def test_an_international_address_arrives(app: Flask, mail_server: Any) -> None:
    send(app, "zoé@müller.example", "1")
    send(app, "ann@müller.example", "2")
    deliver(app)
    assert states(app) == ["sent", "sent"]
    assert mail_server.to == ["zoé@xn--mller-kva.example", "ann@xn--mller-kva.example"]


def test_a_message_that_is_too_long_fails_for_good(app: Flask, mail_server: Any) -> None:
    send(app)
    with app.extensions["grc"].database.write() as connection:
        connection.execute(update(MessageRow).values(text="x" * 600_000))
    deliver(app)
    assert (states(app), mail_server.received) == (["failed"], [])


def test_the_ledger_counts(app: Flask) -> None:
    send(app)
    assert ledger.totals(app.extensions["grc"].database) == {"queued": 1}
    assert issubclass(Bounced, Exception)
