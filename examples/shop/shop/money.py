"""Money is counted in cents and only becomes text here."""

from decimal import ROUND_HALF_UP
from decimal import Decimal

from babel.numbers import format_currency
from babel.numbers import format_decimal

from .locale import current
from .locale import regional


def money(cents: int) -> str:
    """Return an amount as the page's language writes it: $12.50 or 12,50 $."""
    return format_currency(Decimal(cents) / 100, "CAD", locale=regional())


def percent(rate: Decimal) -> str:
    """Return a rate such as 9.975% or 9,975 % in the page's language."""
    number = format_decimal(rate, format="0.###", locale=regional())
    return f"{number}\N{NO-BREAK SPACE}%" if current() == "fr" else f"{number}%"


def share(cents: int, percentage: Decimal) -> int:
    """Return a percentage of an amount, in cents, halves rounded up."""
    exact = Decimal(cents) * percentage / 100
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_cents(amount: Decimal) -> int:
    """Convert dollars that a person typed to cents."""
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
