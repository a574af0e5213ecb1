"""Carriers: what each service costs, where it goes and how many business days it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from .clock import add_business_days

CARRIERS = {"canada_post": _l("Canada Post"), "purolator": "Purolator", "fedex": "FedEx"}

_TRACKING_PAGES = {
    "canada_post": "https://www.canadapost-postescanada.ca/track-reperage/en#/details/{}",
    "purolator": "https://www.purolator.com/en/shipping/tracker?pin={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
}

#: Orders of this much (in cents, before tax) travel free with the regular service in Canada.
FREE_FROM = 9_900


@dataclass(frozen=True, slots=True)
class Rate:
    """What one zone pays (cents, packing included) and waits (business days)."""

    price: int
    per_extra_item: int
    days: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Method:
    """A carrier's service."""

    key: str
    carrier: str
    name: LazyString
    rates: Mapping[str, Rate]
    free: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """A method as offered for one cart: its price in cents and its delay."""

    method: Method
    price: int
    days: tuple[int, int]

    def window(self, start: date) -> tuple[date, date]:
        """Return the first and last likely day of arrival."""
        first, last = self.days
        return add_business_days(start, first), add_business_days(start, last)


def _zones(
    near: tuple[int, int, int, int],
    canada: tuple[int, int, int, int],
    north: tuple[int, int, int, int] | None = None,
    us: tuple[int, int, int, int] | None = None,
    world: tuple[int, int, int, int] | None = None,
) -> Mapping[str, Rate]:
    given = {"near": near, "canada": canada, "north": north, "us": us, "world": world}
    return {
        zone: Rate(rate[0], rate[1], (rate[2], rate[3])) for zone, rate in given.items() if rate
    }


#: Each zone: price, price per further item, first and last day.
METHODS = (
    Method(
        "canada_post_expedited",
        "canada_post",
        _l("Canada Post Expedited"),
        _zones((995, 100, 2, 4), (1395, 150, 4, 7), (2295, 300, 6, 10), (1995, 250, 5, 9)),
        free=True,
    ),
    Method(
        "canada_post_xpresspost",
        "canada_post",
        _l("Canada Post Xpresspost"),
        _zones(
            (1695, 150, 1, 2),
            (2195, 250, 2, 3),
            (3895, 450, 3, 5),
            (3295, 400, 3, 5),
            (5995, 800, 4, 7),
        ),
    ),
    Method(
        "purolator_ground",
        "purolator",
        _l("Purolator Ground"),
        _zones((1195, 125, 1, 3), (1695, 200, 3, 6)),
    ),
    Method(
        "purolator_express",
        "purolator",
        _l("Purolator Express"),
        _zones((2295, 200, 1, 1), (2995, 300, 1, 2), (5495, 600, 2, 4)),
    ),
    Method(
        "fedex_economy",
        "fedex",
        _l("FedEx Economy"),
        _zones(
            (1295, 125, 2, 3),
            (1795, 200, 3, 5),
            us=(2495, 300, 3, 5),
            world=(5295, 700, 5, 8),
        ),
    ),
    Method(
        "fedex_priority",
        "fedex",
        _l("FedEx Priority"),
        _zones((2595, 250, 1, 1), (3395, 350, 1, 2), us=(4995, 500, 1, 3), world=(8495, 900, 2, 4)),
    ),
)
BY_KEY = {method.key: method for method in METHODS}


def zone(country: str, region: str) -> str:
    """Return the tariff zone of a destination."""
    if country != "CA":
        return "us" if country == "US" else "world"
    if region in ("YT", "NT", "NU"):
        return "north"
    return "near" if region in ("QC", "ON") else "canada"


def offers(country: str, region: str, *, items: int, subtotal: int) -> list[Delivery]:
    """Return the services that go to a destination, cheapest first."""
    place = zone(country, region)
    found = [
        Delivery(method, _price(method, place, items, subtotal), method.rates[place].days)
        for method in METHODS
        if place in method.rates
    ]
    return sorted(found, key=lambda delivery: (delivery.price, delivery.days))


def _price(method: Method, place: str, items: int, subtotal: int) -> int:
    if method.free and subtotal >= FREE_FROM and place in ("near", "canada"):
        return 0
    rate = method.rates[place]
    return rate.price + rate.per_extra_item * max(0, items - 1)


def tracking_page(carrier: str, number: str) -> str | None:
    """Return the carrier's public page for a parcel."""
    pattern = _TRACKING_PAGES.get(carrier)
    return pattern.format(number) if pattern else None
