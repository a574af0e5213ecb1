"""Carts as they change: the whole new cart, beside the last one that GRC saw."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from .. import codec
from ..events import CartChange
from ..outbox.accept import Outbox
from ..outbox.accept import Report
from ..purposes import Purpose
from ..storage.engine import Database
from ..storage.models import CartRow
from ..values import Cart
from ..values import CartLine
from ..values import Subject

#: A cart nobody touched for so long is forgotten.
KEEP = timedelta(days=30)


class CartIntake:
    """Record a cart's change when it has one, and somebody may and wants to know."""

    def __init__(self, database: Database, outbox: Outbox, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock

    def wanted(self, consents: Purpose) -> bool:
        """Tell whether any plugin would receive the change with these consents."""
        found = self._outbox.subscribers(CartChange.hook)
        return any(consents.allows(item.options.needs) for item in found)

    def take(self, cart: Cart, subject: Subject, consents: Purpose) -> bool:
        """Record a cart; False when it did not change or belongs to nobody."""
        key = cart_key(cart, subject)
        if key is None:
            return False
        now, text = self._clock(), codec.dumps(cart)
        with self._database.write() as connection:
            query = select(CartRow.version, CartRow.cart).where(CartRow.key == key)
            last = connection.execute(query).first()
            if last.cart == text if last is not None else not cart.lines:
                return False  # an empty cart that was never full is no change either
            version = last.version + 1 if last else 1
            change = _change(cart, codec.loads(Cart, last.cart) if last else None)
            row = {"version": version, "cart": text, "at": now}
            if last:
                connection.execute(update(CartRow).where(CartRow.key == key).values(**row))
                self._outbox.supersede(connection, CartChange.hook, f"{key}:{last.version}")
            else:
                connection.execute(insert(CartRow).values(key=key, **row))
            who = subject if subject.id else None
            report = Report(change, now, who, consents, f"{key}:{version}")
            return bool(self._outbox.accept(connection, [report]))

    def forget_old(self) -> None:
        """Forget carts that nobody touched for a month."""
        with self._database.write() as connection:
            connection.execute(delete(CartRow).where(CartRow.at < self._clock() - KEEP))


def cart_key(cart: Cart, subject: Subject) -> str | None:
    """Return a hash of the cart's id, else its customer's, else the consented visitor's."""
    if cart.id:
        name = f"cart:{cart.id}"
    elif cart.customer_id:
        name = f"customer:{cart.customer_id}"
    elif subject.id:
        name = str(subject)
    else:
        return None
    return hashlib.sha256(name.encode()).hexdigest()[:40]


def _change(cart: Cart, before: Cart | None) -> CartChange:
    old = _quantities(before) if before else {}
    new = _quantities(cart)
    added = _difference(cart, new, old)
    removed = _difference(before, old, new) if before else ()
    return CartChange(cart, before, added, removed)


def _quantities(cart: Cart) -> dict[tuple[str, str | None], int]:
    counts: dict[tuple[str, str | None], int] = {}
    for line in cart.lines:
        key = (line.product_id, line.variant_id)
        counts[key] = counts.get(key, 0) + line.quantity
    return counts


def _difference(
    cart: Cart,
    counts: dict[tuple[str, str | None], int],
    others: dict[tuple[str, str | None], int],
) -> tuple[CartLine, ...]:
    """Return lines with what this cart has more of than the other."""
    lines = {(line.product_id, line.variant_id): line for line in cart.lines}
    more = {key: count - others.get(key, 0) for key, count in counts.items()}
    return tuple(lines[key].replace(quantity=n) for key, n in more.items() if n > 0)
