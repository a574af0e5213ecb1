"""Pages of the staff console: the queue, a question, and the indicators."""

from typing import Any

from flask import abort
from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

import grc_core as grc

from . import counting
from . import editing
from . import models
from . import questions
from . import texts
from .base import Base


class AnswerForm(Schema):
    """A new entry that answers a question."""

    title = fields.Str(
        required=True,
        validate=validate.Length(3, texts.QUERY),
        metadata={"label": "Question, as everybody would ask it"},
    )
    category = fields.Str(required=True, metadata={"label": "Category"})
    answer = fields.Str(
        required=True,
        validate=validate.Length(3, 20_000),
        metadata={"label": "Answer, in Markdown", "multiline": True},
    )


class Staff(Base):
    """What staff do in the console."""

    @grc.console_page("Questions", roles=("support", "marketing"))
    def waiting(self) -> Any:
        """List the open questions, the most asked and oldest first."""
        if self.console.action == "reject":
            for id in filter(str.isdecimal, self.console.chosen):
                questions.reject(self._question(int(id)), self.grc.now())
            self.console.audit("rejected", "questions", before=list(self.console.chosen))
            return self.console.done("The questions are put aside.")
        rows = [
            {"id": one.id, "text": " ".join(one.text.split())[:120], "askers": askers,
             "lang": one.lang, "channel": one.channel, "due": one.due_at}
            for one, askers in questions.queue(self.session)
        ]  # fmt: skip
        table = self.console.table(
            [
                grc.Column("text", "Question", search=True,
                           link=lambda row: self.url_for("answering", id=row["id"])),
                grc.Column("askers", "Askers", "number"),
                grc.Column("lang", "Language"),
                grc.Column("channel", "Channel"),
                grc.Column("due", "Due", "time"),
            ],
            rows,
            actions=[grc.Action("reject", "Put aside", confirm="Put the chosen ones aside?")],
            empty="Nobody waits for an answer.",
        )  # fmt: skip
        return self.render("console_waiting.html", table=table)

    @grc.console_page("Question", roles=("support", "marketing"), rule="/waiting/<int:id>")
    def answering(self, id: int) -> Any:
        """Answer a question with an entry that is there, with a new one, or by merging it."""
        question = self._question(id)
        action = self.console.action or ""
        kind, _, number = action.partition("-")
        if kind == "use" and number.isdecimal():
            entry = self.session.get(models.Entry, int(number)) or abort(404)
            return self._answered(question, entry)
        if kind == "merge" and number.isdecimal():
            questions.merge(self.session, question, self._question(int(number)))
            return self.console.done("The questions are one now.", to=self.url_for("waiting"))
        start = {"title": questions.gist(question.text), "category": "delivery", "answer": ""}
        form = self.console.form(AnswerForm, start)
        if form.accepted:
            entry = editing.create(
                self.session, self.grc.now(), question.lang, form.data["category"],
                form.data["title"], form.data["answer"],
            )  # fmt: skip
            return self._answered(question, entry)
        alike = self.library.search(question.lang, question.text, 5)
        others = [one for one, _ in questions.queue(self.session) if one.id != question.id]
        return self.render(
            "console_question.html", question=question, form=form, alike=alike, others=others[:5],
            now=self.grc.now(),
        )  # fmt: skip

    @grc.console_page("FAQ indicators", roles=("support", "marketing"))
    def indicators(self) -> Any:
        """Show coverage, misses and what is missing."""
        langs = list(self.grc.shop.shop.locales) or ["en"]
        gaps = [(lang, *gap) for lang in langs for gap in counting.gaps(self.session, lang)]
        table = self.console.table(
            [
                grc.Column("lang", "Language"),
                grc.Column("text", "Searched in vain", search=True),
                grc.Column("count", "Times", "number"),
                grc.Column("alike", "Alike"),
            ],
            [
                {"id": number, "lang": lang, "text": text, "count": count, "alike": "; ".join(some)}
                for number, (lang, text, count, some) in enumerate(gaps)
            ],
            empty="Nothing was searched in vain.",
        )
        missing = editing.missing_translations(self.session, langs)
        return self.render(
            "console_indicators.html", values=counting.indicators(self.session), table=table,
            missing=missing,
        )  # fmt: skip

    def _answered(self, question: models.Question, entry: models.Entry) -> Any:
        told = self.answer(question, entry)
        about = grc.Subject("email", question.email) if question.email else None
        self.console.audit("answered", f"question {question.id}", after=entry.slug, about=about)
        return self.console.done(
            "Answered. Whoever asked is told." if told else "Answered.", to=self.url_for("waiting")
        )

    def _question(self, id: int) -> models.Question:
        found = self.session.get(models.Question, id)
        if found is None or found.status != models.OPEN:
            abort(404)
        question: models.Question = found
        return question
