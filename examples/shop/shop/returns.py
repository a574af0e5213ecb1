"""Returns: what may come back and until when, and what each step does to the order."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import cast

from sqlalchemy import CursorResult
from sqlalchemy import update

from . import fulfilment
from .clock import now
from .extensions import db
from .locale import TIME_ZONE
from .models import Order
from .models import ReturnLine
from .models import ReturnRequest

#: How long after the delivery a return may be asked for.
WINDOW = timedelta(days=30)
STATES = ("requested", "accepted", "refused", "received")
REASONS = ("changed_mind", "damaged", "wrong_product", "not_as_described", "other")
WAYS = ("parcel", "store")


class NotReturnable(Exception):
    """A return is not possible; the argument is one of the keys of `obstacle`."""


def last_day(order: Order) -> date | None:
    """Return the last day, in Montréal, to ask for a return; None before the delivery."""
    arrived = order.delivered_at
    return (arrived + WINDOW).astimezone(TIME_ZONE).date() if arrived else None


def remaining(order: Order) -> dict[int, int]:
    """Return how many pieces of each order line are not in a return yet, by line id."""
    asked: Counter[int] = Counter()
    for request in order.returns:
        if request.state != "refused":
            for line in request.lines:
                asked[line.order_line_id] += line.quantity
    left = {line.id: line.quantity - asked[line.id] for line in order.lines}
    return {number: pieces for number, pieces in left.items() if pieces > 0}


def obstacle(order: Order, moment: datetime | None = None) -> str | None:
    """Return why nothing can be returned: ``not_delivered too_late nothing_left``, or None."""
    until = last_day(order)
    if order.state not in ("delivered", "returned") or until is None:
        return "nothing_left" if order.state in ("cancelled", "refunded") else "not_delivered"
    if order.refundable == 0 or not remaining(order):
        return "nothing_left"
    today = (moment or now()).astimezone(TIME_ZONE).date()
    return "too_late" if today > until else None


def ask(
    order: Order, pieces: Mapping[int, int], *, reason: str, comment: str, way: str, store: str
) -> ReturnRequest:
    """Record the wish to return pieces by order line id, or raise `NotReturnable`."""
    # Of two windows that ask for the same pieces, the second one sees the first one's request.
    fulfilment.lock(order)
    db.session.expire(order, ["returns"])
    problem = obstacle(order)
    left = remaining(order)
    if problem is None and any(count > left.get(line, 0) for line, count in pieces.items()):
        problem = "nothing_left"
    if problem or not pieces:
        raise NotReturnable(problem or "nothing_left")
    request = ReturnRequest(
        order=order,
        state="requested",
        reason=reason,
        comment=comment,
        way=way,
        store=store if way == "store" else "",
    )
    request.lines = [ReturnLine(order_line_id=line, quantity=n) for line, n in pieces.items()]
    db.session.add(request)
    fulfilment.touch(order)
    return request


def decide(request: ReturnRequest, *, accepted: bool, answer: str) -> None:
    """Accept or refuse a request."""
    _move(request, "requested", "accepted" if accepted else "refused")
    request.answer = answer
    request.decided_at = now()
    fulfilment.touch(request.order)


def receive(request: ReturnRequest, *, sellable: bool) -> None:
    """Take the goods back: the order becomes returned, and what they cost is paid back."""
    order = request.order
    fulfilment.lock(order)
    _move(request, "accepted", "received")
    request.received_at = now()
    request.refunded = min(worth(request), order.refundable)
    if sellable:
        fulfilment.restock({line.order_line.product_id: line.quantity for line in request.lines})
    if order.state != "returned":
        fulfilment.advance(order, "returned")
    if request.refunded:
        fulfilment.refund(order, request.refunded, f"return {request.number}")


def worth(request: ReturnRequest) -> int:
    """Return the price of the pieces with their taxes, in cents; the parts add up to the line."""
    before: Counter[int] = Counter()
    for earlier in request.order.returns:
        if earlier.state == "received" and earlier.id != request.id:
            for line in earlier.lines:
                before[line.order_line_id] += line.quantity
    return sum(_part(line, before[line.order_line_id]) for line in request.lines)


def _part(line: ReturnLine, before: int) -> int:
    bought = line.order_line
    taxes = [bought.tax * pieces // bought.quantity for pieces in (before, before + line.quantity)]
    paid = bought.total - bought.discount
    prices = [paid * pieces // bought.quantity for pieces in (before, before + line.quantity)]
    return prices[1] - prices[0] + taxes[1] - taxes[0]


def _move(request: ReturnRequest, state: str, following: str) -> None:
    """Change the state once: of two clicks on the same button, the second one finds no row."""
    moved = db.session.execute(
        update(ReturnRequest)
        .where(ReturnRequest.id == request.id, ReturnRequest.state == state)
        .values(state=following)
    )
    if cast("CursorResult[Any]", moved).rowcount != 1:
        raise fulfilment.NotAllowed(f"return {request.number} is not {state} any more")
