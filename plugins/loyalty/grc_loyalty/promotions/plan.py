"""Promotions prepared for one cart: which lines each effect reaches, and applying them."""

from collections.abc import Sequence

from .effects import Scope
from .effects import apply
from .effects import worth
from .errors import InvalidPromotion
from .policy import Policy
from .rules import EVERYTHING
from .rules import Effect
from .rules import Promotion
from .state import Goods
from .state import Working

#: (line, amount) pairs and the amount off the shipping.
Record = tuple[dict[int, int], int]

_ON_PIECES = ("each_unit", "units", "group")


class Prepared:
    """A promotion with the lines that each of its effects reaches in one cart."""

    __slots__ = ("alone", "key", "promotion", "reaches_all", "scopes")

    def __init__(self, promotion: Promotion, goods: Goods) -> None:
        self.promotion = promotion
        self.scopes: list[Scope] = [
            _scope(promotion, effect, goods) for effect in promotion.effects
        ]
        reached = len(goods)
        self.reaches_all = all(len(lines) == reached for lines, _ in self.scopes)
        #: lanes in turn, single pieces before whole orders, then priority
        self.key = (promotion.lane, self._stage(), -promotion.priority, promotion.id)
        #: what the promotion would save by itself
        self.alone = 0

    def _stage(self) -> int:
        targets = {effect.target for effect in self.promotion.effects}
        return 0 if targets <= {*_ON_PIECES} else 1

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
        if self._stage() == 0:
            return effect.cap is None and effect.most_pieces is None
        is_whole = effect.target in ("order", "matching_lines") and self.reaches_all
        return is_whole and effect.most_pieces is None

    @property
    def has_gift(self) -> bool:
        """Tell whether it gives something that is not taken off the price."""
        return any(effect.kind == "gift" for effect in self.promotion.effects)

    def quick_worth(self, work: Working, subtotal: int, policy: Policy) -> int | None:
        """Return what it takes off by itself, where that needs no division over lines."""
        if len(self.promotion.effects) != 1:
            return None
        return worth(work, self.promotion.effects[0], self.scopes[0], subtotal, policy)

    def take(self, work: Working, subtotal: int, policy: Policy) -> int:
        """Apply to a cart and return what was taken off."""
        taken = 0
        changed: list[int] = []
        for effect, scope in zip(self.promotion.effects, self.scopes, strict=True):
            lines, shipping = apply(work, effect, scope, subtotal, policy, self.promotion.id)
            taken += shipping
            for index, amount in lines:
                if amount:
                    taken += amount
                    changed.append(index)
        for index in changed:
            work.settle(index)
        return taken

    def record(self, work: Working, subtotal: int, policy: Policy) -> Record:
        """Apply to a cart and return what was taken off each line and the shipping."""
        off: dict[int, int] = {}
        off_shipping = 0
        for effect, scope in zip(self.promotion.effects, self.scopes, strict=True):
            lines, shipping = apply(work, effect, scope, subtotal, policy, self.promotion.id)
            off_shipping += shipping
            for index, amount in lines:
                if amount:
                    off[index] = off.get(index, 0) + amount
        for index in off:
            work.settle(index)
        return off, off_shipping

    def worth_of_gifts(self) -> int:
        """Return what the gifts would cost, where the promotion says so."""
        effects = self.promotion.effects
        return sum(effect.worth * effect.pieces for effect in effects if effect.kind == "gift")


def prepare(promotions: Sequence[Promotion], goods: Goods) -> list[Prepared]:
    """Prepare promotions; refuses two with one id, since the trace could not tell them apart."""
    ids = {promotion.id for promotion in promotions}
    if len(ids) != len(promotions):
        raise InvalidPromotion("two promotions have the same id")
    return [Prepared(promotion, goods) for promotion in promotions]


def _scope(promotion: Promotion, effect: Effect, goods: Goods) -> Scope:
    skips, filter, lines = promotion.skips_reduced, effect.filter, goods.lines
    everything: Sequence[int] = range(len(lines))
    if filter is EVERYTHING and not skips:
        reached = everything
    else:
        reached = [
            i for i in everything if filter.matches(lines[i]) and not (skips and lines[i].reduced)
        ]
    if effect.target != "units":
        return reached, ()
    return reached, [i for i in everything if effect.buy.matches(lines[i])]
