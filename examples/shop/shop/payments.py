"""The seam where a payment provider plugs in.

The shop asks a `CardGateway` for four things and never keeps a card number: *authorise* before
the order is written, *capture* once it is, *void* when it could not be, *refund* when money goes
back. Set the application's ``CARD_GATEWAY`` to an object with these methods to use a real provider.
"""

import secrets
from dataclasses import dataclass
from dataclasses import field
from typing import Protocol

from flask import current_app

from .clock import now

#: A number of the usual test series that the demonstration gateway declines.
DECLINED_TEST_NUMBER = "4000000000000002"


class CardDeclined(Exception):
    """The bank said no."""


class RefundFailed(Exception):
    """The provider did not pay back."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card as typed; its ``repr`` does not show the number."""

    number: str = field(repr=False)
    month: int
    year: int
    code: str = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", "".join(filter(str.isdigit, self.number)))

    @property
    def last4(self) -> str:
        """Return the part that may be shown and stored."""
        return self.number[-4:]

    @property
    def expired(self) -> bool:
        """Tell whether the card's last month is over."""
        today = now()
        return (self.year, self.month) < (today.year, today.month)


class CardGateway(Protocol):
    """What the shop needs of a payment provider; amounts are cents of Canadian dollars."""

    def authorise(self, amount: int, card: Card) -> str:
        """Reserve the amount and return a reference; raise `CardDeclined` if refused."""

    def capture(self, reference: str) -> None:
        """Take what was reserved."""

    def void(self, reference: str) -> None:
        """Give back what was reserved and not taken."""

    def refund(self, reference: str, amount: int, key: str) -> None:
        """Pay back part of what was taken, or raise `RefundFailed`.

        A second call with the same key moves no more money: the shop repeats a refund when it
        could not write down the first one.
        """


class TestGateway:
    """Approve any valid card but one; nothing leaves this machine."""

    __test__ = False

    def authorise(self, amount: int, card: Card) -> str:
        """Check the card the way a bank would at the least."""
        if amount < 0 or not luhn(card.number) or card.expired:
            raise CardDeclined("invalid card")
        if card.number == DECLINED_TEST_NUMBER:
            raise CardDeclined("declined by the bank")
        return f"test_{secrets.token_hex(8)}"

    def capture(self, reference: str) -> None:
        """Do nothing: no money moves."""

    def void(self, reference: str) -> None:
        """Do nothing: no money moves."""

    def refund(self, reference: str, amount: int, key: str) -> None:
        """Do nothing: no money moves."""


def gateway() -> CardGateway:
    """Return the application's gateway."""
    found: CardGateway = current_app.config["CARD_GATEWAY"]
    return found


def luhn(number: str) -> bool:
    """Check a card number's length and its last digit (ISO/IEC 7812-1, annex B)."""
    if not number.isdigit() or not 12 <= len(number) <= 19:
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
