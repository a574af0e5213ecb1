"""Sales taxes in Canada by province and territory.

Sources: Canada Revenue Agency, "Charge and collect the GST/HST: Which rate to charge" (Nova
Scotia at 14 % since April 1, 2025) and guide GI-065 on the point-of-sale rebate for books;
Revenu Québec, "Basic rules for applying the GST/HST and QST" and "Books"; British Columbia
bulletin PST 200; Manitoba bulletin 030; Saskatchewan bulletin PST-5.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .money import share


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax with its percentage on goods, and the smaller one on printed books."""

    name: str
    percent: Decimal
    book_percent: Decimal

    def on(self, cents: int, tax_class: str) -> int:
        """Return the tax on an amount, in cents."""
        return share(cents, self.book_percent if tax_class == "book" else self.percent)


def _tax(name: str, percent: str, book_percent: str = "0") -> Tax:
    return Tax(name, Decimal(percent), Decimal(book_percent))


GST = _tax("GST", "5", "5")
#: Books get the provincial part of the HST back at the till: 5 % remains.
HST_13 = _tax("HST", "13", "5")
HST_14 = _tax("HST", "14", "5")
HST_15 = _tax("HST", "15", "5")

BY_REGION: Mapping[str, tuple[Tax, ...]] = {
    "AB": (GST,),
    "BC": (GST, _tax("PST", "7")),
    "MB": (GST, _tax("PST", "7")),
    "NB": (HST_15,),
    "NL": (HST_15,),
    "NS": (HST_14,),
    "NT": (GST,),
    "NU": (GST,),
    "ON": (HST_13,),
    "PE": (HST_15,),
    "QC": (GST, _tax("QST", "9.975")),
    "SK": (GST, _tax("PST", "6")),
    "YT": (GST,),
}


def taxes_for(country: str, region: str) -> tuple[Tax, ...]:
    """Return the taxes of a destination; what leaves Canada is zero-rated."""
    return BY_REGION[region] if country == "CA" else ()


def amounts(taxes: Sequence[Tax], cents: int, tax_class: str) -> tuple[int, ...]:
    """Return each tax on an amount, in the order of the taxes, each rounded by itself."""
    return tuple(tax.on(cents, tax_class) for tax in taxes)
