"""A queued message as it goes over the wire, with the headers that receivers look for."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from .addresses import NAME_LENGTH
from .addresses import SUBJECT_LENGTH
from .addresses import checked
from .addresses import one_line
from .settings import Sender

if TYPE_CHECKING:  # the e-mail package takes milliseconds that most processes never need
    from email.message import EmailMessage

#: A longer text is no message of a shop; receivers refuse it.
BODY_LENGTH = 500_000


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent to whom."""

    key: str
    address: str
    name: str
    locale: str
    subject: str
    text: str
    html: str | None
    written_at: datetime
    #: False for what a person wrote
    automatic: bool = True
    #: where one click ends this kind of mail; commercial mail has one
    unsubscribe_url: str | None = None


def token_of(key: str) -> str:
    """Return what stands before the @ of a message's id; replies name it."""
    return sha256(key.encode()).hexdigest()[:40]


def message_id(key: str, sender: Sender) -> str:
    """Return the id of a message: the same each time, so that a repeated one can be told."""
    return f"<{token_of(key)}@{sender.domain}>"


def build(letter: Letter, sender: Sender) -> "EmailMessage":
    """Return the message; raise BadAddress or ValueError for what must not be sent."""
    from email import policy
    from email.headerregistry import Address
    from email.message import EmailMessage

    address = checked(letter.address)
    message = EmailMessage(policy=policy.SMTP if address.isascii() else policy.SMTPUTF8)
    message["Subject"] = one_line(letter.subject, SUBJECT_LENGTH)
    message["From"] = Address(sender.name, sender.local, sender.domain)
    local, _, domain = address.rpartition("@")
    message["To"] = Address(one_line(letter.name, NAME_LENGTH), local, domain)
    message["Date"] = letter.written_at
    message["Message-ID"] = message_id(letter.key, sender)
    if letter.automatic:
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    if letter.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{one_line(letter.unsubscribe_url, 900)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    _fill(message, letter)
    message["Content-Language"] = one_line(letter.locale, 35)
    return message


def _fill(message: "EmailMessage", letter: Letter) -> None:
    if len(letter.text) + len(letter.html or "") > BODY_LENGTH:
        raise ValueError(f"the message is longer than {BODY_LENGTH:,} characters")
    message.set_content(_clean(letter.text), cte="quoted-printable")
    if letter.html:
        message.add_alternative(_clean(letter.html), subtype="html", cte="quoted-printable")


def _clean(text: str) -> str:
    """Return text without control characters, line ends apart."""
    return "".join(sign for sign in text if sign in "\n\t" or (sign >= " " and sign != "\x7f"))
