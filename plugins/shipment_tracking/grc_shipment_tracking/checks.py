"""Check digits: the rules that tie the last character of a number to the others."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import cycle

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def mod10(serial: str, weights: Sequence[int]) -> str:
    """Return what rounds the weighted sum up to a multiple of ten.

    A letter counts as UPS and GS1 have it: A is 2, B is 3, and after 9 comes 0.
    """
    values = (int(char) if char.isdigit() else (ord(char) - 3) % 10 for char in serial)
    total = sum(value * weight for value, weight in zip(values, cycle(weights), strict=False))
    return str(-total % 10)


def mod11_10(serial: str, weights: Sequence[int]) -> str:
    """Return the last digit of the weighted sum modulo eleven, as FedEx has it."""
    total = sum(int(char) * weight for char, weight in zip(serial, cycle(weights), strict=False))
    return str(total % 11 % 10)


def mod7(serial: str, weights: Sequence[int] = ()) -> str:
    """Return the remainder of the number divided by seven."""
    return str(int(serial) % 7)


def luhn(serial: str, weights: Sequence[int] = ()) -> str:
    """Return the check digit of ISO/IEC 7812-1, annex B."""
    doubled = (2 * int(char) for char in serial[::-2])
    single = (int(char) for char in serial[-2::-2])
    return str(-(sum(sum(divmod(value, 10)) for value in doubled) + sum(single)) % 10)


def s10(serial: str, weights: Sequence[int] = ()) -> str:
    """Return the check digit of the UPU standard S10."""
    total = sum(int(c) * weight for c, weight in zip(serial, _S10_WEIGHTS, strict=True))
    rest = 11 - total % 11
    return {10: "0", 11: "5"}.get(rest, str(rest))


def mod37_36(serial: str, weights: Sequence[int] = ()) -> str:
    """Return the check character of ISO/IEC 7064, mod 37,36."""
    product = 36
    for char in serial:
        product = (product + _ALPHABET.index(char)) % 36 or 36
        product = product * 2 % 37
    return _ALPHABET[(37 - product) % 36]


#: Every rule that a carrier table may name.
RULES: Mapping[str, Callable[[str, Sequence[int]], str]] = {
    rule.__name__: rule for rule in (mod10, mod11_10, mod7, luhn, s10, mod37_36)
}
