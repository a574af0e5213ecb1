"""The loop: a question is asked, answered once, its askers told, and its words learnt."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import aliased

from . import editing
from . import models
from . import texts
from .search import Engine
from .search import Entry
from .search.words import sentences

#: A question in many words is learnt by its first sentences that say something.
_LEARNT = 200
#: So many open questions are looked through for alike ones.
_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know, and how they can be told."""

    text: str
    lang: str
    channel: str = "web"
    email: str | None = None
    name: str | None = None
    product_id: str | None = None


def ask(session: Any, asked: Asked, now: datetime, due_at: datetime) -> models.Question:
    """Write a question down."""
    question = models.Question(
        channel=asked.channel, lang=asked.lang, text=texts.clean(asked.text, texts.QUESTION),
        email=asked.email, name=texts.one_line(asked.name, texts.NAME) or None,
        product_id=asked.product_id, status=models.OPEN, secret=secrets.token_hex(16),
        asked_at=now, due_at=due_at, automatic=False,
    )  # fmt: skip
    session.add(question)
    session.flush()
    return question


def queue(session: Any, limit: int = 100) -> list[tuple[models.Question, int]]:
    """Return the open questions with how many people ask each, the most asked and oldest first."""
    follower = aliased(models.Question)
    counted = (
        select(func.count(follower.id))
        .where(follower.merged_into == models.Question.id, follower.status == models.MERGED)
        .correlate(models.Question)
        .scalar_subquery()
    )
    query = select(models.Question, 1 + counted).where(models.Question.status == models.OPEN)
    ordered = query.order_by(counted.desc(), models.Question.asked_at, models.Question.id)
    return [(question, askers) for question, askers in session.execute(ordered.limit(limit))]


def alike(session: Any, question: models.Question, limit: int = 5) -> list[models.Question]:
    """Return other open questions that the search finds for this one, the most alike first."""
    query = select(models.Question).where(
        models.Question.status == models.OPEN,
        models.Question.lang == question.lang,
        models.Question.id != question.id,
    )
    rows = session.scalars(query.order_by(models.Question.id.desc()).limit(_LOOKED_AT)).all()
    by_id = {str(row.id): row for row in rows}
    engine = Engine([Entry(id, row.text) for id, row in by_id.items()], question.lang)
    return [by_id[hit.id] for hit in engine.search(question.text, limit)]


def merge(session: Any, question: models.Question, into: models.Question) -> None:
    """Make a question part of another open one; those merged into it before follow."""
    if question.id == into.id or question.status != models.OPEN or into.status != models.OPEN:
        raise ValueError("only two different open questions can be merged")
    for other in followers(session, question):
        other.merged_into = into.id
    question.status, question.merged_into = models.MERGED, into.id
    session.flush()


def followers(session: Any, question: models.Question) -> list[models.Question]:
    """Return the questions that were merged into one."""
    query = select(models.Question).where(models.Question.merged_into == question.id)
    return list(session.scalars(query))


def close(
    session: Any,
    question: models.Question,
    entry: models.Entry,
    now: datetime,
    automatic: bool = False,
) -> list[models.Question]:
    """Answer a question with an entry, learn its words, and return whom to tell.

    Answering twice tells nobody twice: only what was open is returned. What was answered
    automatically nobody has confirmed, so nothing is learnt of it.
    """
    if question.status != models.OPEN:
        return []
    told = [question, *followers(session, question)]
    for one in told:
        one.status, one.entry_id, one.answered_at = models.ANSWERED, entry.id, now
        one.automatic = automatic
        if one.lang == entry.lang and not automatic:
            editing.learn(session, entry, gist(one.text), str(one.id))
    session.flush()
    return [one for one in told if one.email]


def reject(question: models.Question, now: datetime) -> None:
    """Put a question aside without an answer."""
    question.status, question.answered_at = models.REJECTED, now


def reopen(question: models.Question) -> None:
    """Let a question wait again that was put aside, merged, or answered by no person."""
    question.status, question.merged_into, question.entry_id = models.OPEN, None, None
    question.answered_at, question.automatic = None, False


def title(text: str) -> str:
    """Return what an entry about a message could be called: its gist, with its question mark."""
    found = gist(text)
    _, there, rest = text.partition(found)
    mark = rest.lstrip()[:1]
    return f"{found}{rest[: rest.index(mark) + 1]}" if there and mark == "?" else found


def gist(text: str) -> str:
    """Return what of a message is worth remembering: the first of its longer sentences."""
    said = [part for part in sentences(text) if len(part.split()) > 3] or [text]
    asked = [part for part in said if "?" in text[text.find(part) :][: len(part) + 3]]
    return texts.impersonal((asked or said)[0])[:_LEARNT]
