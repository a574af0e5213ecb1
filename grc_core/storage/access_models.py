"""Tables of who may reach in from outside, and of what is told to the outside."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .core import BigKey
from .core import CoreModel


class ApiKeyRow(CoreModel):
    """A key to the API; of its secret there is a hash only."""

    __tablename__ = "grc_core__api_key"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[str]
    #: words with a space between them
    scopes: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class AnsweredRow(CoreModel):
    """The answer to a write that named an `Idempotency-Key`, given again to a repetition."""

    __tablename__ = "grc_core__answered"
    api_key: Mapped[str] = mapped_column(primary_key=True)
    #: hash of what the caller chose
    key: Mapped[str] = mapped_column(primary_key=True)
    #: hash of method, address and body
    request: Mapped[str]
    status: Mapped[int] = mapped_column(default=0)
    body: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(index=True)


class WebhookRow(CoreModel):
    """An address that is told of events; its keys derive from the app's secret key."""

    __tablename__ = "grc_core__webhook"
    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    #: words with a space between them
    events: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    #: number of the present key
    key_number: Mapped[int] = mapped_column(default=1)
    #: until when the key before signs too
    both_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    #: after a failure nothing is sent before this time
    wait_until: Mapped[datetime | None]


class WebhookAttemptRow(CoreModel):
    """What an address answered; the latest of each stay."""

    __tablename__ = "grc_core__webhook_attempt"
    __table_args__ = (Index("ix_grc_core__webhook_attempt_latest", "webhook", "id"),)
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    webhook: Mapped[str] = mapped_column(ForeignKey("grc_core__webhook.id"))
    #: id of the message, the same at each attempt
    message: Mapped[str]
    type: Mapped[str]
    at: Mapped[datetime]
    milliseconds: Mapped[int]
    status: Mapped[int | None]
    #: the start of the answer's body
    answer: Mapped[str] = mapped_column(default="")
    error: Mapped[str | None]
