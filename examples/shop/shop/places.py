"""Where the shop ships to."""

from babel import Locale

from .locale import current

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


def country_name(code: str) -> str:
    """Return a country's name in the page's language."""
    return Locale.parse(current()).territories.get(code, code)


def region_name(code: str) -> str:
    """Return a province's name in the page's language; other regions stay as typed."""
    names = PROVINCES.get(code)
    return names[current() == "fr"] if names else code
