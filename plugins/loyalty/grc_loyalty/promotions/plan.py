"""Promotions prepared for one cart: which lines each effect reaches, and applying them."""

from collections.abc import Sequence

from .effects import Parts
from .effects import Scope
from .effects import apply
from .effects import off_pieces
from .effects import worth
from .errors import InvalidPromotion
from .goods import Goods
from .kinds import CHOSEN
from .kinds import EACH
from .kinds import GIFT
from .picking import pieces_of
from .policy import Policy
from .rules import Effect
from .rules import Promotion
from .state import Working

#: What a promotion took off each line, and off the shipping.
Record = tuple[Parts, int]


class Prepared:
    """A promotion with the lines that each of its effects reaches in one cart."""

    __slots__ = ("_alone", "_goods", "_policy", "_scopes", "lines", "promotion")

    def __init__(self, promotion: Promotion, goods: Goods, policy: Policy) -> None:
        self.promotion = promotion
        #: how many lines there are
        self.lines = len(goods)
        self._goods = goods
        self._policy = policy
        self._scopes: list[Scope] | None = None
        self._alone: int | None = None

    @property
    def scopes(self) -> list[Scope]:
        """Return the lines that each effect reaches; most promotions are rejected before."""
        if self._scopes is None:
            promotion, goods = self.promotion, self._goods
            self._scopes = [_scope(promotion, effect, goods) for effect in promotion.effects]
        return self._scopes

    @property
    def has_gift(self) -> bool:
        """Tell whether it gives something that costs nothing."""
        return self.promotion.has_gift

    def alone(self, shipping: int) -> int:
        """Return what it would save by itself."""
        if self._alone is None:
            effects, goods, policy = self.promotion.effects, self._goods, self._policy
            if len(effects) == 1:
                found = worth(goods, shipping, effects[0], self.scopes[0], policy)
            else:
                work = Working(goods, shipping)
                self.record(work, goods.subtotal)
                found = goods.subtotal - sum(work.totals) + shipping - work.shipping
            self._alone = found + self.worth_of_gifts()
        return self._alone

    def at_most(self, shipping: int) -> int:
        """Return what it never exceeds in company: what it saves alone, and roundings."""
        further = len(self.promotion.effects) - 1
        return self.alone(shipping) + 2 * self.lines * further

    def may_be_capped(self, number: int) -> bool:
        """Tell whether an effect on pieces, by its number, may reach its cap; alone, if ever."""
        effect, scope = self.promotion.effects[number], self.scopes[number]
        taken = off_pieces(self._goods, effect, scope, self._policy)
        return effect.cap is not None and taken >= effect.cap

    def record(self, work: Working, seen: int) -> Record:
        """Apply to a cart and return what was taken off; tiers look at the subtotal `seen`."""
        effects, policy = self.promotion.effects, self._policy
        before = work.shipping
        if self.promotion.has_gift:
            self._give(work)
        if len(effects) == 1:
            parts = apply(work, effects[0], self.scopes[0], seen, policy)
            return parts, before - work.shipping
        off: dict[int, int] = {}
        work.begin()
        for effect, scope in zip(effects, self.scopes, strict=True):
            for index, amount in apply(work, effect, scope, seen, policy):
                off[index] = off.get(index, 0) + amount
        work.end()
        return list(off.items()), before - work.shipping

    def _give(self, work: Working) -> None:
        for effect in self.promotion.effects:
            if effect.style == GIFT:
                work.gifts.append((effect.sku, effect.pieces, self.promotion.id))

    def worth_of_gifts(self) -> int:
        """Return what the gifts would cost, where the promotion says so."""
        if not self.promotion.has_gift:
            return 0
        effects = self.promotion.effects
        return sum(effect.worth * effect.pieces for effect in effects if effect.style == GIFT)


def prepare(promotions: Sequence[Promotion], goods: Goods, policy: Policy) -> list[Prepared]:
    """Prepare promotions; refuses two with one id, since the trace could not tell them apart."""
    ids = {promotion.id for promotion in promotions}
    if len(ids) != len(promotions):
        raise InvalidPromotion("two promotions have the same id")
    return [Prepared(promotion, goods, policy) for promotion in promotions]


def _scope(promotion: Promotion, effect: Effect, goods: Goods) -> Scope:
    reached = goods.meant(effect.filter)
    if promotion.skips_reduced:
        reached = [index for index in reached if not goods.lines[index].reduced]
    if effect.style not in (EACH, CHOSEN):
        return reached, ()
    bought = goods.meant(effect.buy) if effect.target == "units" else ()
    return reached, pieces_of(goods, effect, reached, bought)
