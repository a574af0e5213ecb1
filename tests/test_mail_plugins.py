"""What a plugin reaches of mail: its own templates, links, and a budget at start-up."""

import subprocess
import sys
from typing import Any

from grc_core import Customer
from grc_core import Plugin
from grc_core import hookimpl
from grc_core import route
from grc_core.mail.ledger import messages
from grc_core.mail.ledger import show


class Linking(Plugin):
    """Link to a page of its own, and to one of the shop's."""

    name = "linking"

    @hookimpl
    def on_signup(self, customer: Customer) -> None:
        assert self.mail(customer, "hello", customer.id, "transactional", word="you") == "queued"
        assert self.mail(customer, "hello", customer.id, "transactional", word="you") == "known"

    @route("/page")
    def page(self) -> str:
        return ""


class Same(Plugin):
    """Use the same key as another plugin."""

    name = "same"

    @hookimpl
    def on_signup(self, customer: Customer) -> None:
        self.mail(customer, "hello", customer.id, "transactional")


def templates(folder: Any) -> Any:
    linked = "Hello {{ word }}\n{{ link('grc.linking__page') }} {{ link('home') }}"
    for plugin, text in (("linking", linked), ("same", "Hello me")):
        path = folder / "templates" / "grc" / plugin / "mail" / "hello.txt"
        path.parent.mkdir(parents=True)
        path.write_text(text)

    def before(app: Any) -> None:
        app.template_folder = str(folder / "templates")

    return before


def test_a_plugin_sends_its_own_mail_once_with_whole_addresses(mini: Any, tmp_path: Any) -> None:
    before = templates(tmp_path)
    app = mini.make_app([Linking], before=before, GRC_BASE_URL="https://shop.example")
    mini.sign_up("ann")
    grc = app.extensions["grc"]
    grc.runner.wake(frozenset({"customers"}))
    (message,) = messages(grc.database)
    assert (message.key, message.subject) == ("linking:ann", "Hello you")
    text = show(grc.database, message.id).text
    assert "https://shop.example/grc/linking/page https://shop.example/\n" in text


def test_two_plugins_may_use_one_key(mini: Any, tmp_path: Any) -> None:
    app = mini.make_app([Linking, Same], before=templates(tmp_path))
    mini.sign_up("ann")
    grc = app.extensions["grc"]
    grc.runner.wake(frozenset({"customers"}))
    assert {item.subject for item in messages(grc.database)} == {"Hello you", "Hello me"}


def test_the_shop_queues_mail_too(mini: Any) -> None:
    app = mini.make_app()
    with app.test_request_context():
        state = mini.grc.mail.send("ann@example.com", "quote_received", "Q1", "transactional")
    assert state == "queued"
    app.extensions["grc"].drain()
    (message,) = messages(app.extensions["grc"].database)
    assert (message.state, message.subject) == ("kept", "We have received your quote request")


def test_starting_loads_no_mail_library() -> None:
    code = (
        "import sys, tempfile; from flask import Flask; from grc_core import GRC, Shop\n"
        "app = Flask('bare', instance_path=tempfile.mkdtemp())\n"
        "GRC(Shop(currency='CAD'), plugins=[]).init_app(app)\n"
        "print([name for name in ('smtplib', 'email.policy', 'email.headerregistry')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
