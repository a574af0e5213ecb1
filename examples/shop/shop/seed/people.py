"""Customers: who they are, how faithful, and what they agreed to."""

from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from itertools import accumulate
from random import Random
from typing import Any

from ..models import PURPOSES
from ..spelling import fold
from .accounts import CLAIRE
from .accounts import SIMON
from .names import FIRST
from .names import LAST
from .names import PLACES
from .names import STREETS

SHELVES = (
    "sports-outdoor",
    "golf-clubs",
    "golf-videos",
    "books",
    "home",
    "kitchen",
    "garden",
    "gifts",
)
#: How far back the orders go.
PAST = timedelta(days=730)
_PLACE_KEYS = tuple(PLACES)
_PLACE_WEIGHTS = list(accumulate(weight for weight, _, _ in PLACES.values()))


@dataclass(frozen=True, slots=True)
class Person:
    """A customer's row with the habits that make the orders."""

    row: dict[str, Any]
    #: ``loyal regular once lapsed``
    habit: str
    #: How often this person orders, beside the others.
    weight: float
    shelves: tuple[str, ...]
    first: datetime
    last: datetime
    address: dict[str, str]


def crowd(chance: Random, now: datetime, size: int) -> list[Person]:
    """Return the customers; the first two are the demonstration accounts."""
    people = [_person(chance, now, number) for number in range(1, size + 1)]
    for account, habit, purposes in ((CLAIRE, "loyal", set(PURPOSES)), (SIMON, "regular", set())):
        number = 1 if account is CLAIRE else 2
        if size >= number:
            people[number - 1] = _known(people[number - 1], account, habit, purposes, now)
    return people


def address(chance: Random) -> tuple[str, dict[str, str]]:
    """Return a language and the ``ship_*`` values of an address, without a name."""
    key = chance.choices(_PLACE_KEYS, cum_weights=_PLACE_WEIGHTS)[0]
    _, french, cities = PLACES[key]
    locale = "fr" if chance.random() < french else "en"
    city, postcode = chance.choice(cities)
    if key[0] == "CA":
        letters = "ABCEGHJKLMNPRSTVWXYZ"
        postcode += f" {chance.randint(1, 9)}{chance.choice(letters)}{chance.randint(1, 9)}"
    street = chance.choice(STREETS[locale].split("|"))
    number = chance.randint(1, 2400)
    return locale, {
        "ship_line1": f"{number}, {street}" if locale == "fr" else f"{number} {street}",
        "ship_city": city,
        "ship_region": key[1],
        "ship_postcode": postcode,
        "ship_country": key[0],
    }


def name(chance: Random, locale: str) -> tuple[str, str]:
    """Return a first and a last name."""
    return chance.choice(FIRST[locale]), chance.choice(LAST[locale])


def email(first: str, last: str, number: int, domain: str = "example.com") -> str:
    """Return an address that reaches nobody."""
    return f"{fold(first)}.{fold(last)}{number}@{domain}".replace(" ", "")


def _person(chance: Random, now: datetime, number: int) -> Person:
    locale, home = address(chance)
    first_name, last_name = name(chance, locale)
    habit = chance.choices(("loyal", "regular", "once", "lapsed"), (20, 45, 20, 15))[0]
    created = now - PAST * chance.random() - timedelta(minutes=chance.randint(60, 9_000))
    if habit in ("loyal", "lapsed"):
        # They had the time to become faithful, or to go away.
        created = min(created, now - timedelta(days=chance.randint(300, 720)))
    row = {
        "id": number,
        "email": email(first_name, last_name, number),
        "email_verified": chance.random() < 0.8,
        "first_name": first_name,
        "last_name": last_name,
        "locale": locale,
        "birthday": _birthday(chance),
        "is_staff": False,
        "created_at": created,
        "updated_at": created,
        **_consents(chance, created, now),
    }
    first, last = _window(chance, habit, created, now)
    return Person(
        row,
        habit,
        {"loyal": 10.0, "regular": 1.7, "once": 0.5, "lapsed": 2.4}[habit]
        * chance.lognormvariate(0, 0.45),
        tuple(chance.sample(SHELVES, chance.choice((1, 2, 2, 3)))),
        first,
        last,
        {"ship_name": f"{first_name} {last_name}", **home},
    )


def _window(
    chance: Random, habit: str, created: datetime, now: datetime
) -> tuple[datetime, datetime]:
    first = max(created, now - PAST)
    if habit == "lapsed":
        gone = now - timedelta(days=chance.randint(200, 500))
        return first, max(gone, first + timedelta(days=30))
    if habit == "once":
        return first, min(now, first + timedelta(days=20))
    return first, now


def _consents(chance: Random, created: datetime, now: datetime) -> dict[str, Any]:
    luck = chance.random()
    if luck < 0.30:
        return {"consents": None, "consents_at": None}
    if luck < 0.45:
        purposes: frozenset[str] = frozenset()
    elif luck < 0.65:
        purposes = frozenset(PURPOSES)
    else:
        purposes = frozenset(chance.sample(PURPOSES, chance.randint(1, 3)))
    delay = timedelta(minutes=chance.choice((1, 2, 5, 60, 20_000, 200_000)))
    return {"consents": purposes, "consents_at": min(created + delay, now)}


def _birthday(chance: Random) -> date | None:
    if chance.random() < 0.6:
        return None
    return date(1940, 1, 1) + timedelta(days=chance.randint(0, 24_000))


def _known(person: Person, account: Any, habit: str, purposes: set[str], now: datetime) -> Person:
    created = now - timedelta(days=700)
    names = {"first_name": account.first_name, "last_name": account.last_name}
    row = {
        **person.row,
        **names,
        "email": account.email,
        "email_verified": True,
        "locale": account.locale,
        "created_at": created,
        "updated_at": created,
        "consents": frozenset(purposes),
        "consents_at": created + timedelta(minutes=3),
    }
    home = {
        "ship_name": f"{account.first_name} {account.last_name}",
        "ship_line1": "48, rue du Quai" if account.locale == "fr" else "48 Quay Street",
        "ship_city": "Québec" if account.locale == "fr" else "Ottawa",
        "ship_region": "QC" if account.locale == "fr" else "ON",
        "ship_postcode": "G1R 4S7" if account.locale == "fr" else "K1N 5T2",
        "ship_country": "CA",
    }
    shelves = ("golf-clubs", "golf-videos", "books")
    weight = 22.0 if habit == "loyal" else 8.0
    return Person(row, habit, weight, shelves, now - timedelta(days=695), now, home)
