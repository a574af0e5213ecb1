"""Plain words for the names of columns, so that a statement speaks of data and not of tables."""

from collections.abc import Callable
from collections.abc import Sequence

_WORDS = {
    "e-mail address": ("email", "address", "sender"),
    "name": ("name",),
    "language": ("locale",),
    "purchases and amounts": ("order_id", "orders", "revenue", "refunded", "margin", "total",
                              "currency", "amount", "products", "product_id"),
    "points": ("balance", "pending", "debt", "source", "earned", "remaining", "clawed"),
    "country and region": ("country", "region"),
    "what was shown": ("widget", "arm"),
    "keys of campaigns": ("key",),
    "times": ("at", "since", "until", "placed_at", "occurred_at", "created_at", "finished_at",
              "changed_at", "unsubscribed_at", "undone_at", "first_order_at", "last_order_at",
              "last_contact_at", "asked_at", "made_at", "first_at"),
    "days of visits": ("day", "visits"),
    "content of messages": ("text", "html", "summary", "data", "payload", "raw"),
    "who it is about": ("subject", "who", "value", "customer_id", "visitor_id", "consent_id"),
    "what you agreed to": ("purposes", "asked", "channels"),
    "state and kind": ("state", "kind", "type", "channel", "action", "verified", "contacts"),
    "reasons": ("reason",),
    "words of names and addresses": ("word",),
    "keywords of the staff": ("tag",),
    "who of the staff": ("operator", "owner"),
    "what was changed": ("before", "after"),
}  # fmt: skip
_BY_NAME = {name: words for words, names in _WORDS.items() for name in names}


def spoken(
    fields: Sequence[str], say: Callable[[str], str], own: Callable[[str], str] = str
) -> str:
    """Return columns in words, each once; others as their plugin says them in its translations.

    A name for which nobody has words is left out: the reason that stands beside it says more.
    """
    found: list[str] = []
    for name in fields:
        plain = name.replace("_", " ")
        said = say(_BY_NAME[name]) if name in _BY_NAME else own(plain)
        found += [said] if name in _BY_NAME or said != plain else []
    return ", ".join(dict.fromkeys(found))
