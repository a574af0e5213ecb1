"""The words of the shop: which mean the same, and what they mean."""

from typing import Any

from flask import abort
from sqlalchemy import select

import grc_core as grc

from .. import models
from .. import texts
from ..base import Base
from ..glossary import split
from . import forms

ROLES = ("support", "marketing")


class Wording(Base):
    """What staff do with synonyms and the glossary."""

    @grc.console_page("Words", roles=ROLES)
    def wording(self) -> Any:
        """List the words; remove what was chosen."""
        if self.console.action == "remove":
            return self._removed([int(id) for id in self.console.chosen if id.isdecimal()])
        if self.console.action == "back":
            return self._put_back(self.console.request.form.getlist("term"))
        table = self.console.table(
            [
                grc.Column("words", "Words that mean the same", search=True,
                           link=lambda term: self.url_for("word", id=term.id)),
                grc.Column("lang", "Language", choices=self.langs()),
                grc.Column("meaning", "What they mean", search=True),
            ],
            list(self.session.scalars(select(models.Term).order_by(models.Term.words))),
            actions=[grc.Action("remove", "Remove")],
            empty="There are no words of your own yet. Many that mean the same are known anyway.",
        )  # fmt: skip
        return self.render("console_words.html", table=table)

    @grc.console_page("Word", roles=ROLES, rule="/wording/<int:id>")
    def word(self, id: int) -> Any:
        """Change words, or name new ones (0)."""
        term = self.session.get(models.Term, id) or (
            abort(404) if id else models.Term(lang=self.langs()[0], words="", meaning="")
        )
        before = {"lang": term.lang, "words": list(split(term.words)), "meaning": term.meaning}
        form = self.console.form(forms.term_form(self.langs()), before)
        if form.accepted and len(form.data["words"]) < 2 and not form.data["meaning"]:
            form.refuse("Name a second word, or say what it means.", "words")
        if form.accepted:
            term.lang = form.data["lang"]
            term.words = ", ".join(texts.one_line(one, texts.NAME) for one in form.data["words"])
            term.meaning = texts.clean(form.data["meaning"], texts.COMMENT)
            self.session.add(term)
            self.session.flush()
            self.changed()
            self.console.audit("changed", f"words {term.id}", before, form.data)
            return self.console.done("Saved.", to=self.url_for("wording"))
        return self.render("console_word.html", form=form)

    def _removed(self, ids: list[int]) -> Any:
        found = self.session.scalars(select(models.Term).where(models.Term.id.in_(ids))).all()
        for term in found:
            self.console.audit("removed", f"words {term.id}", before=term.words)
            self.session.delete(term)
        self.changed()
        kept = [f"{term.lang}\n{term.words}\n{term.meaning}" for term in found]
        return self.console.done(
            "The words are removed.", undo={"_action": "back", "term": kept} if kept else None
        )

    def _put_back(self, kept: list[str]) -> Any:
        for line in kept:
            lang, words, meaning = (*line.replace("\r\n", "\n").split("\n", 2), "", "")[:3]
            if lang in self.langs() and words:
                self.session.add(
                    models.Term(lang=lang, words=texts.one_line(words, texts.COMMENT),
                                meaning=texts.clean(meaning, texts.COMMENT))
                )  # fmt: skip
        self.changed()
        self.console.audit("put back", "words", after=kept)
        return self.console.done("The words are back.")
