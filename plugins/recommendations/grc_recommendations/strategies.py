"""From a situation to product ids with a reason: one function per widget's question."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from grc_core import Product

from .in_use import InUse

#: Asked for, so that enough is left after what is out of stock or shown already.
ASKED = 24
#: Up-selling: at most so much dearer, at least so much.
DEARER = (1.1, 1.6)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A product and why: a reason's name, and the product or number that it speaks of."""

    id: str
    reason: str
    because: str | None = None
    number: int = 0


class Bought(NamedTuple):
    """An order of the past: when, and which products."""

    placed_at: datetime
    products: list[str]


@dataclass(frozen=True, slots=True)
class Situation:
    """What may be used to choose: the page, the cart, and the past of whoever agreed to that."""

    product: Product | None
    cart: tuple[str, ...]
    past: Sequence[Bought]
    now: datetime
    #: what was ordered with each of some products, most often first
    companions: Callable[[Sequence[str]], Mapping[str, list[tuple[str, int]]]]

    @property
    def orders(self) -> list[list[str]]:
        """Return the products of earlier orders, oldest first."""
        return [basket.products for basket in self.past]

    @property
    def bought(self) -> set[str]:
        """Return everything that was bought before."""
        return {id for basket in self.past for id in basket.products}


def bought_together(here: Situation, known: InUse) -> list[Suggestion]:
    """Return what is bought with the product of the page."""
    if here.product is None:
        return []
    id = here.product.id
    return _with(here, known, [id], "bought_together")


def complete_cart(here: Situation, known: InUse) -> list[Suggestion]:
    """Return what goes with everything in the cart."""
    return _with(here, known, here.cart, "goes_with") if here.cart else []


def for_you(here: Situation, known: InUse) -> list[Suggestion]:
    """Return what this person has not bought and may like."""
    model = known.models.get("new")
    if model is None or not here.past:
        return []
    bought = here.bought
    found = model.recommend((), here.orders, ASKED, [*bought, *here.cart])
    because = model.because(found, list(bought))
    return [Suggestion(id, "because", because.get(id)) for id in found]


def buy_again(here: Situation, known: InUse) -> list[Suggestion]:
    """Return what this person buys again and again, soonest due first."""
    days: dict[str, list[datetime]] = {}
    for basket in here.past:
        for id in basket.products:
            days.setdefault(id, []).append(basket.placed_at)
    model = known.models.get("repeat")
    ranked = model.recommend((), here.orders, 4 * ASKED) if model else []
    ranked = [id for id in ranked if id in days] or sorted(days, key=lambda id: -len(days[id]))
    found = []
    for id in ranked:
        times = days[id]
        gap = interval(times)
        waited = (here.now - times[-1]).days
        if gap is not None and waited >= 0.6 * gap:
            found.append(Suggestion(id, "interval", number=max(gap, 1)))
        elif gap is None and waited >= 14:
            found.append(Suggestion(id, "bought_before"))
    # what has a rhythm comes before what was bought once
    return sorted(found, key=lambda item: item.reason != "interval")


def interval(times: Sequence[datetime]) -> int | None:
    """Return the median number of days between purchases; None before the second."""
    gaps = sorted((after - before).days for before, after in pairwise(times))
    return gaps[len(gaps) // 2] if gaps else None


def new_for_you(here: Situation, known: InUse) -> list[Suggestion]:
    """Return the newest products of the departments in which this person buys."""
    items = known.catalogue.items
    own = [name for id in here.bought if id in items for name in items[id].categories]
    bought = here.bought
    newest = [id for id in reversed(items) if set(items[id].categories) & set(own)]
    return [Suggestion(id, "new") for id in newest[:ASKED] if id not in bought]


def new_categories(here: Situation, known: InUse) -> list[Suggestion]:
    """Return what others buy in departments where this person has not bought yet."""
    items, bought = known.catalogue.items, here.bought
    if not bought:
        return []
    own = {name for id in bought if id in items for name in items[id].categories}
    found: dict[str, str] = {}
    for id in _liked(here, known, 10 * ASKED):
        category = next(iter(items[id].categories), None) if id in items else None
        if category is not None and own.isdisjoint(items[id].categories):
            found.setdefault(category, id)
    return [Suggestion(id, "new_department") for id in found.values()]


def step_up(here: Situation, known: InUse) -> list[Suggestion]:
    """Return something better of the same department: 1.1 to 1.6 times the price."""
    if here.product is None or not here.product.available:
        return []
    low, high = (here.product.price.amount * factor for factor in DEARER)
    items = known.catalogue.items
    found = [
        id for id in known.catalogue.neighbours(here.product) if low <= items[id].price <= high
    ]
    return [Suggestion(id, "better") for id in _by_sales(found, known)]


def instead(here: Situation, known: InUse) -> list[Suggestion]:
    """Return what may take the place of a product that is not to be had."""
    if here.product is None or here.product.available:
        return []
    price = here.product.price.amount
    items = known.catalogue.items
    near = sorted(
        known.catalogue.neighbours(here.product), key=lambda id: abs(items[id].price - price)
    )
    return [Suggestion(id, "instead") for id in near[:ASKED]]


def also_viewed(here: Situation, known: InUse) -> list[Suggestion]:
    """Return what others looked at next."""
    model = known.models.get("session")
    if model is None or here.product is None or here.product.id not in model.index:
        return []
    found = model.recommend([here.product.id], (), ASKED)
    return [Suggestion(id, "viewed") for id in found if id != here.product.id]


def after_search(here: Situation, known: InUse) -> list[Suggestion]:
    """Return what goes with the cart, then what sells best now."""
    popular = [Suggestion(id, "popular") for id in _popular(known)]
    return [*complete_cart(here, known)[:4], *popular]


def complete_set(here: Situation, known: InUse) -> list[Suggestion]:
    """Return the missing pieces of a set that the merchant put together."""
    found = []
    for rule in known.rules.of("set"):
        inside = [id for id in here.cart if id in rule.then.products]
        if inside:
            missing = sorted(rule.then.products - set(here.cart))
            found += [Suggestion(id, "set", inside[0]) for id in missing]
    return found


def _with(here: Situation, known: InUse, basket: Sequence[str], reason: str) -> list[Suggestion]:
    """Ask the cart's model; products that it does not know yet are answered from live counts."""
    model = known.models.get("cart")
    fresh = [id for id in basket if model is None or id not in model.index]
    because: dict[str, str] = {}
    for id, companions in here.companions(fresh).items() if fresh else ():
        for other, _ in companions:
            if other not in basket:
                because.setdefault(other, id)
    found = list(because)
    if model is not None and len(fresh) < len(basket):
        learnt = model.recommend(basket, here.orders, ASKED, basket, fill=False)
        because |= model.because(learnt, basket)
        found += [id for id in learnt if id not in found]
    suggestions = [Suggestion(id, reason, because.get(id)) for id in found]
    known_ids = set(found) | set(basket)
    near = [id for id in _same_department(here, basket, known) if id not in known_ids]
    popular = [id for id in _popular(known) if id not in known_ids and id not in near]
    suggestions += [Suggestion(id, "department") for id in near]
    return suggestions + [Suggestion(id, "popular") for id in popular]


def _same_department(here: Situation, basket: Sequence[str], known: InUse) -> list[str]:
    items, by_category = known.catalogue.items, known.catalogue.by_category
    names = dict.fromkeys(name for id in basket if id in items for name in items[id].categories)
    if here.product is not None:  # which may be newer than what is known of the catalogue
        names |= dict.fromkeys(here.product.categories)
    found = [id for name in names for id in by_category.get(name, ())]
    return _by_sales(list(dict.fromkeys(found)), known)


def _popular(known: InUse) -> list[str]:
    """Return what sells best now; without a model, what is newest."""
    model = known.models.get("cart")
    if model is None:
        return list(known.catalogue.items)[: -ASKED - 1 : -1]
    return [model.items[number] for number in model.popular[:ASKED].tolist()]


def _liked(here: Situation, known: InUse, count: int) -> list[str]:
    model = known.models.get("new") or known.models.get("cart")
    return model.recommend((), here.orders, count, list(here.bought)) if model else []


def _by_sales(ids: list[str], known: InUse) -> list[str]:
    model = known.models.get("cart")
    if model is None:
        return ids[:ASKED]
    last = len(model.place)
    return sorted(ids, key=lambda id: model.place.get(id, last))[:ASKED]
