"""Read the catalogue's TOML files and make shelves and products of them."""

import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from importlib.resources import files
from random import Random
from typing import Any

from ..models import Category
from ..models import Product
from ..search import searchable

_COLUMNS = [column.name for column in Product.__table__.columns]


@dataclass(frozen=True, slots=True)
class Article:
    """A product with what only the made-up past needs to know."""

    product: Product
    shelf: str
    #: Slugs of what people buy with it or after it.
    goes_with: tuple[str, ...]
    #: ``spring summer autumn winter`` or None for all year.
    season: str | None
    demand: float
    made_to_measure: bool
    #: Is sold out today and may be ordered for so many weeks later.
    backorder_weeks: int | None


def load(now: datetime) -> tuple[list[dict[str, Any]], list[Article]]:
    """Return the category rows and the articles, in the order of the files."""
    folder = files("shop") / "catalogue"
    shelves = tomllib.loads((folder / "categories.toml").read_text("utf-8"))["category"]
    rows: list[dict[str, Any]] = []
    articles: list[Article] = []
    for position, shelf in enumerate(shelves, 1):
        row = _shelf_row(shelf, position)
        rows.append(row)
        goods = tomllib.loads((folder / f"{shelf['slug']}.toml").read_text("utf-8"))["product"]
        category = Category(**row)
        for number, entry in enumerate(goods, 1):
            sku = f"{shelf['sku']}-{number:03d}"
            articles.append(_article(entry, category, sku, len(articles) + 1, now))
    return rows, articles


def stocked(
    articles: Sequence[Article], lines: Sequence[dict[str, Any]], now: datetime, chance: Random
) -> list[dict[str, Any]]:
    """Return the product rows with what was sold and what is left on the shelf."""
    sold: Counter[int] = Counter()
    for line in lines:
        sold[line["product_id"]] += line["quantity"]
    rows = []
    for article in articles:
        product = article.product
        product.sold = sold[product.id]
        product.stock = _on_the_shelf(product, chance)
        product.made_to_measure = article.made_to_measure
        product.backorder = article.backorder_weeks is not None
        if article.backorder_weeks is not None:
            product.stock = 0
            product.expected_on = (now + timedelta(weeks=article.backorder_weeks)).date()
        rows.append({name: getattr(product, name) for name in _COLUMNS})
    return rows


def _on_the_shelf(product: Product, chance: Random) -> int:
    luck = chance.random()
    if luck < 0.03:
        return 0
    if luck < 0.10:
        return chance.randint(1, 5)
    return chance.randint(8, 40) if product.price > 20_000 else chance.randint(20, 160)


def _shelf_row(shelf: dict[str, Any], position: int) -> dict[str, Any]:
    return {
        "id": position,
        "slug": shelf["slug"],
        "position": position,
        "name_en": shelf["name"][0],
        "name_fr": shelf["name"][1],
        "text_en": shelf["text"][0],
        "text_fr": shelf["text"][1],
        "tax_class": shelf.get("tax_class", "standard"),
    }


def _article(
    entry: dict[str, Any], category: Category, sku: str, number: int, now: datetime
) -> Article:
    (name_en, text_en), (name_fr, text_fr) = entry["en"], entry["fr"]
    chance = Random(f"created/{entry['slug']}")
    # Most of the range is older than the history; one in ten arrived during it.
    days = chance.randint(6, 300) if chance.random() < 0.1 else chance.randint(760, 1200)
    product = Product(
        id=number,
        slug=entry["slug"],
        sku=sku,
        category_id=category.id,
        category=category,
        brand=entry["brand"],
        name_en=name_en,
        name_fr=name_fr,
        description_en=text_en,
        description_fr=text_fr,
        price=entry["price"],
        cost=entry["cost"],
        active=True,
        picture=entry["picture"],
        search_text=searchable(
            name_en, name_fr, entry["brand"], category.name_en, category.name_fr, text_en, text_fr
        ),
        created_at=now - timedelta(days=days),
    )
    return Article(
        product,
        category.slug,
        tuple(entry.get("with", ())),
        entry.get("season"),
        # Dear things sell less often, whatever else speaks for them.
        entry.get("demand", 1) * (5_000 / (2_000 + entry["price"])),
        entry.get("made_to_measure", False),
        entry.get("backorder_weeks"),
    )
