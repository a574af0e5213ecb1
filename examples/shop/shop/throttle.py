"""Rate limits that every process of the shop shares, without keeping anybody's address."""

import hmac
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from flask import request
from sqlalchemy import and_
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from .clock import now
from .extensions import db
from .models import Attempt


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts within a time."""

    attempts: int
    within: timedelta


_QUARTER = timedelta(minutes=15)
LIMITS: Mapping[str, Limit] = {
    # Wrong passwords: of one address from one place, from one place, of one address.
    "login": Limit(8, _QUARTER),
    "login-place": Limit(40, _QUARTER),
    "login-account": Limit(100, _QUARTER),
    "contact": Limit(5, timedelta(hours=1)),
    "quote": Limit(10, timedelta(hours=1)),
    # Each keeps goods and offers from others until its payment page ends.
    "awaiting": Limit(20, timedelta(hours=1)),
}
#: A kind of attempt and who made it.
Try = tuple[str, str]


def sign_in(email: str) -> list[Try]:
    """Return what a wrong password counts against."""
    place = _place()
    return [
        ("login", _hashed(f"{email} {place}")),
        ("login-place", _hashed(place)),
        ("login-account", _hashed(email)),
    ]


def from_here(kind: str) -> list[Try]:
    """Return what a form sent from this place counts against."""
    return [(kind, _hashed(_place()))]


def exceeded(tries: Sequence[Try]) -> bool:
    """Tell whether one of the limits is reached."""
    recent = [
        and_(
            Attempt.kind == kind,
            Attempt.who == who,
            Attempt.at > now() - LIMITS[kind].within,
        )
        for kind, who in tries
    ]
    counted = select(Attempt.kind, func.count()).where(or_(*recent)).group_by(Attempt.kind)
    return any(count >= LIMITS[kind].attempts for kind, count in db.session.execute(counted))


def record(tries: Sequence[Try]) -> None:
    """Remember an attempt and forget those that no limit counts; the caller commits."""
    oldest = now() - max(limit.within for limit in LIMITS.values())
    db.session.execute(delete(Attempt).where(Attempt.at < oldest))
    db.session.add_all(Attempt(kind=kind, who=who, at=now()) for kind, who in tries)


def _place() -> str:
    return request.remote_addr or "unknown"


def _hashed(text: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, text.encode(), "sha256").hexdigest()
