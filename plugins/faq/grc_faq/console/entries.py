"""The entries: a list, and the page on which one is written, published, and brought back."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from flask import abort
from sqlalchemy import select

import grc_core as grc

from .. import editing
from .. import models
from .. import texts
from ..base import Base
from ..markdown import html_of
from . import forms

ROLES = ("support", "marketing")
#: What the buttons of the list make of an entry.
_STATUSES = {"publish": models.PUBLISHED, "review": models.REVIEW, "draft": models.DRAFT,
             "retire": models.RETIRED}  # fmt: skip
_VERSIONS, _COMMENTS = 30, 20
_NEW: dict[str, Any] = {"question": "", "category": "", "new_category": "", "answer": "",
                        "phrasings": [], "products": [], "status": models.DRAFT}  # fmt: skip


class Entries(Base):
    """What staff do with entries."""

    @grc.console_page("Answers", roles=ROLES)
    def entries(self) -> Any:
        """List the entries; publish, withdraw and retire them."""
        action = self.console.action or ""
        if action in _STATUSES:
            return self._set(dict.fromkeys(self.console.chosen, _STATUSES[action]))
        if action == "back":
            pairs = (item.partition("-") for item in self.console.chosen)
            return self._set({id: status for id, _, status in pairs if status in models.STATUSES})
        rows = self._rows()
        table = self.console.table(
            [
                grc.Column("question", "Question", search=True,
                           link=lambda row: self.url_for("editing", id=row["id"])),
                grc.Column("lang", "Language", choices=self.langs()),
                grc.Column("category", "Category",
                           choices=sorted({row["category"] for row in rows})),
                grc.Column("state", "State", "state", choices=forms.STATUS_NAMES),
                grc.Column("missing", "Translation missing"),
                grc.Column("votes", "Helped or not"),
                grc.Column("changed", "Changed", "time"),
            ],
            rows,
            actions=[grc.Action("publish", "Publish"), grc.Action("review", "To be reviewed"),
                     grc.Action("draft", "Withdraw"),
                     grc.Action("retire", "Retire", confirm="Retire the chosen answers?")],
            empty="There is no answer yet: write one, or run “flask grc faq starter”.",
        )  # fmt: skip
        return self.render("console_entries.html", table=table, langs=self.langs())

    @grc.console_page("Answer", roles=ROLES, rule="/entries/<int:id>")
    def editing(self, id: int) -> Any:
        """Change an entry; each change makes a version, and any version can be brought back."""
        entry: models.Entry = self.session.get(models.Entry, id) or abort(404)
        action, _, number = (self.console.action or "").partition("-")
        if action == "restore" and number.isdecimal():
            return self._restored(entry, int(number))
        known = forms.categories(self.session, entry.lang)
        before = {name: getattr(entry, name) for name in editing.KEPT}
        before |= {"phrasings": editing.phrasings(self.session, entry), "new_category": ""}
        form = self.console.form(forms.entry_form(known), before)
        if form.accepted:
            return self._saved(entry, form.data, before)
        return self.render(
            "console_entry.html", form=form, entry=entry, versions=self._versions(entry),
            preview=html_of(entry.answer), others=self._translations(entry), langs=self.langs(),
            comments=self._comments(entry), status_names=self._status_names(),
        )  # fmt: skip

    @grc.console_page("New answer", roles=ROLES, rule="/entries/<int:source>/into/<lang>")
    def writing(self, source: int, lang: str) -> Any:
        """Write an entry: a new one (0), or an entry's translation into a language."""
        origin = self.session.get(models.Entry, source) or (abort(404) if source else None)
        if lang not in self.langs():
            abort(404)
        others = self._translations(origin) if origin is not None else {}
        if lang in others:
            there = self.url_for("editing", id=others[lang].id)
            return self.console.done("It is translated.", to=there)
        known = forms.categories(self.session, lang)
        start = dict(_NEW)
        if origin is not None:
            start |= {"category": origin.category, "products": origin.products}
        form = self.console.form(forms.entry_form(known), start)
        if form.accepted:
            data = form.data
            entry = editing.create(
                self.session, self.grc.now(), lang, forms.placed(self.session, lang, data),
                data["question"], data["answer"], topic=origin.topic if origin else None,
                status=data["status"], phrasings=data["phrasings"], products=data["products"],
            )  # fmt: skip
            self.changed()
            self.console.audit("wrote", f"answer {entry.id}", after=data)
            return self.console.done("Saved.", to=self.url_for("editing", id=entry.id))
        return self.render("console_writing.html", form=form, origin=origin, lang=lang,
                           original=html_of(origin.answer) if origin else "")  # fmt: skip

    def _saved(self, entry: models.Entry, data: dict[str, Any], before: dict[str, Any]) -> Any:
        number = entry.version
        changed = editing.change(
            self.session, entry, self.grc.now(), status=data["status"], products=data["products"],
            question=texts.one_line(data["question"], texts.QUERY),
            answer=texts.clean(data["answer"], editing.ANSWER),
            category=forms.placed(self.session, entry.lang, data),
        )  # fmt: skip
        if editing.rephrase(self.session, entry, data["phrasings"]) or changed:
            self.changed()
            self.console.audit("changed", f"answer {entry.id}", before, data)
        undo = {"_action": f"restore-{number}"} if changed else None
        return self.console.done("Saved.", undo=undo)

    def _restored(self, entry: models.Entry, number: int) -> Any:
        versions = editing.editions(self.session, entry)
        wanted = next((one for one in versions if one.number == number), None) or abort(404)
        was = entry.version
        editing.restore(self.session, entry, wanted, self.grc.now())
        self.changed()
        self.console.audit("brought back", f"answer {entry.id}", before=was, after=number)
        return self.console.done(
            "The version is back.", undo={"_action": f"restore-{was}"} if was != number else None
        )

    def _set(self, wanted: dict[str, str]) -> Any:
        ids = [int(id) for id in wanted if id.isdecimal()]
        found = self.session.scalars(select(models.Entry).where(models.Entry.id.in_(ids))).all()
        before = [f"{entry.id}-{entry.status}" for entry in found]
        for entry in found:
            self.console.audit("set", f"answer {entry.id}", entry.status, wanted[str(entry.id)])
            editing.change(self.session, entry, self.grc.now(), status=wanted[str(entry.id)])
        self.changed()
        undo: dict[str, str | Sequence[str]] = {"_action": "back", "_id": before}
        return self.console.done("The answers are changed.", undo=undo if before else None)

    def _rows(self) -> list[dict[str, Any]]:
        entry, names = models.Entry, self._status_names()
        query = select(
            entry.id, entry.topic, entry.lang, entry.category, entry.question, entry.status,
            entry.helpful, entry.unhelpful, entry.changed_at,
        )  # fmt: skip
        found = self.session.execute(query.order_by(entry.changed_at.desc(), entry.id)).all()
        spoken: dict[str, set[str]] = {}
        for row in found:
            spoken.setdefault(row.topic, set()).add(row.lang)
        return [
            {"id": row.id, "question": row.question, "lang": row.lang, "category": row.category,
             "state": names[row.status], "votes": f"{row.helpful} / {row.unhelpful}",
             "changed": row.changed_at.date(),
             "missing": ", ".join(one for one in self.langs() if one not in spoken[row.topic])}
            for row in found
        ]  # fmt: skip

    def _versions(self, entry: models.Entry) -> list[tuple[models.Edition, str]]:
        """Return the newest versions, each with how it differs from the one before."""
        found = editing.editions(self.session, entry)[: _VERSIONS + 1]
        shown = [(newer, editing.difference(older, newer)) for newer, older in pairwise(found)]
        last = found[-1]
        if last.number == 1:  # there is none before it
            shown.append((last, f"{last.question}\n\n{last.answer}"))
        return shown

    def _status_names(self) -> dict[str, str]:
        return dict(zip(models.STATUSES, forms.STATUS_NAMES, strict=True))

    def _translations(self, entry: models.Entry) -> dict[str, models.Entry]:
        query = select(models.Entry).where(models.Entry.topic == entry.topic)
        return {one.lang: one for one in self.session.scalars(query)}

    def _comments(self, entry: models.Entry) -> Sequence[models.Vote]:
        vote = models.Vote
        query = select(vote).where(vote.entry_id == entry.id, vote.comment.is_not(None))
        found: Sequence[models.Vote] = self.session.scalars(
            query.order_by(vote.voted_at.desc()).limit(_COMMENTS)
        ).all()
        return found
