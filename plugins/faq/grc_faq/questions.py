"""The loop: a question is asked, answered once, its askers told, and its words learnt."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from . import editing
from . import models
from . import texts
from .search.words import sentences

#: A question in many words is learnt by its first sentences that say something.
_LEARNT = 200


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
        asked_at=now, due_at=due_at,
    )  # fmt: skip
    session.add(question)
    session.flush()
    return question


def queue(session: Any, limit: int = 100) -> list[tuple[models.Question, int]]:
    """Return the open questions with how many people ask each, the most asked and oldest first."""
    merged = select(models.Question).where(models.Question.status == models.MERGED)
    counts: dict[int | None, int] = {}
    for question in session.scalars(merged):
        counts[question.merged_into] = counts.get(question.merged_into, 0) + 1
    waiting = session.scalars(
        select(models.Question).where(models.Question.status == models.OPEN)
    ).all()
    found = [(question, 1 + counts.get(question.id, 0)) for question in waiting]
    return sorted(found, key=lambda item: (-item[1], item[0].asked_at))[:limit]


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
    session: Any, question: models.Question, entry: models.Entry, now: datetime
) -> list[models.Question]:
    """Answer a question with an entry, learn its words, and return whom to tell.

    Answering twice tells nobody twice: only what was open is returned.
    """
    if question.status != models.OPEN:
        return []
    told = [question, *followers(session, question)]
    for one in told:
        one.status, one.entry_id, one.answered_at = models.ANSWERED, entry.id, now
        if one.lang == entry.lang:
            editing.learn(session, entry, gist(one.text), str(one.id))
    session.flush()
    return [one for one in told if one.email]


def reject(question: models.Question, now: datetime) -> None:
    """Put a question aside without an answer."""
    question.status, question.answered_at = models.REJECTED, now


def gist(text: str) -> str:
    """Return what of a message is worth remembering: the first of its longer sentences."""
    said = [part for part in sentences(text) if len(part.split()) > 3] or [text]
    asked = [part for part in said if "?" in text[text.find(part) :][: len(part) + 3]]
    return texts.impersonal((asked or said)[0])[:_LEARNT]
