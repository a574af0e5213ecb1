"""The shop's mailbox on a real IMAP server, and the answer through a real SMTP server."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from grc_core.storage.sessions import writing
from grc_faq import FAQ
from grc_faq import models

from . import dovecot
from .desk import Desk
from .test_mail import mail

pytestmark = [
    pytest.mark.grc_databases("sqlite"),
    pytest.mark.skipif(dovecot.BINARY is None, reason="Dovecot is not installed (dovecot-imapd)"),
    pytest.mark.skipif(os.getuid() != 0, reason="Dovecot's processes are started by root alone"),
]


@pytest.fixture(scope="module")
def box() -> Iterator[dovecot.Mailbox]:
    with dovecot.mailbox() as found:
        yield found


def shop_with(box: dovecot.Mailbox, grc_shop: Any, **more: Any) -> Any:
    named = {"HOST": "localhost", "PORT": str(box.port), "USER": dovecot.USER}
    settings = {f"GRC_FAQ_IMAP_{name}": value for name, value in named.items()}
    app = grc_shop.make_app([FAQ], **settings, GRC_FAQ_IMAP_PASSWORD=dovecot.PASSWORD, **more)
    app.flask("grc", "settings", "faq", "semantic=false")
    app.flask("grc", "faq", "starter")
    return app


def poll(app: Any) -> None:
    """Do what the plugin does every two minutes."""
    runtime = app.extensions["grc"]
    plugin = next(item.plugin for item in runtime.tables.plugins if item.name == "faq")
    with app.app_context(), writing(runtime.database), runtime.adapter.outside():
        plugin.poll()


def test_a_mail_is_fetched_answered_told_once_and_found_by_its_words(
    box: dovecot.Mailbox,
    grc_shop: Any,
    grc_mail_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = shop_with(box, grc_shop, **grc_mail_server.settings)
    assert "is no setting of GRC" not in caplog.text
    box.deliver("1", mail("Bonjour, accordez-vous les violons de ma mère ?", "zoe@example.com"))
    latin = (
        "From: =?iso-8859-1?q?Zo=E9?= <z@example.com>\nSubject: caf\xe9\n\nO\xf9 est mon colis ?"
    )
    box.deliver("2", latin.encode("latin-1"))
    box.deliver("3", b"\x00\xff not a mail")
    monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
    for _ in range(2):
        poll(app)
    assert box.seen() == 3
    kept = {one.raw for one in app.rows(models.Message)}
    assert latin.encode("latin-1").replace(b"\n", b"\r\n") in kept  # as it came, byte for byte
    asked = {one.email: one for one in app.rows(models.Question)}
    assert asked["z@example.com"].name == "Zoé"
    app.drain()
    number = asked["zoe@example.com"].id
    told = Desk(app).save(f"waiting/{number}", title="Accordez-vous les instruments ?",
                          answer="Oui.", category="delivery")  # fmt: skip
    assert "Whoever asked is told." in told.text
    app.drain()
    letters = [one for one in grc_mail_server.received if one["X-RcptTo"] == "zoe@example.com"]
    assert len(letters) == 2  # acknowledged, answered
    assert all(one["Auto-Submitted"] == "auto-generated" for one in letters)
    found = app.visitor(locale="fr").get("/grc/faq/?q=accorder+violons").text
    assert "Accordez-vous les instruments" in found


def test_a_server_with_an_unknown_certificate_is_not_told_the_password(
    box: dovecot.Mailbox, grc_shop: Any
) -> None:
    app = shop_with(box, grc_shop)
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        poll(app)


def test_one_mail_that_fails_does_not_keep_the_others_out(
    box: dovecot.Mailbox, grc_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = shop_with(box, grc_shop)
    monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
    before = box.seen()
    box.deliver("4", mail("A mail that fails"))
    box.deliver("5", mail("Is my parcel lost?"))
    receive = FAQ.receive

    def failing(self: FAQ, raw: bytes) -> str:
        if b"fails" in raw:
            raise RuntimeError
        return receive(self, raw)

    def full(self: FAQ, raw: bytes) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(FAQ, "receive", failing)
        with patched.context() as both:
            both.setattr(FAQ, "keep", full)
            poll(app)
        assert box.seen() == before + 1  # what could not be kept comes again
        poll(app)
    assert box.seen() == before + 2
    (kept,) = [one for one in app.rows(models.Message) if one.question_id is None]
    assert (kept.note, b"A mail that fails" in kept.raw) == ("it cannot be taken in", True)
    assert len(app.rows(models.Question)) == 1
