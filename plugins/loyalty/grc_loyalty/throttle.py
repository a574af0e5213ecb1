"""Count wrong codes in the database, so that nobody guesses faster by asking several processes."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from datetime import timedelta
from ipaddress import IPv6Address
from ipaddress import IPv6Network
from ipaddress import ip_address

from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Attempt
from .once import insert_for

WINDOW = timedelta(minutes=15)
#: So many wrong codes in a window; an office of people shares an address.
MOST = {"address": 30, "cart": 8, "customer": 12}


def bucket(kind: str, value: str, key: str | bytes) -> str:
    """Return the keyed hash under which attempts are counted; an IPv6 address by its network."""
    value = _network(value) if kind == "address" else value
    secret = key if isinstance(key, bytes) else key.encode()
    return (
        kind + ":" + hmac.new(secret, f"{kind} {value}".encode(), hashlib.sha256).hexdigest()[:40]
    )


def _network(address: str) -> str:
    """Return the network that one household or office has: 2^64 addresses, which are one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))


def is_blocked(session: Session, buckets: Iterable[str], now: datetime) -> bool:
    """Tell whether one of them has guessed too often."""
    query = select(Attempt).where(Attempt.bucket.in_(list(buckets)), Attempt.until > now)
    found = session.scalars(query)
    return any(item.count >= MOST[item.bucket.partition(":")[0]] for item in found)


def count(session: Session, buckets: Iterable[str], now: datetime) -> None:
    """Count a wrong code against each."""
    for name in sorted(buckets):
        first = insert_for(session, Attempt).values(bucket=name, count=1, until=now + WINDOW)
        is_over = Attempt.until <= now
        session.execute(
            first.on_conflict_do_update(
                index_elements=[Attempt.bucket],
                set_={
                    "count": case((is_over, 1), else_=Attempt.count + 1),
                    "until": case((is_over, now + WINDOW), else_=Attempt.until),
                },
            )
        )


def forget(session: Session, now: datetime) -> None:
    """Forget windows that are over."""
    session.execute(delete(Attempt).where(Attempt.until <= now))
