"""Customers and staff: one table of accounts."""

from datetime import date
from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship
from werkzeug.security import check_password_hash
from werkzeug.security import generate_password_hash

from ..clock import now
from .base import Base
from .base import UTCDateTime
from .base import WordSet
from .orders import Order

#: What a customer may agree to, beyond what an order needs.
PURPOSES = ("preferences", "personalisation", "analytics", "marketing")


class User(UserMixin, Base):
    """An account; ``is_staff`` opens the staff area."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    email_verified: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str] = mapped_column(String(255))
    first_name: Mapped[str] = mapped_column(String(80))
    last_name: Mapped[str] = mapped_column(String(80))
    locale: Mapped[str] = mapped_column(String(5), default="en")
    birthday: Mapped[date | None]
    is_staff: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now, index=True)
    #: The purposes agreed to; empty is a refusal of all, None was never asked.
    consents: Mapped[frozenset[str] | None] = mapped_column(WordSet)
    consents_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    orders: Mapped[list[Order]] = relationship(back_populates="user", lazy="raise")

    @property
    def name(self) -> str:
        """Return the full name."""
        return f"{self.first_name} {self.last_name}"

    def set_password(self, password: str) -> None:
        """Keep a salted hash of the password."""
        self.password_hash = generate_password_hash(password)

    def check_password(self, password: str) -> bool:
        """Compare a password with the hash."""
        return check_password_hash(self.password_hash, password)

    def choose(self, purposes: frozenset[str]) -> None:
        """Record the purposes agreed to, and when."""
        unknown = purposes.difference(PURPOSES)
        if unknown:
            raise ValueError(f"unknown purposes {sorted(unknown)}; known are {PURPOSES}")
        self.consents = purposes
        self.consents_at = now()
