"""The plugin's tables: what is known, what was asked, and how it went."""

from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy import ForeignKey
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column as column

import grc_core as grc

DRAFT, REVIEW, PUBLISHED, RETIRED = "draft", "review", "published", "retired"
STATUSES = (DRAFT, REVIEW, PUBLISHED, RETIRED)
OPEN, ANSWERED, REJECTED, MERGED = "open", "answered", "rejected", "merged"


class Model(grc.Model, plugin="faq"):
    """Base of the plugin's tables."""


class Revision(Model):
    """One row, counted up with each change of what is published."""

    __not_personal__ = ("value",)
    id: Mapped[int] = column(primary_key=True)
    value: Mapped[int] = column(default=0)


class Category(Model):
    """A heading, named in each language."""

    __not_personal__ = ("slug", "lang", "name", "position")
    __table_args__ = (UniqueConstraint("slug", "lang"),)
    id: Mapped[int] = column(primary_key=True)
    slug: Mapped[str]
    lang: Mapped[str]
    name: Mapped[str]
    position: Mapped[int] = column(default=0)


class Entry(Model):
    """A question with its answer in one language; translations share the `topic`."""

    __not_personal__ = (
        "topic",
        "lang",
        "slug",
        "category",
        "question",
        "answer",
        "status",
        "version",
        "products",
        "changed_at",
        "helpful",
        "unhelpful",
    )
    __table_args__ = (UniqueConstraint("lang", "slug"), UniqueConstraint("lang", "topic"))
    id: Mapped[int] = column(primary_key=True)
    topic: Mapped[str]
    lang: Mapped[str]
    slug: Mapped[str]
    category: Mapped[str]
    question: Mapped[str]
    #: Markdown
    answer: Mapped[str] = column(Text)
    status: Mapped[str] = column(default=DRAFT, index=True)
    version: Mapped[int] = column(default=1)
    #: the products that it is about, none for all
    products: Mapped[list[str]] = column(JSON, default=list)
    changed_at: Mapped[datetime]
    helpful: Mapped[int] = column(default=0)
    unhelpful: Mapped[int] = column(default=0)


class Phrasing(Model):
    """Another way in which people ask for an entry, in their own words."""

    __not_personal__ = ("entry_id", "text", "source")
    __table_args__ = (UniqueConstraint("entry_id", "text"),)
    id: Mapped[int] = column(primary_key=True)
    entry_id: Mapped[int] = column(ForeignKey(Entry.id, ondelete="CASCADE"), index=True)
    text: Mapped[str]
    #: staff, import, or the number of the question that it was learnt from
    source: Mapped[str]


class Edition(Model):
    """An entry as it was."""

    __not_personal__ = (
        "entry_id",
        "number",
        "category",
        "question",
        "answer",
        "products",
        "status",
        "changed_at",
    )
    id: Mapped[int] = column(primary_key=True)
    entry_id: Mapped[int] = column(ForeignKey(Entry.id, ondelete="CASCADE"), index=True)
    number: Mapped[int]
    #: None of versions from before there was more than one product to name
    category: Mapped[str | None]
    question: Mapped[str]
    answer: Mapped[str] = column(Text)
    products: Mapped[list[str] | None] = column(JSON)
    status: Mapped[str]
    changed_at: Mapped[datetime]


class Question(Model):
    """What somebody asked; it stays until it is answered, merged or rejected."""

    __not_personal__ = (
        "channel",
        "lang",
        "product_id",
        "status",
        "merged_into",
        "entry_id",
        "secret",
        "due_at",
        "answered_at",
        "automatic",
    )
    id: Mapped[int] = column(primary_key=True)
    #: web or e-mail
    channel: Mapped[str]
    lang: Mapped[str]
    text: Mapped[str] = column(Text)
    email: Mapped[str | None] = column(index=True)
    name: Mapped[str | None]
    product_id: Mapped[str | None]
    status: Mapped[str] = column(default=OPEN, index=True)
    merged_into: Mapped[int | None]
    entry_id: Mapped[int | None]
    #: what nobody can guess, for the addresses of messages about it
    secret: Mapped[str]
    asked_at: Mapped[datetime] = column(index=True)
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    #: whether no person has seen the answer before it went out
    automatic: Mapped[bool] = column(default=False)


class Vote(Model):
    """Whether an answer helped somebody; nobody knows whom."""

    __not_personal__ = ("entry_id", "helpful", "comment", "query", "voted_at")
    id: Mapped[int] = column(primary_key=True)
    entry_id: Mapped[int] = column(ForeignKey(Entry.id, ondelete="CASCADE"), index=True)
    helpful: Mapped[bool]
    comment: Mapped[str | None]
    query: Mapped[str | None]
    voted_at: Mapped[datetime]


class Miss(Model):
    """A search without a good answer, counted; it holds nothing that looks like a person."""

    __not_personal__ = ("lang", "text", "count", "last_at")
    __table_args__ = (UniqueConstraint("lang", "text"),)
    id: Mapped[int] = column(primary_key=True)
    lang: Mapped[str]
    text: Mapped[str]
    count: Mapped[int] = column(default=1)
    last_at: Mapped[datetime]


class Day(Model):
    """What was counted on one day."""

    __not_personal__ = ("day", "searches", "misses", "empty", "asked")
    day: Mapped[str] = column(primary_key=True)
    searches: Mapped[int] = column(default=0)
    misses: Mapped[int] = column(default=0)
    #: searches that showed nothing at all
    empty: Mapped[int] = column(default=0)
    asked: Mapped[int] = column(default=0)


class Message(Model):
    """A mail that came in, as it came; with the reason where nothing was made of it."""

    __not_personal__ = ("digest", "question_id", "note", "acknowledged")
    id: Mapped[int] = column(primary_key=True)
    #: the digest of the mail's own id and sender: a second delivery is told by it
    digest: Mapped[str] = column(unique=True)
    question_id: Mapped[int | None] = column(index=True)
    sender: Mapped[str] = column(index=True)
    subject: Mapped[str]
    raw: Mapped[bytes]
    note: Mapped[str | None]
    acknowledged: Mapped[bool] = column(default=False)
    received_at: Mapped[datetime] = column(index=True)


class Thread(Model):
    """The id of a message that we sent about a question: replies name it."""

    __not_personal__ = ("token", "question_id")
    token: Mapped[str] = column(primary_key=True)
    question_id: Mapped[int] = column(index=True)


class Term(Model):
    """A word of the shop: others that mean the same, and what it means in the glossary."""

    __not_personal__ = ("lang", "words", "meaning")
    id: Mapped[int] = column(primary_key=True)
    lang: Mapped[str] = column(index=True)
    #: between commas, that of the glossary first
    words: Mapped[str]
    meaning: Mapped[str] = column(Text, default="")


class Case(Model):
    """A search of which it is known whether its best answer was right; nobody's words."""

    __not_personal__ = ("key", "lang", "source", "semantic", "score", "margin", "right", "at")
    id: Mapped[int] = column(primary_key=True)
    #: a digest of what was asked and found: asked again, it is the same case
    key: Mapped[str] = column(unique=True)
    lang: Mapped[str]
    #: staff or vote
    source: Mapped[str]
    #: whether meaning counted
    semantic: Mapped[bool]
    #: of the best entry, and how far the second lay behind, both as logits
    score: Mapped[float]
    margin: Mapped[float]
    right: Mapped[bool]
    at: Mapped[datetime] = column(index=True)


class Meaning(Model):
    """The vector of a text, so that no process has to work it out again."""

    __not_personal__ = ("digest", "vector")
    #: of the encoder's name and the text
    digest: Mapped[str] = column(primary_key=True)
    vector: Mapped[bytes]
