"""Read a mail as it came: whatever is wrong with it, something can be shown and kept."""

import re
from dataclasses import dataclass
from dataclasses import field
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from hashlib import sha256
from html import unescape
from itertools import islice

from .. import texts

#: A mail of which more is not read, and how much of it is kept.
LARGEST, KEPT = 25_000_000, 1_000_000
#: So many characters of a text are looked at for quotes, and of an HTML for text: what takes
#: them apart is other people's, and may need the square of their time.
_READ, _READ_HTML = 20_000, 200_000
#: So many lines are taken apart: a mail of 25 MB has about as many, unless it means harm.
_LINES = 400_000
_BREAK = re.compile(r"<(br|/p|/div|/li|/tr)\b[^>]*>", re.IGNORECASE)
_ID = re.compile(r"<([^<>\s@]{1,200})@[^<>\s]{1,200}>")
_WHOLE_ID = re.compile(r"<[^<>\s]{1,400}>")
#: So many of the messages that a mail answers are looked for.
_ANSWERED = 20
_ORIGINAL = re.compile(
    r"^-{2,40}[ \t]*(message d.origine|original message|message transféré|forwarded message)\b.*",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_SIGNATURE = re.compile(r"^-- ?\n.*", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says, without what it quotes."""

    id: str
    sender: str
    name: str
    subject: str
    text: str
    headers: dict[str, str] = field(default_factory=dict)
    #: local parts of the ids of the messages that it answers
    answers: tuple[str, ...] = ()
    #: digests that earlier mails of the same sender in the thread would have
    earlier: tuple[str, ...] = ()
    attachments: int = 0
    is_report: bool = False

    @property
    def digest(self) -> str:
        """Return what a second delivery of the same mail has too."""
        return _digest(self.sender, self.id)


def read(raw: bytes) -> Mail:
    """Return a mail from its bytes; what cannot be decoded is replaced, never raised."""
    message = message_from_bytes(_beginning(raw))  # the old policy: it refuses nothing
    name, given = parseaddr(_header(message, "From"))
    sender = texts.address(given) or ""
    headers = {key.lower(): _header(message, key) for key in dict.fromkeys(message.keys())}
    said = _body(message)
    number = sum(bool(part.get_filename()) for part in message.walk())
    threads = f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}"
    return Mail(
        id=_header(message, "Message-ID").strip() or sha256(raw).hexdigest(),
        sender=sender,
        name=texts.one_line(name, texts.NAME),
        subject=texts.one_line(_header(message, "Subject"), texts.QUERY),
        text=texts.clean(unquoted(said[:_READ]), texts.QUESTION),
        headers=headers,
        answers=tuple(_ID.findall(threads))[-_ANSWERED:],
        earlier=tuple(_digest(sender, id) for id in _WHOLE_ID.findall(threads)[-_ANSWERED:]),
        attachments=number,
        is_report=message.get_content_type() == "multipart/report",
    )


def _digest(sender: str, id: str) -> str:
    return sha256(f"{sender}\n{id}".encode()).hexdigest()


def _beginning(raw: bytes) -> bytes:
    """Return as much of a mail as is read: a reader of mail takes a second for a million lines."""
    if raw.count(b"\n") <= _LINES:
        return raw[:LARGEST]
    found = next(islice(re.finditer(rb"\n", raw), _LINES, None))  # it has so many
    return raw[: min(found.end(), LARGEST)]


def unquoted(text: str) -> str:
    """Return what the sender wrote, without quotes and signature; all, if nothing is left."""
    from mailparser_reply import EmailReplyParser  # type: ignore[import-untyped]

    own = _SIGNATURE.sub("", _ORIGINAL.sub("", text)).strip()
    try:
        reply = EmailReplyParser(languages=["en", "fr"]).parse_reply(own) or ""
    except Exception:  # it is other people's regular expressions over other people's mail
        reply = ""
    return reply.strip() or own or text.strip()


def _header(message: Message, name: str) -> str:
    from email.header import decode_header
    from email.header import make_header

    value = str(message.get(name, ""))[:4000]
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError, UnicodeError):
        return value


def _body(message: Message) -> str:
    """Return the first plain text, else the text of the first HTML."""
    for wanted in ("text/plain", "text/html"):
        for part in message.walk():
            if part.get_content_type() == wanted and not part.get_filename():
                found = _decoded(part)
                if found.strip():
                    return found if wanted == "text/plain" else _stripped(found)
    return ""


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset() or "utf-8")
    except (UnicodeError, LookupError):
        return payload.decode("utf-8" if _is_utf8(payload) else "latin-1", "replace")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeError:
        return False
    return True


def _stripped(html: str) -> str:
    import nh3

    broken = _BREAK.sub("\n", html[:_READ_HTML])
    hidden = {"script", "style", "head", "title"}
    return unescape(nh3.clean(broken, tags=set(), clean_content_tags=hidden))
