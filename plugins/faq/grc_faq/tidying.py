"""What goes once a day: old misses, votes and cases, and what nothing belongs to any more."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy import select

import grc_core as grc

from . import counting
from . import meanings
from . import models
from .base import Base
from .search.semantic import digest_of
from .search.semantic import texts_of

#: The counts of a vote stay with its entry; its words and the case made of it go.
_KEPT = timedelta(days=365)


class Tidying(Base):
    """Keep the tables from growing for ever."""

    @grc.every(days=1)
    def tidy(self) -> None:
        """Remove what is of no more use, and learn from the day's votes."""
        library = self.library
        langs = {article.lang for article in library.articles.values()}
        wanted = {digest_of(text) for lang in langs for entry in library.entries(lang)
                  for text in texts_of(entry)}  # fmt: skip
        now = self.grc.now()
        counting.forget(self.session, now)
        vote, case, thread = models.Vote, models.Case, models.Thread
        self.session.execute(delete(vote).where(vote.voted_at < now - _KEPT))
        self.session.execute(delete(case).where(case.at < now - 2 * _KEPT))
        asked = select(models.Question.id)
        self.session.execute(delete(thread).where(thread.question_id.not_in(asked)))
        meanings.forget(self.session, wanted)
        self.changed()
