"""Friends who bring friends: a code to pass on, and points when the friend has bought.

The code is a coupon of the setting's promotion, for a first order only. Whoever passed it on gets
points with that order, which wait, open and are taken back as the order's own points are. Nobody
is rewarded for themselves.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

import grc_core as grc

from . import codes
from .models import Code
from .models import Hold
from .models import Lot
from .models import Purchase
from .once import insert_once

#: Random symbols after the word that a friend's code begins with.
_SYMBOLS = 7
_WORD = "AMI"
#: Rewards are counted over so long.
_PERIOD = timedelta(days=365)
#: Mail hosts at which dots in a name mean nothing.
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})


def code_of(session: Session, customer_id: str) -> Code | None:
    """Return the code that a customer passes on."""
    return session.scalar(select(Code).where(Code.referrer_id == customer_id))


def brought(session: Session, customer_id: str) -> tuple[int, int]:
    """Return how many friends a customer brought, and how many points for them."""
    found = session.execute(
        select(func.count(), func.sum(Lot.earned - Lot.clawed)).where(
            Lot.customer_id == customer_id,
            Lot.source.startswith("refer:"),
            Lot.clawed < Lot.earned,
        )
    ).one()
    return int(found[0]), int(found[1] or 0)


def make_code(
    session: Session, customer_id: str, promotion: str, key: str | bytes, now: datetime
) -> None:
    """Give a customer a code to pass on, one for good."""
    text = _WORD + "".join(secrets.choice(codes.ALPHABET) for _ in range(_SYMBOLS))
    insert_once(
        session,
        Code,
        promotion=promotion,
        digest=codes.digest(codes.normal(text) or text, key),
        prefix=text[:4],
        public=text,
        referrer_id=customer_id,
        limit=None,
        used=0,
        batch="friends",
        made_at=now,
    )


def passed_on(session: Session, used: Sequence[Hold]) -> Code | None:
    """Return the friend's code among the coupons of an order."""
    ids = [held.code_id for held in used if held.code_id is not None]
    if not ids:
        return None
    mine = Code.id.in_(ids), Code.referrer_id.is_not(None)
    return session.scalar(select(Code).where(*mine).limit(1))


def why_not(
    session: Session,
    referrer: grc.Customer | None,
    friend: grc.Customer | None,
    order: grc.Order,
    now: datetime,
    most: int,
) -> str | None:
    """Return why an order earns its referrer nothing, or None where it does."""
    if referrer is None or friend is None:
        return "unknown"
    if referrer.id == friend.id or _is_one_person(referrer, friend, order):
        return "self"
    earlier = select(func.count()).select_from(Purchase)
    if session.scalar(
        earlier.where(Purchase.customer_id == friend.id, Purchase.order_id != order.id)
    ):
        return "not_first"
    if not session.scalar(earlier.where(Purchase.customer_id == referrer.id, Purchase.is_paid)):
        return "never_bought"
    rewarded = select(func.count()).where(
        Lot.customer_id == referrer.id,
        Lot.source.startswith("refer:"),
        Lot.opens_at > now - _PERIOD,
    )
    return "too_many" if (session.scalar(rewarded) or 0) >= most else None


def _is_one_person(one: grc.Customer, other: grc.Customer, order: grc.Order) -> bool:
    mine = mailbox(one.email)
    return mine is not None and mine in (mailbox(other.email), mailbox(order.email))


def mailbox(address: str | None) -> str | None:
    """Return the mailbox that an address ends in: without its tag, and dots where they are air."""
    name, at, host = (address or "").strip().lower().rpartition("@")
    if not at or not name:
        return None
    name = name.partition("+")[0]
    if host in _DOTLESS:
        name, host = name.replace(".", ""), "gmail.com"
    return f"{name}@{host}"
