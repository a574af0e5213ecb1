"""What people asked of the shop: returns, quotes for made-to-measure goods, messages."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from random import Random
from typing import Any

from ..returns import REASONS
from ..returns import WINDOW
from ..stores import taking_returns
from .catalogue import Article
from .people import Person
from .write import Rows

QUOTES = 24
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_WISHES = {
    "en": ("In oiled oak, please.", "For a sloping wall; the left side is 4 cm shorter.", ""),
    "fr": ("En chêne huilé, s'il vous plaît.", "Pour un mur en pente; 4 cm de moins à gauche.", ""),
}
_MESSAGES = (
    ("product", "en", "Does the canoe fit on a small car's roof rack?"),
    ("delivery", "fr", "Livrez-vous aux Îles-de-la-Madeleine en hiver?"),
    ("order", "en", "Could you leave the parcel with my neighbour at number 14?"),
    ("other", "fr", "Merci pour l'emballage sans plastique, tout est arrivé entier."),
)


def returned(chance: Random, now: datetime, past: Rows) -> Rows:
    """Return the requests behind the returned orders, and some that are still under way."""
    lines: dict[int, list[dict[str, Any]]] = {}
    for line in past["order_line"]:
        lines.setdefault(line["order_id"], []).append(line)
    refunds = {row["order_id"]: row for row in past["refund"] if row["reason"] == "returned"}
    arrived = {row["order_id"]: row["delivered_at"] for row in past["shipment"]}
    requests: list[dict[str, Any]] = []
    pieces: list[dict[str, Any]] = []
    for order in past["order"]:
        request = _return(chance, now, order, arrived.get(order["id"]), refunds)
        if request is None:
            continue
        request["id"] = len(requests) + 1
        requests.append(request)
        back = lines[order["id"]] if request["state"] == "received" else lines[order["id"]][:1]
        pieces += [
            {"request_id": request["id"], "order_line_id": line["id"], "quantity": line["quantity"]}
            for line in back
        ]
    return {"return_request": requests, "return_line": pieces}


def _return(
    chance: Random,
    now: datetime,
    order: Mapping[str, Any],
    arrived: datetime | None,
    refunds: Mapping[int, Mapping[str, Any]],
) -> dict[str, Any] | None:
    if order["state"] == "returned" and arrived is not None:
        refund = refunds[order["id"]]
        received = refund["created_at"]
        asked = arrived + (received - arrived) * 0.2
        decided = arrived + (received - arrived) * 0.4
        ended = {"decided_at": decided, "received_at": received, "refunded": refund["amount"]}
        return _request(chance, order, asked, "received", **ended)
    if order["state"] != "delivered" or arrived is None or order["refunded"]:
        return None
    asked = arrived + timedelta(days=2, hours=chance.randint(0, 9))
    if asked > now or now - arrived > WINDOW or chance.random() > 0.1:
        return None
    decided = asked + timedelta(hours=20)
    state = "requested" if decided > now else chance.choice(("requested", "accepted", "refused"))
    later = {} if state == "requested" else {"decided_at": decided}
    return _request(chance, order, asked, state, **later)


def _request(
    chance: Random, order: Mapping[str, Any], asked: datetime, state: str, **more: Any
) -> dict[str, Any]:
    store = chance.choice(taking_returns()).key if chance.random() < 0.3 else ""
    return {
        "order_id": order["id"],
        "state": state,
        "reason": chance.choice(REASONS),
        "way": "store" if store else "parcel",
        "store": store,
        "created_at": asked,
        "decided_at": None,
        "received_at": None,
        "refunded": 0,
        **more,
    }


def quotes(
    chance: Random, now: datetime, crowd: Sequence[Person], articles: Sequence[Article]
) -> list[dict[str, Any]]:
    """Return requests for made-to-measure goods of the last half year, oldest first."""
    products = [article.product for article in articles if article.made_to_measure]
    days = sorted((180 * chance.random() ** 3 for _ in range(QUOTES if crowd else 0)), reverse=True)
    return [
        _quote(chance, now, number, now - timedelta(days=age), chance.choice(crowd).row, products)
        for number, age in enumerate(days, 1)
    ]


def _quote(
    chance: Random,
    now: datetime,
    number: int,
    asked: datetime,
    person: Mapping[str, Any],
    products: Sequence[Any],
) -> dict[str, Any]:
    product = chance.choice(products)
    row = {
        "id": number,
        "public_id": "".join(chance.choices(_ALPHABET, k=24)),
        "product_id": product.id,
        "user_id": person["id"],
        "email": person["email"],
        "locale": person["locale"],
        "width": chance.randint(20, 300) * 10,
        "height": chance.randint(20, 300) * 10,
        "depth": chance.choice((None, 250, 400)),
        "quantity": chance.choice((1, 1, 1, 2, 4)),
        "message": chance.choice(_WISHES[person["locale"]]),
        "created_at": asked,
    }
    return {**row, **_quote_answer(chance, now, row, product.price)}


def _quote_answer(
    chance: Random, now: datetime, row: Mapping[str, Any], price: int
) -> dict[str, Any]:
    answered = row["created_at"] + timedelta(hours=chance.randint(4, 60))
    luck, larger = chance.random(), chance.randint(110, 260)
    nothing = {"state": "open", "price": None, "valid_until": None, "answered_at": None}
    if answered > now:
        return nothing
    if luck < 0.1:
        return {**nothing, "state": "declined", "answered_at": answered}
    return {
        "state": "answered",
        # Whole dollars, as a workshop rounds.
        "price": price * larger * row["quantity"] // 10_000 * 100,
        "valid_until": (answered + timedelta(days=30)).date(),
        "answered_at": answered,
    }


def messages(chance: Random, now: datetime, crowd: Sequence[Person]) -> Iterator[dict[str, Any]]:
    """Yield a few messages of the contact page, the first one handled."""
    for number, (subject, locale, text) in enumerate(_MESSAGES if crowd else (), 1):
        person = chance.choice(crowd).row
        asked = now - timedelta(days=2 * (len(_MESSAGES) - number), hours=chance.randint(1, 20))
        yield {
            "id": number,
            "user_id": person["id"],
            "subject": subject,
            "name": f"{person['first_name']} {person['last_name']}",
            "email": person["email"],
            "message": text,
            "locale": locale,
            "created_at": asked,
            "handled_at": min(now, asked + timedelta(hours=5)) if number == 1 else None,
        }
