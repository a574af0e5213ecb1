"""The tables: what was sent for an order, in which parcels, and what happened to them."""

from datetime import date
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy import UniqueConstraint
from sqlalchemy import func
from sqlalchemy import orm
from sqlalchemy import select

import grc_core as grc

#: What hangs on a shipment is exported, erased and forgotten with it.
_WITH_THE_SHIPMENT = (
    "parcel_id", "order_id", "number", "courier", "url", "service", "source", "state", "reason",
    "changed_at", "created_at", "delivered_at", "promised_on", "late_at", "ask_at",
    "answered_at", "unknown_at", "withdrawn", "product_id", "quantity", "code", "at", "offset",
    "zone_known", "place", "text", "language",
)  # fmt: skip


class Model(grc.Model, plugin="shipment_tracking"):
    """Base of this plugin's tables, which are named `grc_shipment_tracking__…`."""


class Shipment(Model):
    """What is sent for an order; `subject` is whose order it is, such as `customer:42`."""

    __not_personal__ = ("expected", "rest_on")

    order_id: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    #: what people call the order, where that is not its id
    number: orm.Mapped[str | None]
    subject: orm.Mapped[str | None] = orm.mapped_column(index=True)
    country: orm.Mapped[str | None]
    #: the province or state, where that helps to know how long parcels take
    region: orm.Mapped[str | None]
    created_at: orm.Mapped[datetime] = orm.mapped_column(index=True)
    #: how many parcels there will be, where somebody said so, and when the rest leaves
    expected: orm.Mapped[int | None]
    rest_on: orm.Mapped[date | None]
    parcels: orm.Mapped[list["Parcel"]] = orm.relationship(
        back_populates="shipment",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="Parcel.id",
    )

    @property
    def label(self) -> str:
        """Return how the order is called before people."""
        return self.number or self.order_id

    @classmethod
    def of(cls, order: grc.Order, now: datetime) -> "Shipment":
        """Return a new shipment for an order."""
        subject = grc.Subject.of_order(order)
        return cls(
            order_id=order.id,
            number=order.number,
            subject=str(subject) if subject else None,
            country=order.address.country if order.address else None,
            region=order.address.region if order.address else None,
            created_at=now,
        )


class Parcel(Model):
    """One parcel; `state` is what its events come to."""

    __not_personal__ = _WITH_THE_SHIPMENT

    __table_args__ = (UniqueConstraint("order_id", "number"),)

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    order_id: orm.Mapped[str] = orm.mapped_column(
        ForeignKey("grc_shipment_tracking__shipment.order_id", ondelete="CASCADE"), index=True
    )
    number: orm.Mapped[str] = orm.mapped_column(index=True)
    #: a courier code of the table, or the shop's own word for its carrier
    courier: orm.Mapped[str | None]
    #: the page that the shop itself named
    url: orm.Mapped[str | None]
    #: what the carrier calls the service that was paid for
    service: orm.Mapped[str | None]
    #: `shop`, `staff`, `import` or `api`
    source: orm.Mapped[str]
    state: orm.Mapped[str]
    reason: orm.Mapped[str | None]
    changed_at: orm.Mapped[datetime]
    created_at: orm.Mapped[datetime]
    delivered_at: orm.Mapped[datetime | None]
    #: the carrier's own date of delivery
    promised_on: orm.Mapped[date | None]
    late_at: orm.Mapped[datetime | None]
    #: when the carrier is asked next; empty when it is not asked any more
    ask_at: orm.Mapped[datetime | None] = orm.mapped_column(index=True)
    answered_at: orm.Mapped[datetime | None]
    #: since when the carrier says that it does not know the number; empty once it does
    unknown_at: orm.Mapped[datetime | None]
    #: taken back by the shop, such as a corrected number
    withdrawn: orm.Mapped[bool] = orm.mapped_column(default=False)
    #: how the order is called before people; read where it is asked for
    order_label: orm.Mapped[str] = orm.column_property(
        select(func.coalesce(Shipment.number, Shipment.order_id))
        .where(Shipment.order_id == order_id)
        .correlate_except(Shipment)
        .scalar_subquery(),
        deferred=True,
    )
    shipment: orm.Mapped[Shipment] = orm.relationship(back_populates="parcels")
    lines: orm.Mapped[list["Line"]] = orm.relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    events: orm.Mapped[list["Happening"]] = orm.relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )


class Line(Model):
    """So many pieces of a product that are in a parcel."""

    __not_personal__ = _WITH_THE_SHIPMENT

    parcel_id: orm.Mapped[int] = orm.mapped_column(
        ForeignKey("grc_shipment_tracking__parcel.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    quantity: orm.Mapped[int]


class Happening(Model):
    """Something that happened to a parcel, once however often it is told."""

    __not_personal__ = _WITH_THE_SHIPMENT

    __table_args__ = (UniqueConstraint("parcel_id", "code", "at", "place"),)

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    parcel_id: orm.Mapped[int] = orm.mapped_column(
        ForeignKey("grc_shipment_tracking__parcel.id", ondelete="CASCADE"), index=True
    )
    code: orm.Mapped[str]
    at: orm.Mapped[datetime]
    #: minutes east of UTC where it happened; `zone_known` is False where this is a guess
    offset: orm.Mapped[int]
    zone_known: orm.Mapped[bool]
    place: orm.Mapped[str]
    #: empty for what changes nothing, such as a signature that was filed
    state: orm.Mapped[str]
    reason: orm.Mapped[str | None]
    #: the carrier's own words, and their language
    text: orm.Mapped[str]
    language: orm.Mapped[str]


class Courier(Model):
    """How asking a carrier goes: when it may be asked again, and how often it failed."""

    __not_personal__ = ("code", "rest_until", "failures", "asked_on", "asked", "error")

    code: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    rest_until: orm.Mapped[datetime | None]
    failures: orm.Mapped[int] = orm.mapped_column(default=0)
    asked_on: orm.Mapped[date | None]
    asked: orm.Mapped[int] = orm.mapped_column(default=0)
    error: orm.Mapped[str | None]
