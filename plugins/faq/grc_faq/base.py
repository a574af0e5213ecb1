"""What every part of the plugin needs: the library, the calendar, and the loop."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

import grc_core as grc

from . import cases
from . import editing
from . import meanings
from . import models
from . import questions
from .calendar import Calendar
from .library import Article
from .library import Library
from .shelf import Shelf


class Base(grc.Plugin):
    """The common ground of the plugin's parts."""

    def __init__(self) -> None:
        self._shelf = Shelf()

    @property
    def library(self) -> Library:
        """Return what is published."""
        return self._shelf.library(self.grc.reading, self.settings)

    def keep_meanings(self) -> None:
        """Store the vectors that this process has worked out, for the next one to start with."""
        made = self.library.unsaved()
        if made:
            meanings.store(self.session, made)

    def changed(self) -> None:
        """Tell every process that something was published or withdrawn."""
        self._shelf.changed(self.session)

    def langs(self) -> list[str]:
        """Return the languages of the shop."""
        return list(self.grc.shop.shop.locales) or ["en"]

    def due(self) -> datetime:
        """Return when a question of now is to be answered."""
        settings = self.settings
        calendar = Calendar(
            settings.time_zone, settings.opens, settings.closes, settings.work_days,
            settings.holidays,
        )  # fmt: skip
        return calendar.after(self.grc.now(), settings.answer_hours)

    def good(self, lang: str, text: str, limit: int = 3) -> list[Article]:
        """Return the entries that answer well enough."""
        found = self.library.search(lang, text, limit)
        return [article for article, hit in found if hit.confidence >= self.settings.good_enough]

    def address_of(self, article: Article) -> str:
        """Return the permanent address of an entry."""
        return self.url_for("entry", lang=article.lang, slug=article.slug)

    def answer(self, question: models.Question, entry: models.Entry) -> int:
        """Answer a question with an entry; tell each asker once, and return how many."""
        if question.status == models.OPEN and entry.status == models.PUBLISHED:
            for one in (question, *questions.followers(self.session, question)):
                if one.lang == entry.lang:
                    cases.decided(self.session, self.library, one.lang, one.text, entry.id,
                                  self.grc.now())  # fmt: skip
        told = questions.close(self.session, question, entry, self.grc.now())
        spoken = self._spoken(entry)
        for one in told:
            said = spoken.get(one.lang, entry)
            self.write(one, "answer", f"answer {one.secret}", answer=said.answer,
                       question=one.text, entry_lang=said.lang, slug=said.slug)  # fmt: skip
        self.changed()
        return len(told)

    def _spoken(self, entry: models.Entry) -> dict[str, models.Entry]:
        """Return an entry and its published translations, by language."""
        query = select(models.Entry).where(
            models.Entry.topic == entry.topic, models.Entry.status == models.PUBLISHED
        )
        return {one.lang: one for one in self.session.scalars(query)}

    def publish(self, entry: models.Entry, status: str = models.PUBLISHED) -> None:
        """Show an entry to everybody, or withdraw it."""
        editing.change(self.session, entry, self.grc.now(), status=status)
        self.changed()

    def write(self, asked: models.Question, template: str, key: str, /, **context: Any) -> str:
        """Queue a message to who asked, and remember its id: a reply to it belongs here."""
        to = grc.Customer(
            f"asker of question {asked.id}", email=asked.email, name=asked.name, locale=asked.lang,
        )  # fmt: skip
        state = self.mail(to, template, key, "transactional", **context)
        if state != "known":
            token = self.grc.mail.token(self.name, key)
            self.session.add(models.Thread(token=token, question_id=asked.id))
        return str(state)
