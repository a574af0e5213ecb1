"""The plugin's tables in memory, without an app: what is proven of them costs a millisecond."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from grc_faq import editing
from grc_faq import models
from grc_faq import questions

NOW = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)


@contextmanager
def tables() -> Iterator[Session]:
    """Yield a session on empty tables."""
    engine = create_engine("sqlite://")
    models.Model.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def write(session: Session, question: str, **more: Any) -> models.Entry:
    """Write an entry, in English and about delivery unless said otherwise."""
    said = {"lang": "en", "category": "delivery", "answer": "Yes."} | more
    lang, category, answer = (said.pop(name) for name in ("lang", "category", "answer"))
    return editing.create(session, NOW, lang, category, question, answer, **said)


def asked(session: Session, text: str, **more: Any) -> models.Question:
    """Ask a question, in English unless said otherwise."""
    given = questions.Asked(text, more.pop("lang", "en"), **more)
    return questions.ask(session, given, NOW, NOW)
