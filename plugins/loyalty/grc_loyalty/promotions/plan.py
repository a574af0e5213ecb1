"""Promotions prepared for one cart: which lines each effect reaches, and applying them."""

from collections.abc import Sequence

from .effects import Scope
from .effects import apply
from .effects import worth
from .errors import InvalidPromotion
from .policy import Policy
from .rules import Effect
from .rules import Promotion
from .state import Goods
from .state import Working

#: (line, amount) pairs and the amount off the shipping.
Record = tuple[dict[int, int], int]


class Prepared:
    """A promotion with the lines that each of its effects reaches in one cart."""

    __slots__ = ("_goods", "_scopes", "alone", "has_gift", "key", "promotion")

    def __init__(self, promotion: Promotion, goods: Goods) -> None:
        self.promotion = promotion
        self.has_gift = promotion.has_gift
        #: lanes in turn, single pieces before whole orders, then priority
        self.key = (promotion.lane, promotion.stage, -promotion.priority, promotion.id)
        #: what the promotion would save by itself
        self.alone = 0
        self._goods = goods
        self._scopes: list[Scope] | None = None

    @property
    def scopes(self) -> list[Scope]:
        """Return the lines that each effect reaches; most promotions are rejected before."""
        if self._scopes is None:
            promotion, goods = self.promotion, self._goods
            self._scopes = [_scope(promotion, effect, goods) for effect in promotion.effects]
        return self._scopes

    @property
    def reaches_all(self) -> bool:
        """Tell whether every effect reaches every line."""
        reached = len(self._goods)
        return all(len(lines) == reached for lines, _ in self.scopes)

    @property
    def is_monotone(self) -> bool:
        """Tell whether taking it off first never makes what follows save more.

        So it is with discounts on single pieces, and with those on the whole order. It is not
        certain where a cap, or a part of the lines, makes one line's discount another's loss.
        """
        return all(self._is_tame(effect) for effect in self.promotion.effects)

    def _is_tame(self, effect: Effect) -> bool:
        if effect.target in ("shipping", "cart") or effect.kind in ("free_shipping", "gift"):
            return True
        if self.promotion.stage == 0:
            return effect.cap is None and effect.most_pieces is None
        is_whole = effect.target in ("order", "matching_lines") and self.reaches_all
        return is_whole and effect.most_pieces is None

    def quick_worth(self, work: Working, subtotal: int, policy: Policy) -> int | None:
        """Return what it takes off by itself, where that needs no division over lines."""
        if len(self.promotion.effects) != 1:
            return None
        return worth(work, self.promotion.effects[0], self.scopes[0], subtotal, policy)

    def at_most(self, work: Working) -> int:
        """Return what it certainly does not exceed: what its lines cost, or its caps."""
        found = self.worth_of_gifts()
        for effect, (lines, _) in zip(self.promotion.effects, self.scopes, strict=True):
            there = work.shipping + sum([work.totals[index] for index in lines])
            found += there if effect.cap is None else min(there, effect.cap)
        return found

    def record(self, work: Working, subtotal: int, policy: Policy) -> Record:
        """Apply to a cart and return what was taken off each line and the shipping."""
        promotion = self.promotion
        if len(promotion.effects) == 1:
            effect, scope = promotion.effects[0], self.scopes[0]
            lines, off_shipping = apply(work, effect, scope, subtotal, policy, promotion.id)
            off = {index: amount for index, amount in lines if amount}
            work.settle(off)
            return off, off_shipping
        off = {}
        off_shipping = 0
        for effect, scope in zip(self.promotion.effects, self.scopes, strict=True):
            lines, shipping = apply(work, effect, scope, subtotal, policy, self.promotion.id)
            off_shipping += shipping
            for index, amount in lines:
                if amount:
                    off[index] = off.get(index, 0) + amount
        work.settle(off)
        return off, off_shipping

    def worth_of_gifts(self) -> int:
        """Return what the gifts would cost, where the promotion says so."""
        if not self.has_gift:
            return 0
        effects = self.promotion.effects
        return sum(effect.worth * effect.pieces for effect in effects if effect.kind == "gift")


def prepare(promotions: Sequence[Promotion], goods: Goods) -> list[Prepared]:
    """Prepare promotions; refuses two with one id, since the trace could not tell them apart."""
    ids = {promotion.id for promotion in promotions}
    if len(ids) != len(promotions):
        raise InvalidPromotion("two promotions have the same id")
    return [Prepared(promotion, goods) for promotion in promotions]


def _scope(promotion: Promotion, effect: Effect, goods: Goods) -> Scope:
    reached = goods.meant(effect.filter)
    if promotion.skips_reduced:
        reached = [index for index in reached if not goods.lines[index].reduced]
    return reached, goods.meant(effect.buy) if effect.target == "units" else ()
