"""Messages: nothing a customer types can become a header, and addresses are what they seem."""

from datetime import UTC
from datetime import datetime
from email import message_from_bytes
from email import policy
from typing import Any

import pytest

from grc_core.mail.addresses import BadAddress
from grc_core.mail.addresses import checked
from grc_core.mail.addresses import masked
from grc_core.mail.addresses import one_line
from grc_core.mail.message import Letter
from grc_core.mail.message import build
from grc_core.mail.message import message_id
from grc_core.mail.settings import Sender
from grc_core.mail.settings import sender_of
from grc_core.mail.settings import server_of

AT = datetime(2026, 1, 2, tzinfo=UTC)
SENDER = Sender("shop@example.com", "Le magasin")


def letter(**changes: Any) -> Letter:
    values: dict[str, Any] = {
        "key": "k",
        "address": "ann@example.com",
        "name": "Ann",
        "locale": "en",
        "subject": "Hello",
        "text": "Text",
        "html": "<p>Text</p>",
        "written_at": AT,
    }
    return Letter(**{**values, **changes})


def headers(letter: Letter) -> Any:
    return message_from_bytes(build(letter, SENDER).as_bytes(), policy=policy.default)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85", "\x00", "%0a\n"])
def test_nothing_typed_becomes_a_header(end: str) -> None:
    evil = f"Ann{end}Bcc: victim@example.com{end}{end}<script>"
    message = headers(letter(subject=evil, name=evil, locale=evil, unsubscribe_url=evil))
    assert set(message.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe",
        "List-Unsubscribe-Post", "MIME-Version", "Content-Type", "Content-Language",
    }  # fmt: skip
    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["ann@example.com"]


@pytest.mark.parametrize(
    "address",
    [
        "", "ann", "@example.com", "ann@", "ann@@example.com", "a b@example.com",
        "ann@example.com\r\nBcc: x@example.com", "ann@example.com,bob@example.com",
        "Ann <ann@example.com>", "ann@exa mple.com", "ann@-example.com", "ann@example..com",
        ".ann@example.com", "ann..b@example.com", "ann@example.com>", '"a b"@example.com',
        "ann@[127.0.0.1]", f"{'a' * 65}@example.com", f"ann@{'a' * 64}.com",
        f"ann@{'a.' * 130}com", "ann@example.com\x00", "ann(comment)@example.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        checked(address)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (" Ann.O'Hara+x@Example.COM ", "Ann.O'Hara+x@example.com"),
        ("zoé@müller.example", "zoé@xn--mller-kva.example"),
        ("用户@例子.example", "用户@xn--fsqu00a.example"),
        ("shop@localhost", "shop@localhost"),
    ],
)
def test_addresses_of_any_script_are_taken(address: str, expected: str) -> None:
    assert checked(address) == expected


def test_long_names_and_subjects_are_cut() -> None:
    message = headers(letter(subject="é" * 5000, name="Zoé " * 500))
    assert len(message["Subject"]) == 200
    assert len("".join(message["To"].addresses[0].display_name.split())) <= 100
    lines = build(letter(subject="é" * 5000), SENDER).as_bytes().split(b"\r\n")
    assert max(map(len, lines)) < 998


def test_the_id_is_the_same_each_time_and_different_per_key() -> None:
    assert message_id("a", SENDER) == message_id("a", SENDER) != message_id("b", SENDER)
    assert build(letter(), SENDER).as_string().count("Message-ID") == 1


def test_what_a_person_wrote_is_not_marked_as_automatic() -> None:
    assert headers(letter(automatic=False))["Auto-Submitted"] is None


def test_a_message_without_html_is_plain_text() -> None:
    message = headers(letter(html=None, text="Été\x00\x1b[31m\nLigne"))
    assert message.get_content_type() == "text/plain"
    assert message.get_content().splitlines() == ["Été[31m", "Ligne"]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("shop@example.com", Sender("shop@example.com")),
        ("Le magasin <shop@example.com>", SENDER),
        (("Le magasin", "shop@example.com"), SENDER),
        (("Le\nmagasin", "shop@example.com"), SENDER),
    ],
)
def test_the_sender_may_be_written_in_each_way(stated: Any, expected: Sender) -> None:
    assert sender_of({"MAIL_DEFAULT_SENDER": stated}, None) == expected


def test_the_sender_falls_back() -> None:
    assert sender_of({"MAIL_USERNAME": "me@example.com"}, None).address == "me@example.com"
    assert sender_of({}, "https://shop.example").address == "shop@shop.example"
    with pytest.raises(BadAddress, match="MAIL_DEFAULT_SENDER"):
        sender_of({"MAIL_SERVER": "mail.example"}, "https://shop.example")


def test_the_server_is_read_as_flask_mail_does() -> None:
    assert server_of({}) is None
    assert server_of({"MAIL_SERVER": "m", "TESTING": True}) is None
    assert server_of({"MAIL_SERVER": "m", "MAIL_SUPPRESS_SEND": True}) is None
    plain = server_of({"MAIL_SERVER": "m"})
    assert plain is not None
    assert (plain.port, plain.tls, plain.ssl) == (25, False, False)
    over_ssl = server_of({"MAIL_SERVER": "m", "MAIL_USE_SSL": True, "TESTING": True,
                          "MAIL_SUPPRESS_SEND": False})  # fmt: skip
    assert over_ssl is not None
    assert (over_ssl.port, over_ssl.ssl) == (465, True)


def test_masked_addresses_tell_two_apart() -> None:
    assert masked("jean@example.com") == "j…n@example.com"
    assert masked("jo@example.com") == "…@example.com"
    assert one_line("a\u202eb\n c", 3) == "a b"[:2].rstrip() + "…"
