"""What a page needs to know of a customer and a cart, read with one statement each."""

import json
from collections.abc import Collection
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import CompoundSelect
from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import cast
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy.orm import Session

from .buyers import WINDOW
from .buyers import Past
from .entries import UNITS
from .known import Around
from .known import Kept
from .known import Liking
from .known import Movement
from .known import Person
from .known import Rules
from .known import Wish
from .models import Account
from .models import Aside
from .models import CartCode
from .models import CartPoints
from .models import Code
from .models import Entry
from .models import Lot
from .models import Preference
from .models import Promotion
from .models import Purchase
from .models import Seen
from .models import Slot
from .models.points import CREDIT

#: So many of the last movements are shown.
_LATEST = 5


def person_of(session: Session, customer_id: str, now: datetime) -> Person:
    """Return what is known of a customer."""
    values = {"customer": customer_id, "since": now - WINDOW, "now": now}
    return _person(session.execute(_of_person(), values).all())


def around(
    session: Session,
    customer_id: str | None,
    cart_id: str | None,
    now: datetime,
    own: Collection[str] = (),
) -> Around:
    """Return what bears on a cart; what the orders `own` use counts as free."""
    values = {"cart": cart_id, "customer": customer_id, "since": now - WINDOW, "now": now,
              "own": list(own)}  # fmt: skip
    rows = session.execute(_of_cart(), values).all()
    named = {row.name: row for row in rows if row.what == "rule"}
    return Around(
        {
            key: Rules(row.n0, bool(row.n1), row.n2, row.n3, row.n4)
            for key, row in sorted(named.items())
        },
        _person(rows),
        {row.name: row.n0 for row in rows if row.what == "use"},
        next(
            (Wish(row.name, bool(row.n0), bool(row.n1)) for row in rows if row.what == "wish"),
            None,
        ),
        any(row.what == "code" for row in rows),
    )


def _person(rows: Sequence[Any]) -> Person:
    found: dict[str, Any] = {}
    moved, kept = [], []
    for row in rows:
        if row.what == "account" and row.name == CREDIT:
            found["credit"] = row.n0
        elif row.what == "account":
            found.update(balance=row.n0, pending=row.n1, debt=row.n2)
        elif row.what == "past":
            found["past"] = Past(row.n0, row.n1, row.n2)
        elif row.what == "kept":
            why, day, note = row.note.split("\n", 2)
            kept.append(Kept(row.n1, row.name, row.n0, day, why, note))
        elif row.what == "liking":
            mail, favourites = row.note.split("\n", 1)
            found["liking"] = Liking(
                row.name, bool(row.n0), frozenset(json.loads(favourites)), mail
            )
        elif row.what == "seen":
            found.update(seen=_time(row.name), seen_before=_time(row.note))
        elif row.what == "friend":
            found["friend_code"] = row.name
        elif row.what in UNITS:
            moved.append((row.n1, Movement(row.name, row.note, row.n0, row.what)))
    movements = [item for _, item in sorted(moved, key=_newest)]
    return Person(**found, movements=movements, asides=kept)


def _time(text: str | None) -> datetime | None:
    """Return a time that a database wrote as text: with its zone, or else in UTC."""
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _newest(pair: tuple[int, Movement]) -> int:
    return -pair[0]


# The statements are made once: putting one together takes longer than running it.


@cache
def _of_person() -> CompoundSelect[Any]:
    return union_all(*_person_parts())


@cache
def _of_cart() -> CompoundSelect[Any]:
    rules = _part(
        "rule", Promotion.version, case((Promotion.needs_code, 1), else_=0),
        Promotion.limit_total, Promotion.limit_customer, Promotion.used, name=Promotion.key,
    ).where(Promotion.is_on)  # fmt: skip
    others = Slot.order_id.not_in(bindparam("own", expanding=True))
    uses = _part("use", func.count(), name=Slot.promotion)
    uses = uses.where(Slot.customer_id == bindparam("customer"), others).group_by(Slot.promotion)
    in_cart: Any = bindparam("cart")
    wanted = (case((which, 1), else_=0) for which in (CartPoints.points, CartPoints.credit))
    wish = _part("wish", *wanted, name=CartPoints.customer_id).where(CartPoints.cart_id == in_cart)
    typed = _part("code", func.count()).where(CartCode.cart_id == in_cart).having(func.count() > 0)
    return union_all(rules, *_person_parts(), uses, wish, typed)


def _person_parts() -> list[Select[Any]]:
    mine: Any = bindparam("customer")
    account = _part("account", Account.balance, Account.pending, Account.debt, name=Account.unit)
    net = Purchase.amount - Purchase.refunded
    since = bindparam("since", type_=Purchase.at.type)
    now = bindparam("now", type_=Aside.until.type)
    spent = func.sum(case(((Purchase.at > since) & Purchase.is_paid, net), else_=0))
    earned = (
        select(func.coalesce(func.sum(Lot.earned - Lot.clawed), 0))
        .where(
            Lot.customer_id == mine,
            Lot.opens_at > since,
            ~Lot.unpaid,
            Lot.source.startswith("earn:"),
        )
        .scalar_subquery()
    )
    past = _part("past", func.count(), func.coalesce(spent, 0), earned).where(
        Purchase.customer_id == mine, Purchase.refunded < Purchase.amount
    )
    last = select(Entry.unit, Entry.kind, Entry.reason, Entry.points, Entry.id)
    last = last.where(Entry.customer_id == mine)
    moved = last.order_by(Entry.id.desc()).limit(_LATEST).subquery()
    return [
        account.where(Account.customer_id == mine),
        past,
        _part(
            "kept",
            Aside.quantity,
            Aside.id,
            name=Aside.product_id,
            note=Aside.why + "\n" + Aside.day + "\n" + Aside.note,
        ).where(Aside.customer_id == mine, Aside.state == "kept", Aside.until > now),
        _part(
            "liking",
            case((Preference.greeted, 1), else_=0),
            name=Preference.called,
            note=Preference.mail + "\n" + Preference.favourites,
        ).where(Preference.customer_id == mine),
        _part("seen", name=Seen.last, note=Seen.before).where(Seen.customer_id == mine),
        _part("friend", name=Code.public).where(Code.referrer_id == mine),
        _part(moved.c.unit, moved.c.points, moved.c.id, name=moved.c.kind, note=moved.c.reason),
    ]


def _part(what: Any, *numbers: Any, name: Any = None, note: Any = None) -> Select[Any]:
    """Return a SELECT of one sort of row; all sorts have the same columns."""
    texts = [cast(null() if text is None else text, String) for text in (name, note)]
    filled = [*numbers, *[null()] * (5 - len(numbers))]
    columns = [cast(number, BigInteger).label(f"n{at}") for at, number in enumerate(filled)]
    kind = cast(literal(what) if isinstance(what, str) else what, String).label("what")
    found: Any = select(kind, texts[0].label("name"), texts[1].label("note"), *columns)
    return found  # type: ignore[no-any-return]
