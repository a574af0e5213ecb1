"""Take mail in, from a file or a signed webhook; each mail is kept, once."""

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

from .. import cases
from .. import counting
from .. import models
from .. import questions
from ..base import Base
from ..library import Article
from .app import of_app
from .language import is_french
from .loops import why_not
from .parse import KEPT
from .parse import LARGEST
from .parse import Mail
from .parse import read

#: Automatic replies to one sender in a day, and questions of one sender that are kept in a day.
_REPLIES, _KEPT = 3, 50
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
#: Automatic replies to everybody in an hour: some loops change their address each time.
_REPLIES_TO_ALL = 100
_TOLERANCE = 300
#: Characters of a question that grows with each mail of its asker.
_GROWN = 20_000


class Inbox(Base):
    """Make questions of mails, and mails that answer ours parts of their questions."""

    config = ("GRC_FAQ_WEBHOOK_KEY", "GRC_FAQ_IMAP_HOST", "GRC_FAQ_IMAP_PORT", "GRC_FAQ_IMAP_USER",
              "GRC_FAQ_IMAP_PASSWORD", "GRC_FAQ_IMAP_FOLDER")  # fmt: skip

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
        key = of_app("WEBHOOK_KEY")
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

    def receive(self, raw: bytes) -> str:
        """Keep a mail and make a question of it; return what was done, in a word or two."""
        mail = read(raw)
        for lang in self.langs():
            self.library.engine(lang, wait=True)  # before anything is written: it takes seconds
        known = select(models.Message.id).where(models.Message.digest == mail.digest)
        if self.session.scalar(known) is not None:
            return "known"
        recent = self._recent(mail)
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
            return self._go_on(question, mail, row)
        return self._new(mail, row)

    def keep(self, raw: bytes) -> None:
        """Keep a mail that cannot be taken in, for a person to see."""
        digest = hashlib.sha256(raw).hexdigest()
        known = select(models.Message.id).where(models.Message.digest == digest)
        if self.session.scalar(known) is None:
            self.session.add(
                models.Message(digest=digest, sender="", subject="", raw=raw[:KEPT],
                               note="it cannot be taken in", received_at=self.grc.now(),
                               acknowledged=False)
            )  # fmt: skip

    def _go_on(self, question: models.Question, mail: Mail, row: models.Message) -> str:
        row.question_id = question.id
        question.text = f"{question.text}\n\n{mail.text}"[:_GROWN]
        if question.status == models.OPEN:
            return f"added to question {question.id}"
        questions.reopen(question)  # no person had answered it
        question.due_at = self.due()
        return f"opened question {question.id} again"

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
        reason = self._silent(mail)
        if reason is not None:
            row.note = f"no acknowledgement: {reason}"
            return f"question {question.id}, not acknowledged"
        row.acknowledged = True
        article = self._sure(lang, text)
        if article is not None:
            return self._answer_alone(question, article)
        alike = [(one.question, one.lang, one.slug) for one in self.good(lang, text)]
        self.keep_meanings()
        key = f"acknowledge {question.secret}"
        # neither words nor name of theirs: nobody has proved that the address is the sender's
        self.write(question, "received", key, alike=alike)
        return f"question {question.id}"

    def _sure(self, lang: str, text: str) -> Article | None:
        """Return the entry that may answer without a person, by what staff decided before."""
        if not self.settings.automatic_answers:
            return None
        wanted = self.library.learnt(lang).margin
        found = self.library.search(lang, text, 2)
        if wanted is None or not found or cases.margin_of(found) < wanted:
            return None
        article, hit = found[0]
        return article if hit.confidence >= self.settings.good_enough else None

    def _answer_alone(self, question: models.Question, article: Article) -> str:
        entry = self.session.get(models.Entry, article.id)
        now = self.grc.now()
        for one in questions.close(self.session, question, entry, now, automatic=True):
            self.write(one, "automatic", f"automatic {one.secret}", answer=article.answer,
                       title=article.question, entry_lang=article.lang,
                       slug=article.slug)  # fmt: skip
        return f"question {question.id}, answered automatically"

    def _thread(self, mail: Mail) -> models.Question | None:
        """Return the question that its own asker goes on with.

        It is found by the id of a message of ours, else by that of a mail of theirs: some
        programs name the first mail of a thread alone.
        """
        thread, message = models.Thread, models.Message
        by_ours = select(thread.question_id).where(thread.token.in_(mail.answers))
        by_theirs = select(message.question_id).where(
            message.digest.in_(mail.earlier), message.question_id.is_not(None)
        )
        for query in (by_ours, by_theirs.order_by(message.id.desc())):
            for id in self.session.scalars(query):
                question: models.Question | None = self.session.get(models.Question, id)
                if question is not None and (question.email or "").lower() == mail.sender:
                    waits = question.status == models.OPEN or question.automatic
                    return question if waits else None
        return None

    def _silent(self, mail: Mail) -> str | None:
        """Return why nobody is to be written to now, None where somebody may be."""
        if self._recent(mail, models.Message.acknowledged) >= _REPLIES:
            return "its sender got some today"
        lately = select(func.count(models.Message.id)).where(
            models.Message.received_at > self.grc.now() - _HOUR, models.Message.acknowledged
        )
        if int(self.session.scalar(lately) or 0) >= _REPLIES_TO_ALL:
            return "too many were sent in an hour"
        return None

    def _recent(self, mail: Mail, *more: Any) -> int:
        query = select(func.count(models.Message.id)).where(
            models.Message.sender == mail.sender,
            models.Message.received_at > self.grc.now() - _DAY,
            *more,
        )
        return int(self.session.scalar(query) or 0)

    def _own(self) -> set[str]:
        sender = current_app.config.get("MAIL_DEFAULT_SENDER") or ""
        address = sender[1] if isinstance(sender, (tuple, list)) else str(sender)
        ours = (address, of_app("IMAP_USER"), *self.settings.own_addresses)
        return {one.lower() for one in ours} - {""}

    def _language(self, text: str) -> str:
        """Return French or English; the shop's first language where neither is served."""
        locales = self.langs()
        guess = "fr" if is_french(text) else "en"
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
