"""The tables of people: contacts, who they are, what happened with them.

A merge only points from one contact to another: identities, addresses, tags, field values, orders
and entries stay with the contact that they came to, so that an undo restores both exactly. What
is searched carries the `root_id` of its group besides.
"""

from datetime import date
from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .core import BigKey
from .core import CoreModel

#: Text in the order of its code points on every database, so that a prefix is a range.
Folded = String().with_variant(String(collation="C"), "postgresql")
_CONTACT = "grc_core__contact.id"


class ContactRow(CoreModel):
    """A person or company; one that was merged points to the one that was kept."""

    __tablename__ = "grc_core__contact"
    __table_args__ = (Index("ix_grc_core__contact_kind", "kind", "root_id"),)
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    #: the contact that speaks for the whole group; its own id unless it was merged
    root_id: Mapped[int] = mapped_column(BigKey, index=True)
    merged_into: Mapped[int | None] = mapped_column(BigKey)
    kind: Mapped[str]
    name: Mapped[str | None]
    locale: Mapped[str | None]
    owner: Mapped[str | None] = mapped_column(index=True)
    #: the earliest sign of this person
    since: Mapped[datetime]
    unsubscribed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class IdentityRow(CoreModel):
    """What belongs to exactly one contact: a customer's id, a guest's address, a visitor's id."""

    __tablename__ = "grc_core__identity"
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(BigKey, ForeignKey(_CONTACT), index=True)
    at: Mapped[datetime]


class AddressRow(CoreModel):
    """An e-mail address of a contact; several contacts may share one."""

    __tablename__ = "grc_core__address"
    email: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey(_CONTACT), primary_key=True, index=True
    )
    verified: Mapped[bool] = mapped_column(default=False)
    #: the newest is the one to write to
    at: Mapped[datetime]


class BounceRow(CoreModel):
    """An address that refuses mail for good."""

    __tablename__ = "grc_core__bounce"
    email: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]


class WordRow(CoreModel):
    """A word by which a contact is found: of its name, or an address."""

    __tablename__ = "grc_core__word"
    __table_args__ = (Index("ix_grc_core__word_contact_id", "contact_id"),)
    word: Mapped[str] = mapped_column(Folded, primary_key=True)
    root_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    contact_id: Mapped[int] = mapped_column(BigKey, ForeignKey(_CONTACT), primary_key=True)


class TagRow(CoreModel):
    """A word that staff or a rule gave to a contact."""

    __tablename__ = "grc_core__tag"
    __table_args__ = (Index("ix_grc_core__tag_contact_id", "contact_id"),)
    tag: Mapped[str] = mapped_column(primary_key=True)
    root_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    contact_id: Mapped[int] = mapped_column(BigKey, ForeignKey(_CONTACT), primary_key=True)


class FieldRow(CoreModel):
    """A custom field; its values hang on the id, so that a new name keeps them."""

    __tablename__ = "grc_core__field"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    #: text, number, bool, date, choice or money
    type: Mapped[str]
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)


class FieldValueRow(CoreModel):
    """A contact's value of a custom field, as text that sorts within its type where it can."""

    __tablename__ = "grc_core__field_value"
    __table_args__ = (Index("ix_grc_core__field_value_search", "field_id", "search", "root_id"),)
    contact_id: Mapped[int] = mapped_column(BigKey, ForeignKey(_CONTACT), primary_key=True)
    field_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("grc_core__field.id"), primary_key=True
    )
    root_id: Mapped[int] = mapped_column(BigKey)
    value: Mapped[str]
    #: the value folded and cut to a length, to be searched
    search: Mapped[str]


class MergeRow(CoreModel):
    """That one contact was merged into another, and whether it was undone."""

    __tablename__ = "grc_core__merge"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kept_id: Mapped[int] = mapped_column(BigKey, index=True)
    merged_id: Mapped[int] = mapped_column(BigKey, index=True)
    reason: Mapped[str]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class ContactOrderRow(CoreModel):
    """What the statistics need of an order; the newest cursor wins."""

    __tablename__ = "grc_core__contact_order"
    order_id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(BigKey, ForeignKey(_CONTACT), index=True)
    cursor: Mapped[str]
    state: Mapped[str]
    placed_at: Mapped[datetime]
    currency: Mapped[str]
    total: Mapped[int] = mapped_column(BigInteger)
    refunded: Mapped[int] = mapped_column(BigInteger)
    #: how many refunds were undone: the larger number knows better what was refunded
    undone: Mapped[int] = mapped_column(default=0, server_default="0")
    #: None where no product's cost is known
    margin: Mapped[int | None] = mapped_column(BigInteger)
    #: what people call the order, where that is not its id
    number: Mapped[str | None] = mapped_column(index=True)


class ContactVisitRow(CoreModel):
    """A day on which a contact looked at the shop."""

    __tablename__ = "grc_core__contact_visit"
    __table_args__ = ({"sqlite_with_rowid": False},)
    contact_id: Mapped[int] = mapped_column(BigKey, ForeignKey(_CONTACT), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class ContactStatsRow(CoreModel):
    """What a group of merged contacts amounts to, under its root; each root has one."""

    __tablename__ = "grc_core__contact_stats"
    #: by it a stage is found without a look at the rows themselves
    __table_args__ = (
        Index("ix_grc_core__contact_stats_stage", "contact_id", "orders", "last_order_at"),
        # The migration makes it of the rows without orders alone. To say so here would import
        # all of PostgreSQL's dialect into every shop at its start.
        Index("ix_grc_core__contact_stats_none", "contact_id"),
    )
    contact_id: Mapped[int] = mapped_column(BigKey, ForeignKey(_CONTACT), primary_key=True)
    orders: Mapped[int] = mapped_column(default=0)
    revenue: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)
    margin: Mapped[int | None] = mapped_column(BigInteger)
    first_order_at: Mapped[datetime | None]
    last_order_at: Mapped[datetime | None] = mapped_column(index=True)
    visits: Mapped[int] = mapped_column(default=0)
    contacts: Mapped[int] = mapped_column(default=0)
    last_contact_at: Mapped[datetime | None]


class EntryRow(CoreModel):
    """Something that happened with a contact, through any channel."""

    __tablename__ = "grc_core__entry"
    __table_args__ = (
        Index("ix_grc_core__entry_at", "contact_id", "at", "id"),
        Index("ix_grc_core__entry_channel", "contact_id", "channel", "at", "id"),
        Index("ix_grc_core__entry_kind", "contact_id", "kind", "at", "id"),
    )
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    contact_id: Mapped[int] = mapped_column(BigKey, ForeignKey(_CONTACT))
    channel: Mapped[str]
    kind: Mapped[str]
    at: Mapped[datetime]
    summary: Mapped[str]
    data: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    operator: Mapped[str | None]
    #: the same key is written once; None for what has none
    key: Mapped[str | None] = mapped_column(unique=True)
    #: whether somebody was in contact, rather than something having happened
    counts: Mapped[bool] = mapped_column(default=True)


class SuppressionRow(CoreModel):
    """Why, and until when, a contact gets no promotion; without an end, until it is lifted."""

    __tablename__ = "grc_core__suppression"
    contact_id: Mapped[int] = mapped_column(BigKey, ForeignKey(_CONTACT), primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class ErasedRow(CoreModel):
    """A keyed hash of an identity that was erased and is not to come back."""

    __tablename__ = "grc_core__erased"
    digest: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
