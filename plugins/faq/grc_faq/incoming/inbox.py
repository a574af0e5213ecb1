"""Take mail in: from a file, a signed webhook or a mailbox; each mail is kept, once."""

import hashlib
import hmac
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import abort
from flask import current_app
from flask import request
from sqlalchemy import func
from sqlalchemy import select

import grc_core as grc

from .. import counting
from .. import models
from .. import questions
from ..base import Base
from ..search.words import words
from .loops import why_not
from .parse import KEPT
from .parse import LARGEST
from .parse import Mail
from .parse import read

#: Automatic replies to one sender in a day, and questions of one sender that are kept in a day.
_REPLIES, _KEPT = 3, 50
_DAY = timedelta(days=1)
_TOLERANCE = 300
_FRENCH = frozenset(
    [
        "je",
        "vous",
        "est",
        "une",
        "les",
        "des",
        "pour",
        "pas",
        "que",
        "mon",
        "ma",
        "mes",
        "avec",
        "dans",
        "bonjour",
        "merci",
    ]
)


class Inbox(Base):
    """Make questions of mails, and mails that answer ours parts of their questions."""

    @grc.command("import-mail")
    @click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
    def import_mail(self, files: tuple[Path, ...]) -> None:
        """Take in mails from files, one a file, as they came."""
        for file in files:
            click.echo(f"{file.name}: {self.receive(file.read_bytes())}")

    @grc.route("/mail", methods=("POST",), csrf="signed", limit="600/minute")
    def mail_in(self) -> Any:
        """Take in a mail that a mail service hands over, raw and signed.

        The header is `GRC-Signature: t=<seconds>,v1=<hex>`, the HMAC-SHA256 of `<t>.<body>`.
        """
        key = str(current_app.config.get("GRC_FAQ_WEBHOOK_KEY") or "")
        if not key:
            abort(403)
        if request.content_length is None:
            abort(411)
        if request.content_length > LARGEST:
            abort(413)
        body = request.get_data()
        if not _signed(request.headers.get("GRC-Signature", ""), body, key):
            abort(403)
        return {"result": self.receive(body)}

    @grc.every(minutes=2)
    def poll(self) -> None:
        """Take in what is new in the shop's mailbox."""
        settings = self.settings
        if not settings.imap_host:
            return
        from imap_tools import MailBox

        password = str(current_app.config.get("GRC_FAQ_IMAP_PASSWORD") or "")
        with MailBox(settings.imap_host, settings.imap_port, timeout=20).login(
            settings.imap_user, password, settings.imap_folder
        ) as box:
            for found in box.fetch("UNSEEN", limit=100, mark_seen=False):
                self.receive(found.obj.as_bytes())
                box.flag([str(found.uid)], r"\Seen", True)

    def receive(self, raw: bytes) -> str:
        """Keep a mail and make a question of it; return what was done, in a word or two."""
        mail = read(raw)
        known = select(models.Message.id).where(models.Message.digest == mail.digest)
        if self.session.scalar(known) is not None:
            return "known"
        recent = self._recent(mail, models.Message.id)
        row = models.Message(
            digest=mail.digest, sender=mail.sender, subject=mail.subject, raw=raw[:KEPT],
            note=_note(mail, raw), received_at=self.grc.now(), acknowledged=False,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        reason = why_not(mail, self._own())
        if recent >= _KEPT:
            reason = "its sender writes too much"
        if reason is not None:
            row.note = f"{reason}. {row.note or ''}".strip()
            return f"kept for review: {reason}"
        question = self._thread(mail)
        if question is not None:
            row.question_id = question.id
            question.text = f"{question.text}\n\n{mail.text}"[: 4 * 5000]
            return f"added to question {question.id}"
        return self._new(mail, row)

    def _new(self, mail: Mail, row: models.Message) -> str:
        text = mail.text or mail.subject
        if not text:
            row.note = "it says nothing"
            return "kept for review: it says nothing"
        lang = self._language(text)
        said = text if mail.subject.lower() in text.lower() else f"{mail.subject}\n{text}"
        asked = questions.Asked(said, lang, "e-mail", mail.sender, mail.name)
        question = questions.ask(self.session, asked, self.grc.now(), self.due())
        row.question_id = question.id
        counting.count(self.session, self.grc.now(), asked=1)
        if self._recent(mail, models.Message.id, models.Message.acknowledged) >= _REPLIES:
            row.note = "no acknowledgement: its sender got some today"
            return f"question {question.id}, not acknowledged"
        row.acknowledged = True
        alike = [(one.question, one.lang, one.slug) for one in self.good(lang, text)]
        key = f"acknowledge {question.secret}"
        self.write(question, "received", key, alike=alike, question=text[:500])
        return f"question {question.id}"

    def _thread(self, mail: Mail) -> models.Question | None:
        """Return the question that its own asker goes on with, by the id of our message."""
        query = select(models.Thread.question_id).where(models.Thread.token.in_(mail.answers))
        for id in self.session.scalars(query):
            question = self.session.get(models.Question, id)
            if question is not None and (question.email or "").lower() == mail.sender:
                found: models.Question = question
                return found if found.status == models.OPEN else None
        return None

    def _recent(self, mail: Mail, *columns: Any) -> int:
        query = select(func.count(columns[0])).where(
            models.Message.sender == mail.sender,
            models.Message.received_at > self.grc.now() - _DAY,
            *columns[1:],
        )
        return int(self.session.scalar(query) or 0)

    def _own(self) -> set[str]:
        sender = current_app.config.get("MAIL_DEFAULT_SENDER") or ""
        address = sender[1] if isinstance(sender, (tuple, list)) else str(sender)
        return {address.lower(), *map(str.lower, self.settings.own_addresses)} - {""}

    def _language(self, text: str) -> str:
        """Return French or English by its small words; the shop's first where neither is served."""
        locales: list[str] = list(self.grc.shop.shop.locales) or ["en"]
        counted = sum(word in _FRENCH for word in words(text))
        guess = "fr" if counted >= 2 or any(sign in "éèêàçùô" for sign in text.lower()) else "en"
        return next((one for one in locales if one.startswith(guess)), locales[0])


def _note(mail: Mail, raw: bytes) -> str | None:
    notes = []
    if mail.attachments:
        notes.append(f"{mail.attachments} attachments were not read.")
    if len(raw) > KEPT:
        notes.append(f"Of {len(raw):,} bytes the first {KEPT:,} are kept.")
    return " ".join(notes) or None


def _signed(header: str, body: bytes, key: str) -> bool:
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    stamp, given = parts.get("t", ""), parts.get("v1", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(int(stamp) - time.time()) > _TOLERANCE:
        return False
    wanted = hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(given.encode(), wanted.encode())
