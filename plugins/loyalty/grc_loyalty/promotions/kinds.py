"""The kinds of effects and conditions there are, and how an effect of each kind works."""

from collections.abc import Mapping

TARGETS = ("order", "matching_lines", "each_unit", "shipping", "group", "units", "cart")
PICKS = ("cheapest_first", "most_expensive_target_first")

_AMOUNTS = ("order", "matching_lines", "shipping")
#: The targets that each kind of effect may have; gifts and free shipping need none.
EFFECTS: Mapping[str, tuple[str, ...]] = {
    "percent": (*_AMOUNTS, "each_unit"),
    "fixed": (*_AMOUNTS, "each_unit"),
    "tiered_percent": (*_AMOUNTS, "each_unit"),
    "tiered_fixed": _AMOUNTS,
    "free_shipping": TARGETS,
    "cheapest_free": ("group",),
    "buy_x_get_y_free": ("units",),
    "gift": TARGETS,
}
CONDITIONS = ("subtotal_at_least", "quantity_at_least", "contains_any_tag", "contains_all_tags",
              "contains_any_product", "nth_order", "customer_group_in", "country_in",
              "channel_in")  # fmt: skip

#: How an effect works: on no line at all; one amount divided over lines; so much off every piece;
#: so much off chosen pieces. The last two go by what a piece costs, the second by what lines cost.
GIFT, SHIPPING, POOL, EACH, CHOSEN = "gift", "shipping", "pool", "each", "chosen"


def style_of(kind: str, target: str, most_pieces: int | None) -> str:
    """Return how an effect of a kind works."""
    if kind == "gift":
        return GIFT
    if kind == "free_shipping" or target == "shipping":
        return SHIPPING
    if target in ("group", "units"):
        return CHOSEN
    if most_pieces is not None and (kind == "percent" or target == "each_unit"):
        return CHOSEN
    return EACH if target == "each_unit" else POOL
