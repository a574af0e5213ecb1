"""What goes together, as one expression that DuckDB, Spark and other engines compute alike."""

from importlib import import_module
from typing import Any


def neighbours(
    lines: Any,
    width: int,
    least: int = 1,
    size: float = 1.0,
    asked: float = 0.6,
    offered: float = 0.2,
) -> Any:
    """Return `item, other, orders, score, place`: each product's `width` strongest neighbours.

    `lines` is a table of ibis, `order_id, item`, each once; so is what returns. The score is that
    of `models.pairs.together`; pairs that fewer than `least` orders hold are left out. Needs the
    extra `portable`.
    """
    ibis: Any = import_module("ibis")
    sizes = lines.group_by("order_id").agg(lines_of=lines.count())
    weighed = lines.join(sizes, "order_id").mutate(
        weight=1.0 / ibis._.lines_of.cast("double") ** size
    )
    sold = lines.group_by("item").agg(sold=lines.count().cast("double"))
    left = weighed.select("order_id", "item", "weight")
    right = lines.select("order_id", other=lines.item)
    pairs = (
        left.join(right, "order_id")
        .filter(ibis._.item != ibis._.other)
        .group_by("item", "other")
        .agg(orders=ibis._.count(), weight=ibis._.weight.sum())
        .filter(ibis._.orders >= least)
    )
    scored = (
        pairs.join(sold, "item")
        .join(sold.select(other=sold.item, other_sold=sold.sold), "other")
        .mutate(score=ibis._.weight / (ibis._.sold**asked * ibis._.other_sold**offered))
    )
    strongest = ibis.window(group_by=scored.item, order_by=[ibis.desc(scored.score), scored.other])
    placed = scored.mutate(place=ibis.row_number().over(strongest) + 1)
    return placed.filter(placed.place <= width).select("item", "other", "orders", "score", "place")
