"""What was tried lately: the memory of the rate limits."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from ..clock import now
from .base import Base
from .base import UTCDateTime


class Attempt(Base):
    """One try at something limited; ``who`` is a keyed hash, never an address."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_kind_who_at", "kind", "who", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: One of ``shop.throttle.LIMITS``.
    kind: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
