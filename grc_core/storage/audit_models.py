"""The table of what staff changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy import Index
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .core import BigKey
from .core import CoreModel


class AuditRow(CoreModel):
    """A change that somebody of the staff made in the console."""

    __tablename__ = "grc_core__audit"
    __table_args__ = (
        Index("ix_grc_core__audit_at", "at"),
        Index("ix_grc_core__audit_about", "about_kind", "about_id"),
        Index("ix_grc_core__audit_staff_id", "staff_id"),
    )
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    #: the shop's id and name of who did it; empty once that person was erased
    staff_id: Mapped[str | None]
    staff_name: Mapped[str | None]
    #: `core` or the plugin whose page it was
    plugin: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    #: whom it is about, such as `contact` 17, so that their erasure finds it
    about_kind: Mapped[str | None]
    about_id: Mapped[str | None]
    before: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    after: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
