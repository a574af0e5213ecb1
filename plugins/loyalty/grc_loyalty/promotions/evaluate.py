"""Price a cart with promotions: the one entry of the engine, without any input or output."""

from collections.abc import Sequence
from datetime import datetime

from .cart import Cart
from .cart import Customer
from .cart import Line
from .decision import Decision
from .decision import PricedLine
from .effects import is_known
from .eligibility import KINDS
from .errors import InvalidPromotion
from .plan import Record
from .plan import prepare
from .policy import Policy
from .rounding import part
from .rules import Promotion
from .shortfall import with_shortfalls
from .stacking import Outcome
from .stacking import Task
from .stacking import best
from .stacking import sequential
from .state import Goods

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
    if now.tzinfo is None:
        raise ValueError(f"now={now!r} has no time zone")
    for promotion in promotions:
        _check(promotion)
    goods = Goods(cart)
    task = Task(cart, goods, prepare(promotions, goods), customer, now, policy)
    if policy.stacking == "sequential":
        outcome = sequential(task)
        outcome.trace = with_shortfalls(task, outcome.trace)
    else:
        outcome = best(task)
    return _decision(cart, goods, outcome, policy)


def _check(promotion: Promotion) -> None:
    for condition in promotion.conditions:
        if condition.kind not in KINDS:
            raise InvalidPromotion(f"{promotion.id}: there is no condition {condition.kind!r}")
    for effect in promotion.effects:
        if not is_known(effect):
            what = f"{effect.kind!r} with the target {effect.target!r}"
            raise InvalidPromotion(f"{promotion.id}: there is no effect {what}")


def _decision(cart: Cart, goods: Goods, outcome: Outcome, policy: Policy) -> Decision:
    work = outcome.work
    priced: list[PricedLine | None] = [None] * len(cart.lines)
    for index, members in enumerate(goods.members):
        runs = [run for run in work.reductions(index) if run[0]]
        shares = _shares(index, outcome.records)
        for position, own_runs, own_shares in _dealt(members, runs, shares):
            line = cart.lines[position]
            priced[position] = _priced(line, own_runs, own_shares, cart.tax_included, policy)
    lines = [line for line in priced if line is not None]
    discount = sum(line.discount for line in lines)
    tax = sum(line.tax for line in lines)
    total = goods.subtotal - discount + work.shipping + (0 if cart.tax_included else tax)
    return Decision(cart.currency, tuple(lines), goods.subtotal, discount, cart.shipping,
                    work.shipping, tax, total, tuple(work.gifts), tuple(outcome.trace),
                    outcome.method)  # fmt: skip


def _shares(index: int, records: Sequence[tuple[str, Record]]) -> list[tuple[str, int]]:
    return [(id, lines[index]) for id, (lines, _) in records if index in lines]


def _dealt(
    members: Sequence[tuple[int, int]],
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
    discount = sum(count * off for count, off in runs)
    tax = 0
    if line.tax_percent is not None:
        numerator, denominator = line.tax_ratio
        base = denominator + numerator if tax_included else denominator
        tax = part(line.total - discount, (numerator, base), policy.tax_rounding)
    return PricedLine(line.sku, line.unit, line.quantity, discount, tuple(runs), tuple(shares), tax)
