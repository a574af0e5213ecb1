"""The table of messages: queued, sent, kept, refused, and why."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .core import BigKey
from .core import CoreModel


class MessageRow(CoreModel):
    """A message, once per key; the key outlives the text, which a purge empties."""

    __tablename__ = "grc_core__message"
    __table_args__ = (
        Index("ix_grc_core__message_state", "state", "finished_at"),
        Index("ix_grc_core__message_contact_id", "contact_id"),
    )
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    #: `<plugin>:<key>`
    key: Mapped[str] = mapped_column(unique=True)
    template: Mapped[str]
    #: transactional or commercial
    kind: Mapped[str]
    contact_id: Mapped[str | None]
    address: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    locale: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    html: Mapped[str | None]
    unsubscribe_url: Mapped[str | None]
    automatic: Mapped[bool] = mapped_column(default=True)
    #: queued, sending, sent, kept, refused, bounced, failed
    state: Mapped[str]
    #: why it was not sent (yet)
    reason: Mapped[str | None]
    #: what staff should know of a message that was sent all the same
    note: Mapped[str | None]
    #: how often it was put into the outbox: once, and once more per retry by hand
    rounds: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    #: while it is being handed over, nobody else may
    sending_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
