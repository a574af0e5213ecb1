"""Mail templates: both languages, the style sheet in the tags, errors, what a shop overrides."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Product
from grc_core.mail.inlining import inline
from grc_core.mail.inlining import rules_of
from grc_core.mail.ledger import messages
from grc_core.mail.templates import Rendered
from grc_core.mail.templates import TemplateFailed

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

Write = Callable[[str, str], None]
ORDER = Order(
    "N7",
    (OrderLine("1", 2, Money(1250, "CAD")), OrderLine("9", 1, Money(500, "CAD"))),
    datetime(2026, 1, 2, tzinfo=UTC),
    "placed",
    1,
    total=Money(3000, "CAD"),
)
PRODUCTS = {"1": Product("1", "Golf <ball> & tee", Money(1250, "CAD"))}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, text: str) -> None:
        path = tmp_path / "templates" / "grc" / "core" / "mail" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return write


@pytest.fixture
def app(mini: Any, tmp_path: Path) -> Flask:
    def templates(app: Flask) -> None:
        app.template_folder = str(tmp_path / "templates")

    app: Flask = mini.make_app(before=templates, GRC_MAIL_SIGNATURE="Maison Nordet\nRimouski")
    return app


def render(app: Flask, name: str, locale: str = "en", **context: Any) -> Rendered:
    around = {"signature": "Maison Nordet\nRimouski", "shop_url": None, "unsubscribe_url": None}
    rendered = app.extensions["grc"].mailer._templates.render(
        "core", name, locale, {"recipient_name": "", **around, **context}
    )
    assert isinstance(rendered, Rendered)
    return rendered


@pytest.mark.parametrize(
    ("locale", "subject", "hello", "total"),
    [
        ("en", "We have received your order N7", "Hello Zoé,", "Total: $30.00"),
        ("fr", "Nous avons reçu votre commande N7", "Bonjour Zoé,", "Total : 30,00 $"),
    ],
)
def test_an_order_is_acknowledged_in_both_languages(
    app: Flask, locale: str, subject: str, hello: str, total: str
) -> None:
    found = render(
        app, "order_received", locale, order=ORDER, products=PRODUCTS, recipient_name="Zoé"
    )
    text = found.text.replace("\xa0", " ")
    assert (found.locale, found.subject, found.note) == (locale, subject, None)
    assert hello in text
    assert total in text
    assert "2 × Golf <ball> & tee" in text
    assert "1 × 9" in text
    assert text.endswith("-- \nMaison Nordet\nRimouski\n")
    assert "Golf &lt;ball&gt; &amp; tee" in str(found.html)
    assert f'<html lang="{locale}">' in str(found.html)
    assert "Maison Nordet<br>Rimouski" in str(found.html)


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("en", "We have received your quote request"),
        ("fr", "Nous avons reçu votre demande de devis"),
    ],
)
def test_a_quote_request_is_acknowledged_in_both_languages(
    app: Flask, locale: str, subject: str
) -> None:
    asked = "A bench <3 m>\nin cedar"
    found = render(app, "quote_received", locale, request=asked)
    assert found.subject == subject
    assert "> A bench <3 m>\n> in cedar" in found.text
    assert "A bench &lt;3 m&gt;<br>" in str(found.html)


def test_no_text_is_left_in_english(app: Flask) -> None:
    for name in ("order_received", "quote_received", "test"):
        context = {"order": ORDER, "products": PRODUCTS, "request": "?", "recipient_name": "Zoé",
                   "unsubscribe_url": "https://shop.example/out"}  # fmt: skip
        english, french = (render(app, name, locale, **context) for locale in ("en", "fr"))
        words = (": ", "?", "N7", "Maison", "Rimouski", "https", ">", "-- ", "×")
        same = set(english.text.splitlines()) & set(french.text.splitlines())
        assert [line for line in same if line and not any(word in line for word in words)] == []


def test_the_style_sheet_is_in_the_tags(app: Flask) -> None:
    html = str(render(app, "order_received", order=ORDER, products=PRODUCTS).html)
    assert '<td class="amount" style="' in html
    assert "<style" not in html
    assert "text-align: right; white-space: nowrap" in html


def test_a_shop_overrides_a_mail_the_frame_and_the_style(app: Flask, write: Write) -> None:
    write("test.txt", "Ours\n{{ _('Hello,') }}")
    write("test.html", "<p class='big'>{{ _('Hello,') }}</p>")
    write("layout.html", "<html><body>{{ body }}</body></html>")
    write("mail.css", ".big { color: #123456 }")
    found = render(app, "test", "fr")
    assert (found.subject, found.text.splitlines()[0]) == ("Ours", "Bonjour,")
    expected = "<html><body><p class='big' style=\"color: #123456\">Bonjour,</p></body></html>\n"
    assert found.html == expected


def test_a_language_may_have_its_own_file(app: Flask, write: Write) -> None:
    write("test.fr.txt", "À vous\nBonne journée")
    assert render(app, "test", "fr").subject == "À vous"
    assert render(app, "test", "fr-CA").subject == "À vous"
    assert render(app, "test", "en").subject == "A test message of your shop"


def test_a_whole_document_gets_no_frame(app: Flask, write: Write) -> None:
    write("test.html", "<!doctype html><html><body>Mine</body></html>")
    assert (
        render(app, "test").html
        == "<!doctype html><html><body style="
        + str(render(app, "test").html).partition("style=")[2]
    )


@pytest.mark.parametrize(
    "broken", ["{{ nobody.name }}", "{% if %}", "{{ 1 / 0 }}", "{% include 'absent.txt' %}"]
)
def test_an_error_in_one_language_falls_back_to_the_other(
    app: Flask, write: Write, broken: str, caplog: Any
) -> None:
    write("test.fr.txt", f"Sujet\n{broken}")
    found = render(app, "test", "fr")
    assert (found.locale, found.subject) == ("en", "A test message of your shop")
    assert str(found.note).startswith("fr: ")
    assert "mail core/test cannot be rendered in fr" in caplog.text


def test_staff_see_that_a_language_failed(app: Flask, mini: Any, write: Write) -> None:
    write("test.fr.txt", "Sujet\n{{ nobody.name }}")
    customer = mini.sign_up("zoe", locale="fr-CA")
    grc = app.extensions["grc"]
    assert grc.mailer.send(customer, "test", "1", "transactional") == "queued"
    (message,) = messages(grc.database)
    assert message.locale == "en"
    assert "fr: UndefinedError: 'nobody' is undefined" in str(message.note)
    result = app.test_cli_runner().invoke(args=["grc", "mail"])
    assert "'nobody' is undefined" in result.output


def test_an_error_in_every_language_undoes_the_work_at_hand(app: Flask, write: Write) -> None:
    write("test.txt", "Subject\n{{ nobody.name }}")
    grc = app.extensions["grc"]
    with pytest.raises(TemplateFailed, match=r"en: UndefinedError.*fr: UndefinedError"):
        grc.mailer.send("ann@example.com", "test", "1", "transactional")
    assert messages(grc.database) == []
    write("test.txt", "Subject\nMended")
    app.extensions["grc"].mailer._templates._environment.cache.clear()
    assert grc.mailer.send("ann@example.com", "test", "1", "transactional") == "queued"


def test_an_absent_template_is_an_error(app: Flask) -> None:
    with pytest.raises(TemplateFailed, match=r"core/mail/absent\.txt"):
        render(app, "absent")


def test_the_customers_language_is_taken(app: Flask, mini: Any) -> None:
    grc = app.extensions["grc"]
    for locale, expected in (("fr", "fr"), ("fr_CA", "fr"), ("de", "en"), (None, "en")):
        customer = mini.sign_up(f"p{locale}", locale=locale)
        grc.mailer.send(customer, "test", f"{locale}", "transactional")
        assert messages(grc.database)[0].locale == expected


def test_rules_go_by_weight_and_own_styles_win() -> None:
    rules = rules_of("/* a */ .a { color: red } p { color: blue; margin: 0 } p.a, td { top: 1px }")
    assert inline('<p class="a b" style="left: 2px">', rules) == (
        '<p class="a b" style="color: blue; margin: 0; color: red; top: 1px; left: 2px">'
    )
    assert inline("<td/>", rules) == '<td style="top: 1px"/>'
    assert inline("<b>1 < 2</b></p>", rules) == "<b>1 < 2</b></p>"


def test_templates_survive_inlining() -> None:
    rules = rules_of("p { margin: 0 }")
    source = '{% if a > 1 %}<p title="{{ x > 2 }}" {% if b > 3 %}hidden{% endif %}>{% endif %}'
    inlined = inline(source, rules)
    assert inlined == source.replace("{% endif %}>", '{% endif %} style="margin: 0">', 1)


@pytest.mark.parametrize("sheet", ["p > a { top: 0 }", "#x { top: 0 }", "a:hover { top: 0 }"])
def test_other_selectors_are_refused(sheet: str) -> None:
    with pytest.raises(ValueError, match=r"tag, \.class and tag\.class"):
        rules_of(sheet)
