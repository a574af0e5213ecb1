"""The tables: a ledger that only grows, and what links it to people, which can be erased."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy import LargeBinary
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

import grc_core


class Model(grc_core.Model, plugin="privacy_consent"):
    """Base of this plugin's tables."""


class Entry(Model):
    """One choice in the ledger; texts only, so that each byte counts in the hash.

    No address, no user agent, no name: who chose is in `Holder`, if anywhere.
    """

    __not_personal__ = (
        "at",
        "consent_id",
        "action",
        "purposes",
        "about",
        "interface",
        "gpc",
        "locale",
        "text_hash",
        "version",
        "hash",
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str]
    consent_id: Mapped[str] = mapped_column(index=True)
    action: Mapped[str]
    purposes: Mapped[str]
    about: Mapped[str]
    interface: Mapped[str]
    gpc: Mapped[str]
    locale: Mapped[str]
    text_hash: Mapped[str]
    version: Mapped[str]
    hash: Mapped[str]


class Head(Model):
    """Where the ledger ends; its row is locked while an entry is added."""

    __not_personal__ = ("seq", "hash")

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str]


class Wording(Model):
    """A text that people were shown when they chose."""

    __not_personal__ = ("text_hash", "text")

    text_hash: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class Holder(Model):
    """Whose consent an id is, and what holds for them now; erasing it leaves the ledger whole."""

    subject: Mapped[str] = mapped_column(primary_key=True)
    consent_id: Mapped[str]
    purposes: Mapped[str]
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]
    channels: Mapped[str] = mapped_column(default="e-mail")


class Guardian(Model):
    """What a parent agreed to for a child, by the child's account; the parent is not named."""

    subject: Mapped[str] = mapped_column(primary_key=True)
    consent_id: Mapped[str]
    purposes: Mapped[str]
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]


class Statement(Model):
    """A version of the privacy statement, in each language."""

    __not_personal__ = ("number", "at", "digest", "texts")

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    digest: Mapped[str]
    texts: Mapped[dict[str, Any]] = mapped_column(JSON)


class Ask(Model):
    """Somebody asks for their data: to get, correct or erase it; `subject` goes with an erasure.

    `id` is a hash of what the link names, so that nobody makes the link of the row.
    """

    __not_personal__ = ("id", "kind", "state", "due_at", "finished_at", "erasures")

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    state: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    erasures: Mapped[list[str]] = mapped_column(JSON, default=list)


class Copy(Model):
    """A person's data in one archive, made by a job; `id` is a hash of what its address names."""

    __not_personal__ = ("id", "ask_id", "locale", "state", "done", "total", "until")

    id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(index=True)
    ask_id: Mapped[str]
    locale: Mapped[str]
    state: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    made_at: Mapped[datetime]
    until: Mapped[datetime]


class Piece(Model):
    """A part of an archive's bytes, which repeat what the other tables declare."""

    __not_personal__ = ("copy_id", "number", "data")

    copy_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(index=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
