"""Promotions as JSON: one schema for files of cases, the tables and the staff's form."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .promotions import Condition
from .promotions import Effect
from .promotions import Filter
from .promotions import InvalidPromotion
from .promotions import Promotion
from .promotions.rules import EVERYTHING

_Names = Mapping[str, tuple[str, Callable[[Any], Any]]]


def _names(value: Any) -> frozenset[str]:
    return frozenset([value] if isinstance(value, str) else map(str, value))


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidPromotion(f"{value!r} is not a whole number of minor units or pieces")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidPromotion(f"{value!r} is neither true nor false")
    return value


def _maybe(value: Any) -> int | None:
    return None if value is None else _whole(value)


def _pick(value: Any) -> str:
    """Return a rule for choosing pieces, as cases and forms word it."""
    words = str(value)
    if "expensive" in words or "dearest" in words:
        return "most_expensive_target_first"
    return "cheapest_first" if "cheapest" in words else words


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        raise InvalidPromotion(f"{value!r} is not a time such as 2026-12-24T18:00") from None


_FILTER: _Names = {
    "tags": ("tags", _names),
    "categories": ("tags", _names),
    "skus": ("skus", _names),
    "products": ("skus", _names),
    "not_tags": ("not_tags", _names),
    "price_min": ("price_min", _maybe),
    "price_max": ("price_max", _maybe),
}
_NAMED = ("tags", "products", "skus", "groups", "segments", "countries", "channels")
_CONDITION: _Names = {
    "amount_minor": ("least", _whole),
    "n": ("least", _whole),
    **dict.fromkeys(_NAMED, ("names", _names)),
}
_EFFECT: _Names = {
    "target": ("target", str),
    "percent": ("percent", str),
    "base_percent": ("percent", str),
    "amount_minor": ("amount", _whole),
    "base_amount_minor": ("amount", _whole),
    "cap_minor": ("cap", _maybe),
    **dict.fromkeys(("max_items", "max_units", "max_quantity"), ("most_pieces", _maybe)),
    "max_applications": ("most_times", _maybe),
    "group_size": ("group_size", _whole),
    "pick": ("pick", _pick),
    "sku": ("sku", str),
    "qty": ("pieces", _whole),
    "worth_minor": ("worth", _whole),
}
_PROMOTION: _Names = {
    "priority": ("priority", _whole),
    "lane": ("lane", _whole),
    "exclusive": ("exclusive", _flag),
    "groups": ("groups", _names),
    "combines_with": ("combines", _names),
    "code": ("code", lambda value: None if value is None else str(value)),
    "starts_at": ("starts_at", _time),
    "ends_at": ("ends_at", _time),
    "currency": ("currency", lambda value: None if value is None else str(value)),
    "skip_catalogue_discounted": ("skips_reduced", _flag),
}


def promotion_of(raw: Mapping[str, Any]) -> Promotion:
    """Return a promotion from JSON; raises InvalidPromotion and says what is wrong."""
    found = _mapped(raw, _PROMOTION, ("id", "effects", "conditions"), "promotion")
    return Promotion(
        id=str(raw.get("id", "")),
        effects=tuple(effect_of(item) for item in raw.get("effects", ())),
        conditions=tuple(condition_of(item) for item in raw.get("conditions", ())),
        **found,
    )


def effect_of(raw: Mapping[str, Any]) -> Effect:
    """Return one effect from JSON."""
    kind = str(raw.get("type", ""))
    found = _mapped(raw, _EFFECT, ("type", "filter", "tiers", "buy", "get"), "effect")
    if kind in ("gift", "free_shipping"):
        found.setdefault("target", "cart" if kind == "gift" else "shipping")
    buy, get = dict(raw.get("buy", {})), dict(raw.get("get", {}))
    if buy:
        found["buy_pieces"] = _whole(buy.pop("n", 1))
        found["buy"] = filter_of(buy)
    if get:
        found["get_pieces"] = _whole(get.pop("n", 1))
    tiers = tuple((_whole(start), str(value)) for start, value in raw.get("tiers", ()))
    return Effect(kind, filter=filter_of(get or raw.get("filter")), tiers=tiers, **found)


def condition_of(raw: Mapping[str, Any]) -> Condition:
    """Return one condition from JSON."""
    kind = {"segment_in": "customer_group_in"}.get(str(raw.get("type")), str(raw.get("type")))
    found = _mapped(raw, _CONDITION, ("type", "filter"), "condition")
    if kind == "nth_order":
        found["number"] = found.pop("least", 1)
    return Condition(kind, filter=filter_of(raw.get("filter")), **found)


def filter_of(raw: Mapping[str, Any] | None) -> Filter:
    """Return a filter from JSON; an empty one matches everything."""
    return Filter(**_mapped(raw, _FILTER, (), "filter")) if raw else EVERYTHING


def _mapped(raw: Any, names: _Names, others: Sequence[str], what: str) -> dict[str, Any]:
    """Return arguments for a value; an unknown key is an error, since ignoring it costs money."""
    if not isinstance(raw, Mapping):
        raise InvalidPromotion(f"a {what} is an object, not {raw!r:.60}")
    unknown = [key for key in raw if key not in names and key not in others]
    if unknown:
        raise InvalidPromotion(f"a {what} has no {unknown[0]!r}; known are {', '.join(names)}")
    found: dict[str, Any] = {}
    for key, value in raw.items():
        if key in names:
            name, convert = names[key]
            found[name] = found[name] | convert(value) if name in found else convert(value)
    return found
