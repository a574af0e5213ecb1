"""The mails that came in, those kept for review first of all."""

from typing import Any

from flask import abort
from sqlalchemy import select

import grc_core as grc

from .. import models
from .. import questions
from ..incoming.inbox import Inbox
from ..incoming.loops import why_not
from ..incoming.parse import read

ROLES = ("support", "marketing")
_ASKED, _KEPT = "Became a question", "Kept for review"
_NEWEST = 1000


class Mails(Inbox):
    """What staff see of mail."""

    @grc.console_page("Incoming mail", roles=ROLES)
    def mails(self) -> Any:
        """List the newest mails, with why nothing was made of some."""
        message = models.Message
        query = select(
            message.id, message.sender, message.subject, message.note, message.received_at,
            message.question_id,
        )  # fmt: skip
        rows = [
            {"id": row.id, "sender": row.sender, "subject": row.subject or "–", "note": row.note,
             "at": row.received_at, "state": _ASKED if row.question_id else _KEPT}
            for row in self.session.execute(query.order_by(message.id.desc()).limit(_NEWEST))
        ]  # fmt: skip
        table = self.console.table(
            [
                grc.Column("subject", "Subject", search=True,
                           link=lambda row: self.url_for("mail_page", id=row["id"])),
                grc.Column("sender", "Sender", search=True),
                grc.Column("state", "State", "state", choices=(_KEPT, _ASKED)),
                grc.Column("note", "Note", search=True),
                grc.Column("at", "Received", "time"),
            ],
            rows,
            empty="No mail has come in.",
        )  # fmt: skip
        return self.render("console_mails.html", table=table)

    @grc.console_page("Mail", roles=ROLES, rule="/mails/<int:id>")
    def mail_page(self, id: int) -> Any:
        """Show what a mail says; make a question of one that was kept for review."""
        message: models.Message = self.session.get(models.Message, id) or abort(404)
        mail = read(message.raw)
        if self.console.action == "ask" and message.question_id is None and mail.text:
            lang = self._language(mail.text)
            # robots and ourselves are not written to, whoever answers
            email = None if why_not(mail, self._own()) else mail.sender
            asked = questions.Asked(mail.text, lang, "e-mail", email, mail.name)
            found = questions.ask(self.session, asked, self.grc.now(), self.due())
            message.question_id = found.id
            about = grc.Subject("email", mail.sender) if mail.sender else None
            self.console.audit("made a question", f"mail {id}", after=found.id, about=about)
            return self.console.done(
                "It is a question now.", to=self.url_for("answering", id=found.id)
            )
        return self.render("console_mail.html", message=message, mail=mail)
