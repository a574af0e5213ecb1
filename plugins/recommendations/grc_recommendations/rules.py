"""What merchants decide: pins, exclusions, boosts, sets, and offers on what goes together."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from .catalogue import Catalogue
from .catalogue import Item
from .tables import Rule

#: What a rule may do.
ACTIONS = ("offer", "pin", "exclude", "boost", "margin", "overstock", "parcel", "set")
#: How staff read them.
READ_AS = (
    "Offer at a reduction",
    "Show first",
    "Never show",
    "Lift",
    "Lift by margin",
    "Lift by overstock",
    "Lift what travels in the same parcel",
    "A set",
)
BOOSTS = ("boost", "margin", "overstock", "parcel")
_CATEGORY, _PRODUCT = "category:", "product:"


@dataclass(frozen=True, slots=True)
class Choice:
    """Products and categories that a rule names."""

    products: frozenset[str]
    categories: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str]) -> "Choice":
        """Read `category:golf-clubs` and `product:12`; a bare name is a product."""
        found = list(names)
        categories = (name.removeprefix(_CATEGORY) for name in found if name.startswith(_CATEGORY))
        products = (name.removeprefix(_PRODUCT) for name in found if not name.startswith(_CATEGORY))
        return cls(frozenset(products), frozenset(categories))

    def __bool__(self) -> bool:
        return bool(self.products or self.categories)

    def holds(self, id: str, categories: Collection[str]) -> bool:
        """Tell whether a product is meant."""
        return id in self.products or not self.categories.isdisjoint(categories)


@dataclass(frozen=True, slots=True)
class Decision:
    """A rule as it is applied; a value, so that it outlives the session it was read in."""

    id: int
    name: str
    action: str
    when: Choice
    then: Choice
    strength: int
    segment: str
    months: tuple[int, ...]

    @classmethod
    def of(cls, row: Rule) -> "Decision":
        """Read a stored rule."""
        return cls(
            row.id,
            row.name,
            row.action,
            Choice.of(row.when),
            Choice.of(row.then),
            row.strength,
            row.segment,
            tuple(row.months or ()),
        )

    @property
    def key(self) -> str:
        """Return what its offers are called."""
        return f"recommendations-{self.id}"

    def applies(
        self,
        month: int,
        segments: Collection[str],
        at_hand: Mapping[str, Collection[str]],
    ) -> bool:
        """Tell whether it holds now, for this person, with these products at hand."""
        if self.months and month not in self.months:
            return False
        if self.segment and self.segment not in segments:
            return False
        return not self.when or any(
            self.when.holds(id, categories) for id, categories in at_hand.items()
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules that are switched on."""

    decisions: tuple[Decision, ...]

    @property
    def segmented(self) -> bool:
        """Tell whether any rule depends on who somebody is."""
        return any(decision.segment for decision in self.decisions)

    def holding(
        self, month: int, segments: Collection[str], at_hand: Mapping[str, Collection[str]]
    ) -> "Rules":
        """Return those that hold now."""
        kept = (item for item in self.decisions if item.applies(month, segments, at_hand))
        return Rules(tuple(kept))

    def of(self, action: str) -> list[Decision]:
        """Return the rules with one action."""
        return [decision for decision in self.decisions if decision.action == action]

    def arrange(
        self, ranking: Sequence[str], catalogue: Catalogue, parcels: Collection[str] = ()
    ) -> list[str]:
        """Return a ranking with exclusions taken out and boosts applied.

        A boost of 100 makes a product count as if it stood at half its place. Margin counts by
        its share of the price, overstock by years of stock, two at most, parcel where a product
        travels in one of the `parcels` of what is at hand.
        """
        excluded = self.of("exclude")
        boosts = [item for item in self.decisions if item.action in BOOSTS]
        scored = []
        for place, id in enumerate(ranking):
            known = catalogue.items.get(id)
            categories = known.categories if known else ()
            if any(item.then.holds(id, categories) for item in excluded):
                continue
            weight = 1.0
            for item in boosts:
                if not item.then or item.then.holds(id, categories):
                    weight += item.strength / 100 * _share(item.action, known, parcels)
            scored.append((-weight / (place + 1), place, id))
        return [id for _, _, id in sorted(scored)]


def _share(action: str, known: Item | None, parcels: Collection[str]) -> float:
    """Return how much of a boost's strength a product gets."""
    if action == "boost":
        return 1.0
    if known is None:
        return 0.0
    if action == "margin":
        return known.margin or 0.0
    if action == "overstock":
        return min((known.days or 0.0) / 365.0, 2.0)
    return 1.0 if known.parcel in parcels else 0.0
