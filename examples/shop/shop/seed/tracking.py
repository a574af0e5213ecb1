"""Numbers in the carriers' formats, check digits included, of parcels that never were."""

from random import Random


def number(chance: Random, carrier: str) -> str:
    """Return a tracking number: Canada Post 16 digits, Purolator and FedEx Express 12."""
    if carrier == "canada_post":
        digits = [*(int(d) for d in "7035114"), *_digits(chance, 8)]
        total = sum(digit * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
        return _join(digits, -total % 10)
    if carrier == "purolator":
        digits = [3, *_digits(chance, 10)]
        return _join(digits, _luhn_digit(digits))
    digits = [7, *_digits(chance, 10)]
    weights = (3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)
    total = sum(digit * weight for digit, weight in zip(digits, weights, strict=True))
    return _join(digits, total % 11 % 10)


def _luhn_digit(digits: list[int]) -> int:
    total = sum(
        sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit
        for place, digit in enumerate(reversed(digits))
    )
    return -total % 10


def _digits(chance: Random, count: int) -> list[int]:
    return [chance.randint(0, 9) for _ in range(count)]


def _join(digits: list[int], check: int) -> str:
    return "".join(map(str, digits)) + str(check)
