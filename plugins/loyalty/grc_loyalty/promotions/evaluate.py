"""Price a cart with promotions: the one entry of the engine, without any input or output."""

from collections.abc import Sequence
from datetime import datetime

from .cart import Cart
from .cart import Customer
from .cart import Line
from .decision import Decision
from .decision import PricedLine
from .goods import Goods
from .goods import Members
from .plan import prepare
from .policy import Policy
from .rounding import part
from .rules import Promotion
from .shortfall import with_shortfalls
from .stacking import Outcome
from .stacking import Task
from .stacking import best
from .stacking import sequential
from .state import Working

_DEFAULT = Policy()


def evaluate(
    cart: Cart,
    promotions: Sequence[Promotion],
    customer: Customer | None,
    now: datetime,
    policy: Policy = _DEFAULT,
) -> Decision:
    """Return what a cart costs for a customer at a moment, and what became of each promotion.

    `now` has a time zone; `customer` is None for somebody the shop does not know. The same
    arguments give the same decision. Raises InvalidCart and InvalidPromotion.
    """
    if not _is_instant(now):
        raise ValueError(f"now={now!r} has no time zone")
    goods = Goods(cart)
    task = Task(cart, goods, prepare(tuple(promotions), goods, policy), customer, now, policy)
    if policy.stacking == "sequential":
        outcome = sequential(task)
        outcome.trace = with_shortfalls(task, outcome.trace)
    else:
        outcome = best(task)
    return _decision(cart, goods, outcome, policy)


def _is_instant(now: object) -> bool:
    return isinstance(now, datetime) and now.utcoffset() is not None


def _decision(cart: Cart, goods: Goods, outcome: Outcome, policy: Policy) -> Decision:
    work = outcome.work
    shares: list[list[tuple[str, int]]] = [[] for _ in goods.all]
    for id, (parts, _) in outcome.records:
        for index, amount in parts:
            if amount:
                shares[index].append((id, amount))
    lines: list[PricedLine] = []
    if goods.members is None:
        for index, line in enumerate(goods.lines):
            runs = work.reductions(index)
            lines.append(_priced(line, runs, shares[index], cart.tax_included, policy))
    else:
        lines = _unmerged(cart, goods.members, work, shares, policy)
    discount = goods.subtotal - sum(work.totals)
    tax = sum([line.tax for line in lines])
    total = goods.subtotal - discount + work.shipping + (0 if cart.tax_included else tax)
    return Decision(cart.currency, tuple(lines), goods.subtotal, discount, cart.shipping,
                    work.shipping, tax, total, tuple(work.gifts), tuple(outcome.trace),
                    outcome.method)  # fmt: skip


def _unmerged(
    cart: Cart,
    merged: Sequence[Members],
    work: Working,
    shares: Sequence[Sequence[tuple[str, int]]],
    policy: Policy,
) -> list[PricedLine]:
    """Return the lines of a cart of which some were priced as one."""
    priced: dict[int, PricedLine] = {}
    for index, members in enumerate(merged):
        runs = work.reductions(index)
        for position, own_runs, own_shares in _dealt(members, runs, shares[index]):
            line = cart.lines[position]
            priced[position] = _priced(line, own_runs, own_shares, cart.tax_included, policy)
    return [priced[position] for position in range(len(cart.lines))]


def _dealt(
    members: Members,
    runs: list[tuple[int, int]],
    shares: Sequence[tuple[str, int]],
) -> list[tuple[int, list[tuple[int, int]], list[tuple[str, int]]]]:
    """Deal the pieces of lines that were priced as one back to the lines of the cart.

    Each promotion's share is dealt so that both a line's pieces and its shares add up to its
    discount: what is left of a share goes to the next line.
    """
    if len(members) == 1:
        return [(members[0][0], runs, list(shares))]
    left = [[count, off] for count, off in runs]
    open_shares = dict(shares)
    dealt: list[tuple[int, list[tuple[int, int]], list[tuple[str, int]]]] = []
    for position, quantity in members:
        own: list[tuple[int, int]] = []
        while quantity:
            count = min(quantity, left[0][0])
            own.append((count, left[0][1]))
            quantity -= count
            left[0][0] -= count
            if not left[0][0]:
                left.pop(0)
        discount = sum(count * off for count, off in own)
        given: list[tuple[str, int]] = []
        for id, share in open_shares.items():
            amount = min(share, discount)
            if amount:
                given.append((id, amount))
                open_shares[id] -= amount
                discount -= amount
        dealt.append((position, own, given))
    return dealt


def _priced(
    line: Line,
    runs: Sequence[tuple[int, int]],
    shares: Sequence[tuple[str, int]],
    tax_included: bool,
    policy: Policy,
) -> PricedLine:
    discount = sum([count * off for count, off in runs])
    tax = 0
    if line.tax_percent is not None:
        numerator, denominator = line.tax_ratio
        base = denominator + numerator if tax_included else denominator
        tax = part(line.total - discount, (numerator, base), policy.tax_rounding)
    return PricedLine(line.sku, line.unit, line.quantity, discount, tuple(runs), tuple(shares), tax)
