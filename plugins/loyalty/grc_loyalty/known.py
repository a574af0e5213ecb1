"""What is known of a customer, and around a cart, as values."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from .buyers import Past


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the ledger as its owner sees it."""

    kind: str
    reason: str
    points: int
    unit: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is put aside for a customer, until the end of a day of the shop's calendar."""

    id: int
    product_id: str
    quantity: int
    day: str
    why: str
    note: str


@dataclass(frozen=True, slots=True)
class Liking:
    """What a customer told the shop to remember; see `models.Preference`."""

    called: str = ""
    greeted: bool = True
    favourites: frozenset[str] = frozenset()
    mail: str = "all"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer's points and credit, what they bought, and what moved lately.

    `credit` is what may be spent of it, in minor units of the shop's currency.
    """

    balance: int = 0
    pending: int = 0
    debt: int = 0
    credit: int = 0
    past: Past = field(default_factory=Past)
    movements: Sequence[Movement] = ()
    asides: Sequence[Kept] = ()
    liking: Liking = field(default_factory=Liking)
    #: when they were last there, and on the visit before
    seen: datetime | None = None
    seen_before: datetime | None = None
    #: the code that they pass on to friends
    friend_code: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """A promotion that is on, but for what its version says."""

    version: int
    needs_code: bool
    limit_total: int | None
    limit_customer: int | None
    used: int


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to pay a cart with what they have."""

    customer_id: str
    points: bool
    credit: bool


@dataclass(frozen=True, slots=True)
class Around:
    """What bears on the price of a cart, besides the cart itself."""

    promotions: Mapping[str, Rules]
    person: Person
    #: how often the customer has used each promotion
    uses: Mapping[str, int]
    wish: Wish | None
    has_codes: bool
