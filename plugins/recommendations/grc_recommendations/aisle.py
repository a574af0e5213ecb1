"""Cards on one page: stock asked once for all widgets, nothing twice, nothing from the cart."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass

from grc_core import Money
from grc_core import Product

from .in_use import InUse
from .rules import Decision
from .strategies import Situation
from .strategies import Suggestion

#: Candidates of each widget; what is sold out or shown already is passed over.
OFFERED = 12
#: Of each widget, so many more than it shows are asked for at first.
SPARE = 2
#: Reasons that say more than that the shop chose it.
LEARNT = frozenset({"bought_together", "goes_with"})
#: Widgets that begin with what merchants offer and pin.
LED = frozenset({"bought_together", "complete_cart", "after_search"})


@dataclass(frozen=True, slots=True)
class Card:
    """A product to show, with its reason."""

    product: Product
    suggestion: Suggestion
    #: the product that the reason speaks of
    because: Product | None
    #: the rule that offers it at a reduction, if one does
    offer: Decision | None = None
    #: per cent of reduction, once it is certain that the shop grants it
    reduction: int = 0
    #: by how much it would be cheaper, where the shop's price of the line says that
    less: Money | None = None

    @property
    def now(self) -> Money | None:
        """Return the reduced price."""
        price, less = self.product.price, self.less
        if less is None or not 0 < less.amount <= price.amount:
            return None
        return Money(price.amount - less.amount, price.currency)

    @property
    def is_learnt(self) -> bool:
        """Tell whether orders or a merchant say that it belongs here."""
        return self.offer is not None or self.suggestion.reason in (*LEARNT, "chosen")


class Aisle:
    """The suggestions for one page."""

    def __init__(
        self,
        here: Situation,
        known: InUse,
        strategies: Mapping[str, Callable[[Situation, InUse], list[Suggestion]]],
        products: Callable[[list[str]], dict[str, Product]],
        segments: Iterable[str] = (),
        counts: Mapping[str, int] | None = None,
    ) -> None:
        self.here = here
        self.known = known
        at_hand = dict.fromkeys((*here.cart, *([here.product.id] if here.product else ())))
        items = known.catalogue.items
        categories = {id: items[id].categories if id in items else () for id in at_hand}
        if here.product is not None:
            categories[here.product.id] = tuple(here.product.categories)
        self.rules = known.rules.holding(here.now.month, frozenset(segments), categories)
        self._parcels = known.catalogue.parcels(at_hand)
        self._suggested = {
            name: self._arranged(strategy(here, known), name in LED)
            for name, strategy in strategies.items()
        }
        self._shown: set[str] = set(at_hand)
        self._ask = products
        self._products: dict[str, Product | None] = {}
        if here.product is not None:
            self._products[here.product.id] = here.product
        self._fetch(self._first(counts or {}))

    def cards(self, name: str, count: int) -> list[Card]:
        """Return up to `count` cards for a widget, of products that can be had now."""
        found = []
        for suggestion in self._suggested.get(name, ()):
            if suggestion.id in self._shown:
                continue
            product = self._product(suggestion.id)
            if product is None or not obtainable(product):
                continue
            self._shown.add(suggestion.id)
            because = self._products.get(suggestion.because or "")
            found.append(Card(product, suggestion, because, self._offer(product)))
            if len(found) == count:
                break
        return found

    def _arranged(self, suggestions: list[Suggestion], led: bool) -> list[Suggestion]:
        """Apply the merchant's rules: offers and pins first, exclusions out, boosts in between."""
        by_id = {item.id: item for item in reversed(suggestions)}
        first = []
        about = self.here.product.id if self.here.product else None
        if led:
            for rule in (*self.rules.of("offer"), *self.rules.of("pin")):
                for id in self._named(rule.then.products, rule.then.categories):
                    known = by_id.get(id)
                    learnt = known is not None and known.reason in LEARNT
                    first.append(known if known and learnt else Suggestion(id, "chosen", about))
        order = list(dict.fromkeys([item.id for item in first] + list(_ids(suggestions))))
        by_id |= {item.id: item for item in first}
        pinned = {item.id for item in first}
        allowed = self.rules.arrange(order, self.known.catalogue, self._parcels)
        return [by_id[id] for id in sorted(allowed, key=lambda id: id not in pinned)][:OFFERED]

    def _named(self, products: Iterable[str], categories: Iterable[str]) -> list[str]:
        by_category = self.known.catalogue.by_category
        model = self.known.models.get("cart")
        place = model.place if model is not None else {}
        inside = [id for name in sorted(categories) for id in by_category.get(name, ())]
        inside.sort(key=lambda id: place.get(id, len(place)))
        return [*sorted(products), *inside][:OFFERED]

    def _product(self, id: str) -> Product | None:
        """Return a product as the shop has it now; once the first are used up, ask for the rest."""
        if id not in self._products:
            self._fetch(self._first(dict.fromkeys(self._suggested, OFFERED)))
        return self._products.get(id)

    def _first(self, counts: Mapping[str, int]) -> dict[str, None]:
        """Return what all widgets of the page will probably show, with what their reasons name."""
        wanted, taken = dict[str, None](), set(self._shown)
        for name, suggestions in self._suggested.items():
            count = counts.get(name, OFFERED)
            left = [item for item in suggestions if item.id not in taken][: count + SPARE]
            taken.update(item.id for item in left)
            wanted |= dict.fromkeys(item.id for item in left)
            wanted |= dict.fromkeys(item.because for item in left if item.because)
        return wanted

    def _fetch(self, ids: Iterable[str]) -> None:
        missing = [id for id in ids if id not in self._products]
        if missing:
            found = self._ask(missing)
            self._products |= {id: found.get(id) for id in missing}

    def _offer(self, product: Product) -> Decision | None:
        found = [
            rule
            for rule in self.rules.of("offer")
            if rule.then.holds(product.id, product.categories)
        ]
        return max(found, key=lambda rule: rule.strength, default=None)


def obtainable(product: Product) -> bool:
    """Tell whether a product can be bought now; a shop that does not count says available."""
    return product.available


def _ids(suggestions: Iterable[Suggestion]) -> Iterable[str]:
    return (item.id for item in suggestions)
