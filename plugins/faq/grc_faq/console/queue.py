"""The questions that wait, and the page on which one is answered."""

from typing import Any

from flask import abort

import grc_core as grc

from .. import editing
from .. import models
from .. import questions
from ..base import Base
from . import forms

ROLES = ("support", "marketing")
_SHOWN = 120


class Queue(Base):
    """What staff do with questions."""

    @grc.console_page("Questions", roles=ROLES)
    def waiting(self) -> Any:
        """List the open questions, the most asked and oldest first."""
        if self.console.action == "reject":
            return self._put_aside(self._chosen(models.OPEN))
        if self.console.action == "reopen":
            for question in self._chosen(models.REJECTED, models.MERGED):
                questions.reopen(question)
                self.console.audit("opened again", f"question {question.id}")
            return self.console.done("The questions wait again.")
        now = self.grc.now()
        rows = [
            {"id": one.id, "text": " ".join(one.text.split())[:_SHOWN], "askers": askers,
             "lang": one.lang, "channel": one.channel, "due": one.due_at,
             "state": "overdue" if one.due_at < now else "waiting"}
            for one, askers in questions.queue(self.session)
        ]  # fmt: skip
        table = self.console.table(
            [
                grc.Column("text", "Question", search=True,
                           link=lambda row: self.url_for("answering", id=row["id"])),
                grc.Column("askers", "Askers", "number"),
                grc.Column("lang", "Language", choices=self.langs()),
                grc.Column("channel", "Channel"),
                grc.Column("due", "Due", "time"),
                grc.Column("state", "State", "state"),
            ],
            rows,
            actions=[grc.Action("reject", "Put aside", confirm="Put the chosen ones aside?")],
            empty="Nobody waits for an answer.",
        )  # fmt: skip
        return self.render("console_waiting.html", table=table)

    @grc.console_page("Question", roles=ROLES, rule="/waiting/<int:id>")
    def answering(self, id: int) -> Any:
        """Answer a question with an entry that is there, with a new one, or by merging it."""
        question = self.session.get(models.Question, id) or abort(404)
        if question.status != models.OPEN:
            return self.render("console_answered.html", question=question)
        kind, _, number = (self.console.action or "").partition("-")
        if kind == "use" and number.isdecimal():
            return self._answered(question, self._published(int(number)))
        if kind == "merge" and number.isdecimal():
            return self._merged(question, int(number))
        if kind == "reject":
            return self._put_aside([question])
        known = forms.categories(self.session, question.lang)
        start = {
            "title": questions.title(question.text), "answer": "",
            "category": next(iter(known), ""), "new_category": "",
            "products": [question.product_id] if question.product_id else [],
        }  # fmt: skip
        form = self.console.form(forms.answer_form(known), start, submit="Answer and publish")
        if form.accepted:
            entry = editing.create(
                self.session, self.grc.now(), question.lang,
                forms.placed(self.session, question.lang, form.data), form.data["title"],
                form.data["answer"], products=form.data["products"],
            )  # fmt: skip
            return self._answered(question, entry)
        return self.render(
            "console_question.html", question=question, form=form, now=self.grc.now(),
            alike=self.library.search(question.lang, question.text, 5),
            others=questions.alike(self.session, question),
        )  # fmt: skip

    def _answered(self, question: models.Question, entry: models.Entry) -> Any:
        told = self.answer(question, entry)
        about = grc.Subject("email", question.email) if question.email else None
        self.console.audit("answered", f"question {question.id}", after=entry.slug, about=about)
        return self.console.done(
            "Answered. Whoever asked is told." if told else "Answered.", to=self.url_for("waiting")
        )

    def _merged(self, question: models.Question, into: int) -> Any:
        other = self.session.get(models.Question, into)
        if other is None or other.status != models.OPEN or other.id == question.id:
            abort(404)
        questions.merge(self.session, question, other)
        self.console.audit("merged", f"question {question.id}", after=other.id)
        return self.console.done(
            "The questions are one now.", to=self.url_for("waiting"),
            undo={"_action": "reopen", "_id": [str(question.id)]}, undo_url=self.url_for("waiting"),
        )  # fmt: skip

    def _put_aside(self, chosen: list[models.Question]) -> Any:
        for question in chosen:
            questions.reject(question, self.grc.now())
            self.console.audit("put aside", f"question {question.id}")
        ids = [str(question.id) for question in chosen]
        return self.console.done(
            "The questions are put aside.", to=self.url_for("waiting"),
            undo={"_action": "reopen", "_id": ids} if ids else None,
            undo_url=self.url_for("waiting"),
        )  # fmt: skip

    def _chosen(self, *statuses: str) -> list[models.Question]:
        query = self.session.query(models.Question).filter(
            models.Question.id.in_([int(id) for id in self.console.chosen if id.isdecimal()]),
            models.Question.status.in_(statuses),
        )
        return list(query)

    def _published(self, id: int) -> models.Entry:
        entry: models.Entry | None = self.session.get(models.Entry, id)
        if entry is None or entry.status != models.PUBLISHED:
            abort(404)
        return entry
