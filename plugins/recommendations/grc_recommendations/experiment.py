"""Who sees recommendations: a stable draw, so that somebody stays in the same arm."""

from hashlib import blake2b

SHOWN, HOLDOUT, UNKNOWN = "shown", "holdout", "unknown"


def arm_of(person: str | None, holdout: int, salt: str = "1") -> str:
    """Return the arm of a person; `holdout` per cent of those who are known see nothing.

    Who is not known cannot be held to one arm, sees the widgets, and is not compared.
    """
    if not person:
        return UNKNOWN
    draw = int.from_bytes(blake2b(f"{salt}:{person}".encode(), digest_size=4).digest(), "big")
    return HOLDOUT if draw % 100 < holdout else SHOWN
