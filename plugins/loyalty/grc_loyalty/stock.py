"""Promotions and codes in the tables: what may apply to a cart at a moment."""

import json
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from . import codes
from .entries import UNITS
from .models import CartCode
from .models import Code
from .models import Promotion
from .models import Wording
from .once import insert_once
from .promotions import InvalidPromotion
from .reading import promotion_of

#: A batch of secret codes takes at most so much memory and time.
MOST_CODES = 100_000


def save(
    session: Session,
    key: str,
    definition: Mapping[str, Any],
    *,
    title_en: str,
    title_fr: str,
    now: datetime,
    by: str,
    needs_code: bool = False,
    limit_total: int | None = None,
    limit_customer: int | None = None,
    is_on: bool = True,
) -> int:
    """Write a promotion's next version and return its number; earlier ones stay as they are."""
    promotion_of({**definition, "id": key})
    if key in UNITS or ":" in key:
        raise InvalidPromotion(f"{key!r} is taken; use letters, digits and hyphens")
    for limit in (limit_total, limit_customer):
        if limit is not None and limit < 1:
            raise InvalidPromotion("a limit is 1 or more; leave it out for no limit")
    row = session.get(Promotion, key)
    if row is None:
        row = Promotion(key=key, version=0, used=0)
        session.add(row)
    row.version += 1
    row.needs_code, row.is_on = needs_code, is_on
    row.limit_total, row.limit_customer = limit_total, limit_customer
    body = {name: value for name, value in definition.items() if name != "id"}
    session.add(
        Wording(
            promotion=key,
            version=row.version,
            title_en=title_en,
            title_fr=title_fr,
            definition=json.dumps(body, ensure_ascii=False, sort_keys=True),
            made_at=now,
            made_by=by,
        )
    )
    session.flush()
    return row.version


def add_public(
    session: Session, promotion: str, text: str, key: str | bytes, now: datetime
) -> bool:
    """Give a promotion a code that is no secret, such as `GOLF20`; False if it is taken."""
    normal = codes.normal(text)
    if normal is None or len(normal) == codes.SYMBOLS + 1:
        raise InvalidPromotion(
            f"{text!r} cannot be a public code: 3 to 20 letters and digits, and not "
            f"{codes.SYMBOLS + 1}, which is how long secret ones are"
        )
    digest = codes.digest(normal, key)
    if session.scalar(select(Code.id).where(Code.digest == digest)) is not None:
        return False
    session.add(
        Code(
            promotion=promotion,
            digest=digest,
            prefix=normal[:4],
            public=text.strip().upper(),
            limit=None,
            used=0,
            made_at=now,
        )
    )
    session.flush()
    return True


def make_codes(
    session: Session,
    promotion: str,
    count: int,
    key: str | bytes,
    now: datetime,
    *,
    limit: int | None = 1,
    customer_id: str | None = None,
    batch: str = "",
    expires_at: datetime | None = None,
) -> list[str]:
    """Make secret codes and return them; this is the only time that they can be read."""
    if not 1 <= count <= MOST_CODES:
        raise InvalidPromotion(f"a batch has 1 to {MOST_CODES} codes, not {count}")
    made = [codes.make() for _ in range(count)]
    session.execute(
        insert(Code),
        [
            {
                "promotion": promotion,
                "digest": codes.digest(code.replace("-", ""), key),
                "prefix": code[:4],
                "customer_id": customer_id,
                "limit": limit,
                "used": 0,
                "batch": batch,
                "made_at": now,
                "expires_at": expires_at,
            }
            for code in made
        ],
    )
    return made


def codes_by_digest(session: Session, digests: Iterable[str]) -> Sequence[Code]:
    """Return known codes."""
    wanted = sorted(digests)
    if not wanted:
        return []
    return session.scalars(select(Code).where(Code.digest.in_(wanted)).order_by(Code.id)).all()


def codes_of_cart(session: Session, cart_id: str | None) -> Sequence[Code]:
    """Return the codes that were typed for a cart."""
    if cart_id is None:
        return []
    # On SQLite the id of a deleted code was once given to a later one, which nobody typed here.
    is_it = (CartCode.code_id == Code.id) & (CartCode.at >= Code.made_at)
    joined = select(Code).join(CartCode, is_it)
    return session.scalars(joined.where(CartCode.cart_id == cart_id).order_by(Code.id)).all()


def put_on(session: Session, cart_id: str, code_id: int, now: datetime) -> None:
    """Note that a code was typed for a cart; typed again, it is typed now."""
    if not insert_once(session, CartCode, cart_id=cart_id, code_id=code_id, at=now):
        mine = (CartCode.cart_id == cart_id) & (CartCode.code_id == code_id)
        session.execute(update(CartCode).where(mine).values(at=now))


def forget_typed(session: Session, which: ColumnElement[bool]) -> int:
    """Take codes that are about to be deleted off all carts; return off how many."""
    ids = select(Code.id).where(which)
    gone: Any = session.execute(delete(CartCode).where(CartCode.code_id.in_(ids)))
    return int(gone.rowcount)


def take_off(session: Session, cart_id: str, code_id: int) -> None:
    """Take a typed code off a cart."""
    session.execute(
        delete(CartCode).where(CartCode.cart_id == cart_id, CartCode.code_id == code_id)
    )


def count_codes(session: Session, promotion: str) -> int:
    """Return how many codes a promotion has."""
    query = select(func.count()).select_from(Code).where(Code.promotion == promotion)
    return int(session.scalar(query) or 0)
