"""Where the shop ships to."""

from functools import cache

from babel import Locale

from .locale import current
from .spelling import fold

COUNTRIES = ("CA", "US", "FR", "BE", "CH", "GB")

#: Province or territory -> (English, French).
PROVINCES = {
    "AB": ("Alberta", "Alberta"),
    "BC": ("British Columbia", "Colombie-Britannique"),
    "MB": ("Manitoba", "Manitoba"),
    "NB": ("New Brunswick", "Nouveau-Brunswick"),
    "NL": ("Newfoundland and Labrador", "Terre-Neuve-et-Labrador"),
    "NS": ("Nova Scotia", "Nouvelle-Écosse"),
    "NT": ("Northwest Territories", "Territoires du Nord-Ouest"),
    "NU": ("Nunavut", "Nunavut"),
    "ON": ("Ontario", "Ontario"),
    "PE": ("Prince Edward Island", "Île-du-Prince-Édouard"),
    "QC": ("Quebec", "Québec"),
    "SK": ("Saskatchewan", "Saskatchewan"),
    "YT": ("Yukon", "Yukon"),
}


#: Codes of the CLDR that are no country to send a parcel to.
_NO_COUNTRIES = frozenset(("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"))


@cache
def all_countries(language: str = "en") -> dict[str, str]:
    """Return every country's name by its code, in the order of the language's alphabet."""
    names = Locale.parse(language).territories
    found = [
        (fold(name), code, name)
        for code, name in names.items()
        if code.isalpha() and len(code) == 2 and code not in _NO_COUNTRIES
    ]
    return {code: name for _, code, name in sorted(found)}


def country_choices() -> dict[str, str]:
    """Return every country's name by its code, in the page's language."""
    return all_countries(current())


def country_name(code: str) -> str:
    """Return a country's name in the page's language."""
    return Locale.parse(current()).territories.get(code, code)


def region_name(code: str) -> str:
    """Return a province's name in the page's language; other regions stay as typed."""
    names = PROVINCES.get(code)
    return names[current() == "fr"] if names else code
