"""Amounts as Stripe counts them, and as we do: minor digits differ for a few currencies.

Source: Stripe's page on currencies, its lists of zero- and three-decimal ones and its special
cases. ISK and UGX have no minor unit and are counted in hundredths there; MGA the other way.
"""

from ...currencies import EXPONENTS
from ...errors import ConversionError
from ...values import Money

#: Minor digits at Stripe where they are not those of ISO 4217.
_DIGITS = {"ISK": 2, "UGX": 2, "MGA": 0}
#: With three minor digits, the last one has to be 0.
_THREE = 3


def from_stripe(amount: int, currency: str) -> Money:
    """Return an amount of Stripe's API; raises ConversionError for a currency nobody knows."""
    code = currency.upper()
    whole, rest = divmod(amount * _power(EXPONENTS.get(code, 0)), _power(_digits(code)))
    if rest:
        raise ConversionError(f"{amount} is no whole number of {code}")
    return Money(whole, code)


def to_stripe(money: Money) -> int:
    """Return an amount for Stripe's API; raises ConversionError where it cannot be charged."""
    digits = _digits(money.currency)
    amount, rest = divmod(money.amount * _power(digits), _power(EXPONENTS[money.currency]))
    if rest or (digits == _THREE and amount % 10):
        raise ConversionError(f"Stripe takes no {money}: its last digit would be lost")
    return amount


def _power(digits: int) -> int:
    return int(10**digits)


def _digits(code: str) -> int:
    return _DIGITS.get(code, EXPONENTS.get(code, 0))
