"""The core's own tables."""

from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .core import BigKey
from .core import CoreModel


class EventRow(CoreModel):
    """An event, once per type and key; the key outlives every purge, the payload does not."""

    __tablename__ = "grc_core__event"
    __table_args__ = (UniqueConstraint("type", "key"),)
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    type: Mapped[str]
    key: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    subject_kind: Mapped[str | None]
    subject_id: Mapped[str | None]
    gpc: Mapped[bool] = mapped_column(default=False)
    #: purposes agreed to when the event was accepted, as the bits of `Purpose`
    consents: Mapped[int] = mapped_column(default=1)
    historical: Mapped[bool] = mapped_column(default=False)
    occurred_at: Mapped[datetime]
    accepted_at: Mapped[datetime] = mapped_column(index=True)
    payload: Mapped[str | None]


class DeliveryRow(CoreModel):
    """What one subscriber still has to see, or has seen, of an event."""

    __tablename__ = "grc_core__delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "subscriber"),
        Index("ix_grc_core__delivery_due", "state", "run_at"),
        Index("ix_grc_core__delivery_order", "subscriber", "subject", "state"),
    )
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigKey, ForeignKey("grc_core__event.id"))
    subscriber: Mapped[str]
    #: events of one subject reach one subscriber in order; None is unordered
    subject: Mapped[str | None]
    #: pending, claimed, done, dead, dropped
    state: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime]
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]


class OrderRow(CoreModel):
    """The last known state of an order, to see what a later change changed."""

    __tablename__ = "grc_core__order"
    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)
    #: how often `refunded` has become less
    undone: Mapped[int] = mapped_column(default=0, server_default="0")
    tracking: Mapped[str] = mapped_column(default="")
    open: Mapped[bool] = mapped_column(default=True, index=True)
    placed_at: Mapped[datetime]
    checked_at: Mapped[datetime]


class UnreadableRow(CoreModel):
    """Something of the shop that could not be read; it is tried again every hour."""

    __tablename__ = "grc_core__unreadable"
    source: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    error: Mapped[str]
    since: Mapped[datetime]
    checked_at: Mapped[datetime]


class CursorRow(CoreModel):
    """Where the pull of a source stood at a time; the newest and those of the overlap stay."""

    __tablename__ = "grc_core__cursor"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source: Mapped[str] = mapped_column(index=True)
    cursor: Mapped[str | None]
    at: Mapped[datetime]


class CartRow(CoreModel):
    """The last cart that GRC saw, under a hash of its key."""

    __tablename__ = "grc_core__cart"
    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    cart: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class PluginRow(CoreModel):
    """A plugin as `flask grc db upgrade` last saw it; `since` is its baseline."""

    __tablename__ = "grc_core__plugin"
    name: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    version: Mapped[str]
    #: hash of the names of the revisions that are applied
    revisions: Mapped[str] = mapped_column(default="")
    error: Mapped[str | None]


class BackfillRow(CoreModel):
    """How far a plugin has been given the past."""

    __tablename__ = "grc_core__backfill"
    plugin: Mapped[str] = mapped_column(primary_key=True)
    hook: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[str | None]
    finished_at: Mapped[datetime | None]


class BackfilledRow(CoreModel):
    """A past event that a plugin has been given."""

    __tablename__ = "grc_core__backfilled"
    __table_args__ = ({"sqlite_with_rowid": False},)
    plugin: Mapped[str] = mapped_column(primary_key=True)
    hook: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)


class SettingRow(CoreModel):
    """A plugin's stored settings, and the merchant's placing of widgets under `core`."""

    __tablename__ = "grc_core__setting"
    plugin: Mapped[str] = mapped_column(primary_key=True)
    values: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    changed_at: Mapped[datetime]


class VersionRow(CoreModel):
    """Counters that tell every process that something it holds in memory has changed."""

    __tablename__ = "grc_core__counter"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


class LeaseRow(CoreModel):
    """Who does, for a while, what only one process at a time should do."""

    __tablename__ = "grc_core__lease"
    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    until: Mapped[datetime]


class ScheduleRow(CoreModel):
    """When repeated work ran last and runs next."""

    __tablename__ = "grc_core__schedule"
    plugin: Mapped[str] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[datetime | None]
    next_at: Mapped[datetime]
    error: Mapped[str | None]
