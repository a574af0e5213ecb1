"""The table of erasures: what each plugin did, and what is still to be done."""

from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .core import BigKey
from .core import CoreModel


class ErasureRow(CoreModel):
    """An erasure that was asked for; it names nobody once it is finished."""

    __tablename__ = "grc_core__erasure"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    #: when the last plugin had done its part
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=1)
    #: kinds and ids of whom it concerns, empty once finished
    subjects: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    #: numbers of the contact and of those merged into it, empty once finished
    contacts: Mapped[list[int]] = mapped_column(JSON, default=list)
    outcomes: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
