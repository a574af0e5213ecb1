"""Read a mail as it came: whatever is wrong with it, something can be shown and kept."""

import re
from codecs import getincrementaldecoder
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.policy import Compat32
from email.utils import parseaddr
from hashlib import sha256
from html import unescape
from itertools import groupby
from itertools import islice

from .. import texts

#: A mail of which more is not read, and how much of it is kept.
LARGEST, KEPT = 25_000_000, 1_000_000
#: So many characters of a text are looked at for quotes, and of an HTML for text: what takes
#: them apart is other people's, and may need the square of their time.
_READ, _READ_HTML = 20_000, 200_000
#: So many lines are taken apart: a mail of 25 MB has about as many, unless it means harm.
_LINES = 400_000
#: So much of the headers is read, and of one header: mail servers allow less than the first, and
#: what takes a header apart needs the square of its time.
_HEADERS, _HEADER = 65_536, 4000
#: So much of what says of which type a part is, and so many parts are looked at, for the same
#: reason.
_TYPE, _PARTS = 1000, 200
#: Where the headers end: at a line with nothing on it.
_END = re.compile(rb"(?:\A|\n|\r(?!\n))(?:\r\n|\r|\n)")
_LINE = re.compile(rb"\r\n|\r|\n")
#: What a text may be written in. Python knows more, some of which are no charsets, or need the
#: square of their time (punycode).
_CHARSETS = re.compile(
    r"(us-)?ascii|utf-?8|utf-?16(-?[bl]e)?|iso-?8859-\d{1,2}|latin-?1|(windows-|cp)125\d|koi8-[ru]"
    r"|gb2312|gbk|gb18030|big5(-hkscs)?|shift-jis|sjis|cp932|windows-31j|euc-(jp|kr)"
    r"|iso-2022-(jp|kr)|ks-c-5601-1987|cp949"
)
#: Bytes of a sign, at most.
_WIDEST = 4
#: What of the headers is looked at, besides those of lists.
_LOOKED_AT = frozenset({
    "from", "subject", "message-id", "in-reply-to", "references", "auto-submitted", "precedence",
    "x-loop", "x-autoreply", "x-autorespond", "return-path",
})  # fmt: skip
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
    #: why nothing may be made of it without a person
    trouble: str | None = None

    @property
    def digest(self) -> str:
        """Return what a second delivery of the same mail has too."""
        return _digest(self.sender, self.id)


class _Short(Compat32):
    """The old policy, which refuses nothing, with an end to each header, in the parts too."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        length = _TYPE if name.lower().startswith("content-") else _HEADER
        return name[:_HEADER], value[:length]


def read(raw: bytes) -> Mail:
    """Return a mail from its bytes; what cannot be decoded is replaced, never raised."""
    try:
        return _read(raw)
    except Exception:  # the standard library's readers raise what nobody has listed
        return Mail(sha256(raw).hexdigest(), "", "", "", "", trouble="it cannot be read")


def _read(raw: bytes) -> Mail:
    short, is_cut = _with_short_headers(_beginning(raw))
    message = message_from_bytes(short, policy=_Short())
    headers = _headers(message)
    name, given = parseaddr(headers.get("from", ""))
    sender = texts.address(given) or ""
    parts = list(islice(message.walk(), _PARTS))
    unnamed = [part for part in parts if not part.get_filename()]
    said = _body(unnamed)
    threads = f"{headers.get('in-reply-to', '')} {headers.get('references', '')}"
    return Mail(
        id=headers.get("message-id", "").strip() or sha256(raw).hexdigest(),
        sender=sender,
        name=texts.one_line(name, texts.NAME),
        subject=texts.one_line(headers.get("subject", ""), texts.QUERY),
        text=texts.clean(unquoted(said[:_READ]), texts.QUESTION),
        headers=headers,
        answers=tuple(_ID.findall(threads))[-_ANSWERED:],
        earlier=tuple(_digest(sender, id) for id in _WHOLE_ID.findall(threads)[-_ANSWERED:]),
        attachments=len(parts) - len(unnamed),
        is_report=message.get_content_type() == "multipart/report",
        # what tells a robot may be in what was cut
        trouble="its headers are too long to be read" if is_cut else None,
    )


def _digest(sender: str, id: str) -> str:
    return sha256(f"{sender}\n{id}".encode("utf-8", "replace")).hexdigest()


def _beginning(raw: bytes) -> bytes:
    """Return as much of a mail as is read: a reader of mail takes a second for a million lines."""
    if raw.count(b"\n") + raw.count(b"\r") <= _LINES:
        return raw[:LARGEST]
    found = next(islice(_LINE.finditer(raw), _LINES, None), None)
    return raw[: min(found.end(), LARGEST)] if found else raw[:LARGEST]


def _with_short_headers(raw: bytes) -> tuple[bytes, bool]:
    """Return a mail with the beginning of its headers, and whether any were cut."""
    if len(raw) <= _HEADERS or _END.search(raw, 0, _HEADERS):
        return raw, False
    kept = raw[:_HEADERS]
    line_end = max(kept.rfind(b"\n"), kept.rfind(b"\r"))
    body = _END.search(raw, _HEADERS - 2)
    return kept[:line_end].rstrip() + b"\n\n" + (raw[body.end() :] if body else b""), True


def _headers(message: Message) -> dict[str, str]:
    """Return the first of each header that is looked at, in one pass over all."""
    found: dict[str, str] = {}
    for key, value in message.items():
        name = key.lower()
        if name not in found and (name in _LOOKED_AT or name.startswith("list-")):
            found[name] = _header(str(value))
    return found


def unquoted(text: str) -> str:
    """Return what the sender wrote, without quotes and signature; all, if nothing is left."""
    from mailparser_reply import EmailReplyParser  # type: ignore[import-untyped]

    own = _SIGNATURE.sub("", _ORIGINAL.sub("", text)).strip()
    try:
        reply = EmailReplyParser(languages=["en", "fr"]).parse_reply(own) or ""
    except Exception:  # it is other people's regular expressions over other people's mail
        reply = ""
    return reply.strip() or own or text.strip()


def _header(value: str) -> str:
    from email.header import decode_header
    from email.header import make_header

    value = value[:_HEADER]
    with suppress(ValueError, LookupError, MessageError):
        words = groupby(decode_header(value), key=lambda part: part[1] is not None)
        # encoded words are put together here, and `make_header` sets the spaces between the rest
        value = str(make_header([
            ("".join(_word(*part) for part in some), "utf-8" if is_encoded else None)
            for is_encoded, some in words
        ]))  # fmt: skip
    # halves of signs cannot be encoded, and PostgreSQL keeps no NUL
    return value.encode("utf-8", "replace").decode().replace("\0", "")


def _word(data: bytes | str, charset: str | None) -> str:
    return data if isinstance(data, str) else _text(data, charset)


def _body(parts: list[Message]) -> str:
    """Return the first plain text, else the text of the first HTML."""
    for wanted in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == wanted:
                found = _decoded(part, _READ if wanted == "text/plain" else _READ_HTML)
                if found.strip():
                    return found if wanted == "text/plain" else _stripped(found)
    return ""


def _decoded(part: Message, length: int) -> str:
    """Return so many characters of a part's text."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = None
    with suppress(ValueError, LookupError):
        charset = part.get_content_charset()
    return _text(payload, charset, length)[:length]


def _text(data: bytes, charset: str | None, length: int = _HEADER) -> str:
    """Return at least so many characters of a text, where it has them, in whatever charset."""
    cut = data[: length * _WIDEST]
    name = (charset or "utf-8").strip().lower().replace("_", "-")
    for one in (name, "utf-8") if _CHARSETS.fullmatch(name) else ("utf-8",):
        # not all names of that form are there; and the last sign may be cut in two
        with suppress(ValueError, LookupError):
            return getincrementaldecoder(one)().decode(cut, final=len(cut) == len(data))
    return cut.decode("latin-1")


def _stripped(html: str) -> str:
    import nh3

    broken = _BREAK.sub("\n", html[:_READ_HTML])
    hidden = {"script", "style", "head", "title"}
    return unescape(nh3.clean(broken, tags=set(), clean_content_tags=hidden))
