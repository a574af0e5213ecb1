"""Which parcels need somebody of the shop."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy import and_
from sqlalchemy import or_

from .models import Parcel
from .states import FINAL
from .states import NOT_YET
from .states import TROUBLE


def in_trouble(now: datetime) -> ColumnElement[bool]:
    """Return the condition for exceptions: by their state, or unknown to the carrier for long.

    In the first two days a carrier that knows nothing of a number is usual.
    """
    unknown = and_(
        Parcel.unknown_at.is_not(None),
        Parcel.created_at < now - NOT_YET,
        Parcel.state.not_in(FINAL),
    )
    return or_(Parcel.state.in_(TROUBLE), unknown)
