"""Where a contact stands, from its orders: derived at each look, so that time alone moves it."""

from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import and_
from sqlalchemy import exists
from sqlalchemy import literal_column
from sqlalchemy import or_
from sqlalchemy.orm import aliased

from ..errors import InvalidContact
from ..errors import nearest
from ..storage.contact_models import AddressRow
from ..storage.contact_models import ContactRow
from ..storage.contact_models import ContactStatsRow
from ..storage.contact_models import IdentityRow

STAGES = ("visitor", "prospect", "customer", "loyal", "lapsing", "lost")
#: So many orders make a loyal customer; silence for so long a lapsing, then a lost one.
LOYAL_ORDERS = 3
LAPSING_AFTER, LOST_AFTER = timedelta(days=270), timedelta(days=540)


def stage_of(orders: int, last_order_at: datetime | None, known: bool, now: datetime) -> str:
    """Return the stage; `known` tells whether there is more than a visitor's id."""
    if orders == 0 or last_order_at is None:
        return "prospect" if known else "visitor"
    silent = now - last_order_at
    if silent >= LOST_AFTER:
        return "lost"
    if silent >= LAPSING_AFTER:
        return "lapsing"
    return "loyal" if orders >= LOYAL_ORDERS else "customer"


#: Stages of those who have ordered, which their statistics alone decide.
ORDERED = ("customer", "loyal", "lapsing", "lost")


def in_stage(stage: str, now: datetime) -> ColumnElement[bool]:
    """Return the condition on a contact's statistics that it is in a stage; see `ORDERED`.

    Who has not ordered is a visitor or a prospect, which `known_as_person` tells apart.
    """
    if stage not in STAGES:
        raise InvalidContact(f"unknown stage {stage!r}{nearest(stage, STAGES)}")
    orders, last = ContactStatsRow.orders, ContactStatsRow.last_order_at
    lapsing, lost = now - LAPSING_AFTER, now - LOST_AFTER
    conditions: dict[str, ColumnElement[bool]] = {
        # written out, for the index of those who have none
        "visitor": orders == literal_column("0"),
        "prospect": orders == literal_column("0"),
        "customer": and_(orders > 0, orders < LOYAL_ORDERS, last > lapsing),
        "loyal": and_(orders >= LOYAL_ORDERS, last > lapsing),
        "lapsing": and_(orders > 0, last <= lapsing, last > lost),
        "lost": and_(orders > 0, last <= lost),
    }
    return conditions[stage]


def known_as_person(roots: Any) -> ColumnElement[bool]:
    """Match contacts of which more is known than a visitor's id, through any of their group."""
    named, addressed, identified = (aliased(ContactRow) for _ in range(3))
    return or_(
        exists().where(named.root_id == roots, named.name.is_not(None)),
        exists().where(addressed.root_id == roots, AddressRow.contact_id == addressed.id),
        exists().where(
            identified.root_id == roots,
            IdentityRow.contact_id == identified.id,
            IdentityRow.kind != "visitor",
        ),
    )
