"""Percentages of whole minor units: integers in, integers out, never a float."""

from decimal import Decimal
from decimal import InvalidOperation
from functools import lru_cache

#: How a fraction of a minor unit becomes a whole one.
MODES = ("half_up", "half_down", "half_even", "down", "up")

#: A percentage as an exact fraction of one: 12.5 % is (1, 8).
Ratio = tuple[int, int]
#: Exponents beyond this are no percentage, and would cost memory without end.
_MOST_DIGITS = 30


def ratio_of(percent: object) -> Ratio:
    """Return a percentage as an exact fraction; raises ValueError for what is no number."""
    if isinstance(percent, str):
        return _ratio_of_text(percent)
    if isinstance(percent, bool) or not isinstance(percent, int | float | Decimal):
        raise ValueError(f"{percent!r} is not a percentage")
    return _ratio_of_text(str(percent))


@lru_cache(maxsize=1024)
def _ratio_of_text(text: str) -> Ratio:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError(f"{text!r:.40} is not a percentage")
    numerator, denominator = (number / 100).as_integer_ratio()
    return numerator, denominator


def part(amount: int, ratio: Ratio, mode: str = "half_up") -> int:
    """Return a fraction of a non-negative amount, rounded to whole minor units."""
    numerator, denominator = ratio
    exact = amount * numerator
    if mode == "half_up":
        return (2 * exact + denominator) // (2 * denominator)
    if mode == "down":
        return exact // denominator
    if mode == "up":
        return -(-exact // denominator)
    whole, rest = divmod(exact, denominator)
    if 2 * rest == denominator:
        return whole + (whole & 1 if mode == "half_even" else 0)
    return whole + (2 * rest > denominator)
