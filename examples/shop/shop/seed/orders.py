"""Two years of orders: when, by whom, what, and how they ended."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from random import Random
from typing import Any

from ..pricing import Quote
from ..pricing import quote
from ..shipping import Delivery
from ..shipping import offers
from . import people
from .baskets import MONTHS
from .baskets import Baskets
from .catalogue import Article
from .endings import Ending
from .endings import ending
from .people import Person
from .write import Rows

GUESTS = 0.12
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Made:
    """A made-up order with everything that hangs on it."""

    row: dict[str, Any]
    quote: Quote
    ending: Ending


def make(
    chance: Random,
    now: datetime,
    crowd: Sequence[Person],
    articles: Sequence[Article],
    count: int,
) -> Iterator[Made]:
    """Yield the orders from the oldest to the newest."""
    baskets = Baskets(chance, articles)
    for number, (placed_at, person) in enumerate(_moments(chance, now, crowd, count), 1):
        yield _order(chance, now, number, placed_at, person, baskets)


def rows(made: Iterable[Made]) -> Rows:
    """Return the rows of orders, lines, taxes, shipments and refunds."""
    found: Rows = {name: [] for name in ("order", "order_line", "order_tax", "shipment", "refund")}
    for one in made:
        order_id = one.row["id"]
        french = one.row["locale"] == "fr"
        found["order"].append(one.row)
        first = len(found["order_line"]) + 1
        found["order_line"] += [
            {
                "id": number,
                "order_id": order_id,
                "product_id": line.product.id,
                "name": line.product.name_fr if french else line.product.name_en,
                "quantity": line.quantity,
                "unit_price": line.product.price,
                "tax": line.tax,
            }
            for number, line in enumerate(one.quote.lines, first)
        ]
        found["order_tax"] += [
            {"order_id": order_id, "name": tax.name, "percent": tax.percent, "amount": tax.amount}
            for tax in one.quote.taxes
        ]
        for name, row in (("shipment", one.ending.shipment), ("refund", one.ending.refund)):
            if row:
                found[name].append({"order_id": order_id, **row})
    return found


def _moments(
    chance: Random, now: datetime, crowd: Sequence[Person], count: int
) -> list[tuple[datetime, Person | None]]:
    """Return when each order was placed and by whom (None: a guest), oldest first."""
    weights = list(accumulate(person.weight for person in crowd))
    found: list[tuple[datetime, Person | None]] = []
    for _ in range(count):
        if chance.random() < GUESTS or not crowd:
            found.append((_moment(chance, now - people.PAST, now), None))
        else:
            person = chance.choices(crowd, cum_weights=weights)[0]
            found.append((_moment(chance, person.first, person.last), person))
    return sorted(found, key=lambda pair: pair[0])


def _moment(chance: Random, first: datetime, last: datetime) -> datetime:
    """Return a moment, likelier in the busy months; never after ``last``."""
    busiest = max(MONTHS)
    while True:
        when = first + (last - first) * chance.random()
        if chance.random() * busiest < MONTHS[when.month - 1]:
            return when.replace(microsecond=0)


def _order(
    chance: Random,
    now: datetime,
    number: int,
    placed_at: datetime,
    person: Person | None,
    baskets: Baskets,
) -> Made:
    customer = _customer(chance, number, person)
    items = baskets.fill(customer["user_id"], person.shelves if person else (), placed_at)
    region, country = customer["ship_region"], customer["ship_country"]
    choices = offers(
        country,
        region,
        items=sum(item.quantity for item in items),
        subtotal=sum(item.total for item in items),
    )
    delivery = _delivery(chance, choices)
    price = quote(items, country, region, delivery)
    method = chance.choices(("card", "cheque", "purchase_order"), (92, 4, 4))[0]
    end = ending(chance, now, placed_at, price.total, method, delivery)
    row = {
        "id": number,
        "public_id": "".join(chance.choices(_ALPHABET, k=24)),
        "state": end.state,
        "placed_at": placed_at,
        "updated_at": end.updated_at,
        "currency": "CAD",
        "subtotal": price.subtotal,
        "shipping_price": price.shipping,
        "tax_total": price.tax_total,
        "total": price.total,
        "refunded": end.refund["amount"] if end.refund else 0,
        "shipping_method": delivery.method.key,
        "payment_method": method,
        "payment_reference": _reference(chance, method),
        **customer,
    }
    return Made(row, price, end)


def _customer(chance: Random, number: int, person: Person | None) -> dict[str, Any]:
    if person is not None:
        row = person.row
        known = {"user_id": row["id"], "email": row["email"], "locale": row["locale"]}
        return {**known, **person.address}
    locale, home = people.address(chance)
    first, last = people.name(chance, locale)
    email = people.email(first, last, number, "example.org")
    return {
        "user_id": None,
        "email": email,
        "locale": locale,
        "ship_name": f"{first} {last}",
        **home,
    }


def _delivery(chance: Random, choices: Sequence[Delivery]) -> Delivery:
    """Most people take the cheapest service."""
    return chance.choices(choices, [0.5**rank for rank in range(len(choices))])[0]


def _reference(chance: Random, method: str) -> str:
    if method == "card":
        return f"test_{chance.getrandbits(64):016x} •4242"
    return f"PO-{chance.randint(1000, 9999)}" if method == "purchase_order" else ""
