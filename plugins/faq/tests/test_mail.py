"""Mail in: kept once, threaded, never looping, whatever it is made of."""

import hashlib
import hmac
import time
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from grc_core.storage.sessions import writing
from grc_faq import FAQ
from grc_faq import models
from grc_faq.incoming.loops import why_not
from grc_faq.incoming.parse import read
from grc_faq.incoming.parse import unquoted

from .desk import Desk

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

#: Where the database has no part in what is proven.
SQLITE = pytest.mark.grc_databases("sqlite")
SMTP = {"MAIL_DEFAULT_SENDER": "shop@example.com"}


def mail(text: str = "Where is my parcel?", sender: str = "ann@example.com", **more: str) -> bytes:
    message = EmailMessage()
    message["From"] = f"Ann <{sender}>"
    message["To"] = "shop@example.com"
    message["Subject"] = more.pop("Subject", "Question")
    message["Message-ID"] = more.pop("id", make_msgid(domain="example.com"))
    for name, value in more.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def take(app: Any, *raws: bytes) -> list[str]:
    """Take mails in, as the mailbox and the webhook do."""
    runtime = app.extensions["grc"]
    plugin = next(item.plugin for item in runtime.tables.plugins if item.name == "faq")
    found = []
    with app.app_context(), runtime.adapter.outside():
        for raw in raws:
            with writing(runtime.database):
                found.append(plugin.receive(raw))
    return found


def test_a_mail_becomes_a_question_and_is_acknowledged_with_answers(app: Any) -> None:
    text = "Hello,\nwhere is my parcel? I have heard nothing of it.\n\n-- \nAnn, 418 555 0142"
    assert take(app, mail(text)) == ["question 1"]
    (question,) = app.rows(models.Question)
    assert (question.channel, question.lang, question.name) == ("e-mail", "en", "Ann")
    assert "418" not in question.text
    (letter,) = app.outbox
    assert letter.subject == "We have received your question"
    assert "How do I track my parcel?" in letter.text
    assert "/grc/faq/en/how-do-i-track-my-parcel" in letter.text
    # somebody else's address may be in From: nothing of theirs is passed on to it
    assert "heard nothing" not in letter.text
    assert "Ann" not in letter.text


@SQLITE
def test_a_french_mail_is_answered_in_french(app: Any) -> None:
    take(app, mail("Bonjour, je voudrais savoir où est mon colis. Merci"))
    assert app.outbox[0].subject == "Nous avons reçu votre question"


def test_a_second_delivery_of_a_mail_changes_nothing(app: Any) -> None:
    raw = mail(id="<1@example.com>")
    assert take(app, raw, raw) == ["question 1", "known"]
    assert len(app.outbox) == 1


def test_a_reply_goes_on_with_its_question_and_a_strangers_does_not(app: Any) -> None:
    take(app, mail(id="<first@example.com>"))
    with app.app_context(), app.extensions["grc"].database.read() as connection:
        token = connection.scalar(select(models.Thread.token))
    named = f"<{token}@shop.example>"
    assert take(app, mail("It is order 5.", In_Reply_To=named)) == ["added to question 1"]
    assert "It is order 5." in app.rows(models.Question)[0].text
    other = mail("Me too, where is it?", "bob@example.com", References=named)
    assert take(app, other) == ["question 2"]
    own = mail("And order 6?", References="<nothing@example.com> <first@example.com>")
    assert take(app, own) == ["added to question 1"]  # it names their own first mail alone
    forged = mail("Hello, violins again?", In_Reply_To="<0000@shop.example>")
    assert take(app, forged) == ["question 3"]


ROBOTS = [
    {"Auto_Submitted": "auto-replied"},
    {"Precedence": "bulk"},
    {"List_Id": "<news.example.com>"},
    {"X_Loop": "yes"},
    {"X_Autoreply": "yes"},
    {"Return_Path": "<>"},
    {"sender": "mailer-daemon@example.com"},
    {"sender": "no-reply@example.com"},
    {"sender": "shop@example.com"},
]


@pytest.mark.parametrize("headers", ROBOTS, ids=str)
def test_a_robot_is_told_from_a_person(headers: dict[str, str]) -> None:
    assert why_not(read(mail(**headers)), {"shop@example.com"})


@SQLITE
def test_robots_are_kept_for_review_and_never_answered(grc_shop: Any) -> None:
    app = grc_shop.make_app([FAQ], **SMTP)
    said = take(app, *(mail(**headers) for headers in ROBOTS))
    assert all(one.startswith("kept for review: ") for one in said)
    assert app.outbox == []
    kept = app.rows(models.Message)
    assert len(kept) == len(ROBOTS)
    assert all(one.note and one.raw for one in kept)


def test_a_person_is_not_taken_for_a_robot() -> None:
    suppressed = mail(X_Auto_Response_Suppress="All", Auto_Submitted="no")
    assert why_not(read(suppressed), {"shop@example.com"}) is None


def letter(number: int, text: str, address: str, **headers: str) -> bytes:
    """Return a mail as programs write it, without the time that the standard library takes."""
    lines = [f"From: Ann <{headers.pop('sender', address)}>", "Subject: Question",
             f"Message-ID: <{number}@{address}>"]  # fmt: skip
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\n".join([*lines, "", text]).encode()


@SQLITE
def test_a_thousand_hostile_mails_and_two_robots_end_with_few_answers(app: Any) -> None:
    hostile = [
        letter(number, f"loop {number}", f"r{number % 40}@example.com", **ROBOTS[number % 8])
        for number in range(880)
    ]
    # a robot without any header, each time about something else, answering our own answers
    robot = [
        letter(number, f"Thank you for your message {number}", "robot@example.org")
        for number in range(60)
    ]
    other = [letter(number, f"Re: {number}", "loop@example.net") for number in range(60)]
    take(app, *hostile, *(one for pair in zip(robot, other, strict=True) for one in pair))
    assert len(app.rows(models.Message)) == 1000
    assert len(app.outbox) <= 6
    assert len(app.rows(models.Question)) <= 100


@SQLITE
def test_a_robot_that_changes_its_address_each_time_is_not_written_to_for_ever(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grc_faq.incoming.inbox._REPLIES_TO_ALL", 5)
    said = take(app, *(letter(n, f"Thank you {n}", f"r{n}@example.org") for n in range(9)))
    assert len(app.outbox) == 5
    assert said[-1] == "question 9, not acknowledged"  # kept, and a person sees it


WRONG = [
    b"",
    b"\x00\xff\xfe" * 100,
    b"From: a@example.com\n\n" + "é".encode("latin-1"),
    b"From: a@example.com\nContent-Type: text/plain; charset=nonsense\n\nhello \xe9",
    b"From: a@example.com\nContent-Type: multipart/mixed; boundary=x\n\n--x\n--x\n--x",
    b"From: a@example.com\nContent-Transfer-Encoding: base64\n\n!!!not base64!!!",
    b"From: =?utf-8?b?////?= <a@example.com>\nSubject: =?bad?q?x?=\n\nhi there",
    b"From: a@example.com\nSubject: x\r\nBcc: all@example.com\n\nhi there",
    b"From: a@example.com\nDate: Mon, 1 Jan 2999 00:00:00 +9999\n\nhi there",
    b"Content-Type: multipart/mixed; boundary=a\n\n"
    + b"--a\nContent-Type: multipart/mixed\n" * 300,
    b"From: a@example.com\nContent-Type: text/html\n\n<script>x()</script><p>hi <b>there</b>",
    b"Subject: \xf0\x9f\x8e\x81\nFrom: \xe9\xe9@example.com\n\nhi there",
]


def test_malformed_mail_is_kept_whatever_it_is(app: Any) -> None:
    said = take(app, *WRONG)
    assert all(one.startswith(("question", "kept for review")) for one in said)
    assert {one.raw for one in app.rows(models.Message)} == set(WRONG)
    assert "<script>" not in "".join(one.text for one in app.rows(models.Question))


@SQLITE
def test_a_20_mb_mail_is_read_and_its_beginning_kept(app: Any) -> None:
    line = b"eHh4" * 19 + b"\n"
    raw = (
        b"From: ann@example.com\nMessage-ID: <big@example.com>\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n"
        b"--b\nContent-Type: text/plain\n\nWhere is my parcel?\n"
        b"--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n"
        b"Content-Disposition: attachment; filename=a.png\n\n" + line * 265_000 + b"--b--\n"
    )
    assert len(raw) > 20_000_000
    assert take(app, raw) == ["question 1"]
    (kept,) = app.rows(models.Message)
    assert len(kept.raw) == 1_000_000
    assert "1 attachments were not read." in kept.note
    assert "Of 20," in kept.note


@SQLITE
def test_names_and_subjects_cannot_add_headers(app: Any) -> None:
    raw = (
        b"From: =?utf-8?q?Ann=0D=0ABcc=3A_all?= <ann@example.com>\n"
        b"Subject: =?utf-8?q?a=0D=0Ab?=\n\nWhere is it?"
    )
    take(app, raw)
    (question,) = app.rows(models.Question)
    assert "\n" not in (question.name or "")
    assert all("\n" not in letter.subject for letter in app.outbox)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "Oui, merci.\n\nLe lun. 3 juin 2026 à 10:00, Shop <a@b.ca> a écrit :\n> bla",
            "Oui, merci.",
        ),
        ("Yes.\n\nOn Mon, Jun 3, 2026 at 10:00 AM Shop <a@b.ca> wrote:\n> bla", "Yes."),
        ("Yes.\n\n-----Message d'origine-----\nDe : Shop\nbla", "Yes."),
        ("Yes.\n-- \nAnn", "Yes."),
        ("> only a quote", "> only a quote"),
    ],
)
def test_quotes_and_signatures_are_left_out(text: str, left: str) -> None:
    assert unquoted(text) == left


@SQLITE
def test_files_are_imported_from_the_command_line(app: Any, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(mail())
    said = app.flask("grc", "faq", "import-mail", str(tmp_path / "one.eml"))
    assert said.strip() == "one.eml: question 1"


def signature(body: bytes, key: str, stamp: int) -> str:
    digest = hmac.new(key.encode(), str(stamp).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


@SQLITE
def test_the_webhook_takes_what_is_signed_now(app: Any) -> None:
    app.config["GRC_FAQ_WEBHOOK_KEY"] = "a key"
    client, body, now = app.test_client(), mail(), int(time.time())
    signed = {"GRC-Signature": signature(body, "a key", now)}
    assert client.post("/grc/faq/mail", data=body, headers=signed).get_json() == {
        "result": "question 1"
    }
    for header in ("", "t=1", signature(body, "other", now), signature(body, "a key", now - 3600)):
        refused = client.post("/grc/faq/mail", data=body, headers={"GRC-Signature": header})
        assert refused.status_code == 403


@SQLITE
def test_the_webhook_is_shut_without_a_key(app: Any) -> None:
    body = mail()
    headers = {"GRC-Signature": signature(body, "", int(time.time()))}
    assert app.test_client().post("/grc/faq/mail", data=body, headers=headers).status_code == 403


def test_the_whole_way_by_a_real_mail_server(grc_shop: Any, grc_mail_server: Any) -> None:
    app = grc_shop.make_app([FAQ], **grc_mail_server.settings)
    app.flask("grc", "settings", "faq", "semantic=false")
    app.flask("grc", "faq", "starter")
    assert take(app, mail("Would you tune an old violin for me?")) == ["question 1"]
    app.drain()
    (received,) = grc_mail_server.received
    assert received["X-RcptTo"] == "ann@example.com"
    assert received["Auto-Submitted"] == "auto-generated"
    reply = mail("It has four strings.", In_Reply_To=str(received["Message-ID"]))
    assert take(app, reply) == ["added to question 1"]
    desk = Desk(app)
    assert "It has four strings." in desk.see("waiting/1")
    answer = {"title": "Do you look after instruments?", "category": "delivery", "answer": "Yes."}
    assert "Whoever asked is told." in desk.save("waiting/1", **answer).text
    app.drain()
    assert [str(one["Subject"]) for one in grc_mail_server.received] == [
        "We have received your question",
        "The answer to your question",
    ]
    found = app.visitor().get("/grc/faq/?q=tune+an+old+violin").text
    assert "Do you look after instruments?" in found


def test_only_the_beginning_of_a_mail_is_taken_apart() -> None:
    said = read(b"From: ann@example.com\n\nWhere is my parcel?" + b"\n" * 2_000_000)
    assert said.text == "Where is my parcel?"
    hidden = b"Content-Type: text/html\n\n<p>Hello<script>x</script>" + b"<" * 300_000
    assert read(hidden).text.startswith("Hello")


@pytest.mark.timeout(20)  # quadratic reading takes minutes
def test_of_many_headers_the_beginning_is_read_and_a_person_sees_the_mail() -> None:
    many = b"".join(b"X-%d: a\n" % number for number in range(100_000))
    raw = b"From: ann@example.com\n" + many + b"List-Id: <news>\n\nWhere is my parcel?"
    said = read(raw)
    assert (said.sender, said.text) == ("ann@example.com", "Where is my parcel?")
    assert why_not(said, set()) == "its headers are too long to be read"
    assert list(said.headers) == ["from"]


@pytest.mark.timeout(20)  # quadratic reading takes minutes
def test_one_long_header_of_a_part_is_read_to_an_end() -> None:
    long = b'multipart/mixed; boundary="' + b";" * 60_000
    assert read(b"From: ann@example.com\nContent-Type: " + long + b"\n\nhi").sender


def test_many_parts_with_long_types_are_read_to_an_end() -> None:
    part = b'--x\nContent-Type: text/plain; a="' + b";" * 3900 + b"\n\n \n"
    assert not read(b"Content-Type: multipart/mixed; boundary=x\n\n" + part * 300).text


@pytest.mark.parametrize(
    "raw",
    [
        b'From: ann@example.com\nContent-Type: text/plain; charset="a\0b"\n\nhi there',
        b"From: ann@example.com\nContent-Type: text/plain; charset*=a\0b''x\n\nhi there",
        b"From: ann@example.com\nMessage-ID: =?utf-7?Q?+2AA-?=\n\nhi there",
        b"From: ann@example.com\nMessage-ID: =?utf-16-be?Q?=D8=00?=\n\nhi there",
        b"From: ann@example.com\nIn-Reply-To: =?utf-8?Q?<a=00@b>?=\n\nhi there",
        b"From: ann@example.com\nSubject: =?utf-8?b?a?=\n\nhi there",
        b"From: ann@example.com\nSubject: =?utf-8\0?q?a?=\n\nhi there",
    ],
)
def test_what_cannot_be_decoded_is_read_all_the_same(raw: bytes) -> None:
    said = read(raw)
    assert (said.sender, said.text, said.trouble) == ("ann@example.com", "hi there", None)
    decoded = "".join((said.id, *said.answers, *said.headers.values()))
    assert b"\0" not in decoded.encode()  # nor half of a sign, which cannot be encoded


def test_what_nobody_can_read_is_seen_by_a_person() -> None:
    said = read(b"Content-Type: multipart/mixed; boundary*=idna''a%ff\n\nhi there")
    assert why_not(said, set()) == "it cannot be read"


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("punycode", b"a-" + b"b" * 200_000, "a-bb"),
        ("ISO-8859-1", "été".encode("latin-1"), "été"),
        ("iso-8859-12", "été".encode("latin-1"), "été"),
        ("Shift_JIS", "日本語".encode("shift-jis"), "日本語"),
        ("ks_c_5601-1987", "한국어".encode("euc-kr"), "한국어"),
        ("windows-1252", "l\u2019été".encode("cp1252"), "l\u2019été"),
        ("utf-8", b"a" + "é".encode() * 60_000, "aéé"),
    ],
)
def test_a_text_is_read_in_the_charsets_of_mail_alone(charset: str, data: bytes, text: str) -> None:
    said = read(f"Content-Type: text/plain; charset={charset}\n\n".encode() + data)
    assert said.text.startswith(text)


def test_a_header_is_read_in_the_charsets_of_mail_alone() -> None:
    raw = (
        b"From: =?iso-8859-1?q?Zo=E9?= =?utf-8?q?_L=C3=A9a?= <z@example.com>\n"
        b"Subject: Re: =?shift_jis?b?k/qWe4zq?=\n =?punycode?q?abc-?=\n\nhi"
    )
    said = read(raw)
    assert (said.name, said.subject) == ("Zoé Léa", "Re: 日本語abc-")


class Box:
    """A mailbox that notes what is marked as seen."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def flag(self, uids: list[str], flag: str, value: bool) -> None:
        self.seen += uids


@SQLITE
def test_a_mail_that_cannot_be_taken_in_is_kept_once_and_does_not_come_again(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(plugin: FAQ, raw: bytes) -> str:
        raise RuntimeError

    monkeypatch.setattr(FAQ, "receive", failing)
    monkeypatch.setattr("grc_faq.incoming.mailbox._raw", lambda box, uid: b"a bad mail")
    runtime, box = app.extensions["grc"], Box()
    plugin = next(item.plugin for item in runtime.tables.plugins if item.name == "faq")
    with app.app_context(), writing(runtime.database), runtime.adapter.outside():
        plugin._take(box, "1")
        plugin._take(box, "2")
    assert box.seen == ["1", "2"]
    (kept,) = app.rows(models.Message)
    assert (kept.raw, kept.note) == (b"a bad mail", "it cannot be taken in")
