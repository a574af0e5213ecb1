"""What people ask of the shop: quotes for made-to-measure goods, and messages."""

from datetime import date
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from ..clock import now
from .base import Base
from .base import UTCDateTime
from .catalogue import Product


class QuoteRequest(Base):
    """A wish for a product in other measures, with the staff's answer."""

    __tablename__ = "quote_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Unguessable: it opens a guest's page.
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(5))
    #: Millimetres; a flat thing has no depth.
    width: Mapped[int]
    height: Mapped[int]
    depth: Mapped[int | None]
    quantity: Mapped[int]
    message: Mapped[str] = mapped_column(Text, default="")
    #: ``open``, ``answered`` or ``declined``.
    state: Mapped[str] = mapped_column(String(20), default="open", index=True)
    #: For all pieces, in cents before tax.
    price: Mapped[int | None]
    valid_until: Mapped[date | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    product: Mapped[Product] = relationship(lazy="selectin")

    @property
    def number(self) -> str:
        """Return the number that people say on the phone."""
        return f"Q{10_000 + self.id}"

    @property
    def measures(self) -> tuple[int, ...]:
        """Return width, height and, if there is one, depth, in millimetres."""
        return (self.width, self.height, *([self.depth] if self.depth else []))

    @property
    def expired(self) -> bool:
        """Tell whether the price is no longer valid."""
        return self.valid_until is not None and self.valid_until < now().date()


class ContactMessage(Base):
    """A message from the contact page."""

    __tablename__ = "contact_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    #: One of ``shop.texts.SUBJECTS``.
    subject: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(160))
    email: Mapped[str] = mapped_column(String(254))
    order_number: Mapped[str] = mapped_column(String(20), default="")
    message: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(5))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)
    handled_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
