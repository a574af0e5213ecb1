"""What people put together: favourites, seasons, complements, and what comes after."""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from random import Random

from ..cart import Item
from .catalogue import Article

SEASONS = {
    12: "winter", 1: "winter", 2: "winter",
    3: "spring", 4: "spring", 5: "spring",
    6: "summer", 7: "summer", 8: "summer",
    9: "autumn", 10: "autumn", 11: "autumn",
}  # fmt: skip
#: How much of a year's trade falls into each month: gifts in December, gardens in May.
MONTHS = (0.7, 0.7, 0.9, 1.1, 1.4, 1.2, 1.0, 0.9, 0.8, 0.9, 1.4, 2.0)


class Baskets:
    """Fill baskets; remembers what each customer bought to let one thing lead to the next."""

    def __init__(self, chance: Random, articles: Sequence[Article]) -> None:
        self.chance = chance
        self.articles = articles
        self.by_slug = {article.product.slug: article for article in articles}
        self.bought: dict[int, list[Article]] = {}
        self._weights: dict[tuple[int, int, str], tuple[list[Article], list[float]]] = {}

    def fill(self, user_id: int | None, shelves: Sequence[str], when: datetime) -> list[Item]:
        """Return the items of one order."""
        main = self._lead(user_id, when) or self._pick(shelves, when)
        chosen = [main, *self._complements(main, when)]
        if self.chance.random() < 0.3:
            chosen.append(self._pick(shelves, when))
        unique = {article.product.id: article for article in chosen}
        if user_id is not None:
            self.bought.setdefault(user_id, []).extend(unique.values())
        return [Item(article.product, self._quantity(article)) for article in unique.values()]

    def _lead(self, user_id: int | None, when: datetime) -> Article | None:
        """Return something that follows from earlier orders: the next volume, the same syrup."""
        past = self.bought.get(user_id or 0)
        if not past or self.chance.random() > 0.5:
            return None
        before = self.chance.choice(past[-8:])
        if before.demand > 2 and self.chance.random() < 0.7:
            return before
        owned = {article.product.id for article in past}
        ahead = [self.by_slug[slug] for slug in before.goes_with]
        fresh = [a for a in ahead if a.product.id not in owned and a.product.created_at < when]
        return self.chance.choice(fresh) if fresh else None

    def _complements(self, main: Article, when: datetime) -> list[Article]:
        taken = []
        for rank, slug in enumerate(main.goes_with):
            article = self.by_slug[slug]
            likely = (0.38, 0.22, 0.14)[min(rank, 2)]
            if self.chance.random() < likely and article.product.created_at < when:
                taken.append(article)
        return taken

    def _pick(self, shelves: Sequence[str], when: datetime) -> Article:
        favourite = shelves and self.chance.random() < 0.72
        shelf = self.chance.choice(shelves) if favourite else ""
        articles, weights = self._season(when, shelf)
        return self.chance.choices(articles, cum_weights=weights)[0]

    def _season(self, when: datetime, shelf: str) -> tuple[list[Article], list[float]]:
        key = (when.year, when.month, shelf)
        if key not in self._weights:
            month = when.replace(day=1, hour=0, minute=0, second=0)
            known = [
                article
                for article in self.articles
                if article.product.created_at < month and article.shelf == (shelf or article.shelf)
            ]
            season = SEASONS[when.month]
            self._weights[key] = known, list(accumulate(_pull(a, season) for a in known))
        return self._weights[key]

    def _quantity(self, article: Article) -> int:
        if article.product.price > 6_000 or self.chance.random() < 0.75:
            return 1
        return self.chance.choice((2, 2, 2, 3, 4))


def _pull(article: Article, season: str) -> float:
    """Return how strongly a thing sells in a season."""
    if article.season is None:
        return article.demand
    return article.demand * (3.0 if article.season == season else 0.35)
