"""The plugin: its parts together, and the hooks that it implements."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import grc_core as grc

from . import models
from . import texts
from .api import API
from .commands import Commands
from .console.entries import Entries
from .console.figures import Figures
from .console.mails import Mails
from .console.queue import Queue
from .console.wording import Wording
from .incoming.mailbox import Mailbox
from .pages import Pages
from .settings import FAQSettings
from .tidying import Tidying
from .widgets import Widgets

_YEAR = timedelta(days=365)


class FAQ(Pages, Widgets, Mailbox, Mails, Queue, Entries, Wording, Figures, Tidying, Commands, API):
    """Answer visitors' questions, and learn from each one."""

    name, models = "faq", models.Model
    styles, scripts = ("faq.css",), ("faq.js",)

    class Settings(FAQSettings):
        """What a shop may change."""

    @grc.hookimpl
    def answers(self, question: str, locale: str) -> list[dict[str, Any]]:
        """Answer a question that another part of the shop was asked."""
        found = self.library.search(locale, texts.one_line(question, texts.QUESTION), 3)
        return [
            {
                "question": article.question,
                "answer": article.plain,
                "url": self.address_of(article),
                "confidence": hit.confidence,
            }
            for article, hit in found
            if hit.confidence >= self.settings.good_enough
        ]

    @grc.hookimpl
    def personal_data(self) -> Iterable[grc.Personal]:
        """Declare the askers, their words and their mails."""
        why = "to answer a question and tell who asked"
        asked: Sequence[str] = ("email", "name", "text")
        yield grc.Personal(
            models.Question, asked, "email", grc.Purpose.NECESSARY, "contract", 2 * _YEAR,
            why=why, kind="email", since="asked_at",
        )  # fmt: skip
        mail: Sequence[str] = ("sender", "subject", "raw")
        yield grc.Personal(
            models.Message, mail, "sender", grc.Purpose.NECESSARY, "contract", _YEAR / 4,
            why=why, kind="email", since="received_at",
        )  # fmt: skip
