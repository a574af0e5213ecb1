"""Whether the pull finds every order that is there, at once and after it changed."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from ..values import Order
from .trial import LIMIT
from .trial import Trial

#: Ids between those that were found, and of one customer, which are looked for.
_MOST = 12
#: States that an order may have from the beginning.
_AT_ONCE = ("placed", "paid")


def check_reachable(trial: Trial, convert: Callable[[Any], Any]) -> None:
    """Ask by id for orders that the pull may have missed, and look for each in the pull."""
    seen = {order.id for order in trial.found}
    candidates = [*_of_the_same(trial, convert), *_between(trial, convert, seen)]
    missing = [order for order in candidates if not _is_pulled(trial, convert, order)]
    if missing:
        named = ", ".join(order.id for order in missing[:3])
        states = ", ".join(sorted({str(order.state) for order in missing}))
        trial.fail(
            "orders(after=…)",
            f"{len(missing)} reachable by id= but missing from the pull, such as {named} "
            f"({states}): their events are never seen",
        )


def _of_the_same(trial: Trial, convert: Callable[[Any], Any]) -> list[Order]:
    """Return orders of a customer that the first page of the pull does not show."""
    owners = [order.customer_id for order in trial.found if order.customer_id]
    found = trial.many(convert, customer_id=owners[-1]) if owners else []
    seen = {order.id for order in trial.found}
    return [order for order in found if order.id not in seen][:_MOST]


def _between(trial: Trial, convert: Callable[[Any], Any], seen: set[str]) -> list[Order]:
    """Return orders that exist between and after the numbers that were found."""
    numbers = sorted(int(id) for id in seen if id.isascii() and id.isdecimal())
    if not numbers or len(numbers) < len(seen):
        return []
    gaps = (number for number in range(numbers[0], numbers[-1] + 4) if str(number) not in seen)
    found: list[Order] = []
    for number, _ in zip(gaps, range(_MOST), strict=False):
        found += [item for item in trial.many(convert, id=str(number)) if item.id == str(number)]
    return found


def _is_pulled(trial: Trial, convert: Callable[[Any], Any], order: Order) -> bool:
    """Tell whether an order comes where its cursor says, or so many others that it may later."""
    later = trial.many(convert, after=order.cursor)
    return len(later) >= LIMIT or order.id in {item.id for item in later}


def check_movement(trial: Trial, orders: Sequence[Order]) -> None:
    """Look for cursors that stay where they are when an order changes."""
    if len(orders) < 2:
        return
    cursors = [order.cursor for order in orders]
    changed = [order for order in orders if order.state not in _AT_ONCE]
    about = "changes are only seen when open orders are read again, hourly"
    if all(cursor == cursors[0] for cursor in cursors):
        trial.warnings.append(f"all {len(cursors)} cursors are the same, {cursors[0]}: {about}")
    elif all(str(order.cursor) == order.id for order in orders):
        trial.warnings.append(f"the cursor is the order's id, which does not move: {about}")
    elif len(changed) > 1 and all(_is_placement(order) for order in changed):
        message = f"the cursor is placed_at, also of orders that are {changed[0].state}: {about}"
        trial.warnings.append(message)


def _is_placement(order: Order) -> bool:
    cursor = order.cursor
    if cursor == order.placed_at:
        return True
    naive = order.placed_at.replace(tzinfo=None)
    text = str(cursor).replace("T", " ")[:19]
    return bool(cursor == naive or (text and text == str(order.placed_at)[:19]))
