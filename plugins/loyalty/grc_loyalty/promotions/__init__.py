"""The promotion engine: what a cart costs, to the last minor unit, and why.

`evaluate(cart, promotions, customer, now, policy)` reads and writes nothing.
"""

from .cart import Cart
from .cart import Customer
from .cart import Line
from .decision import Decision
from .decision import Fate
from .decision import PricedLine
from .errors import InvalidCart
from .errors import InvalidPromotion
from .evaluate import evaluate
from .policy import Policy
from .rules import Condition
from .rules import Effect
from .rules import Filter
from .rules import Promotion

__all__ = [
    "Cart",
    "Condition",
    "Customer",
    "Decision",
    "Effect",
    "Fate",
    "Filter",
    "InvalidCart",
    "InvalidPromotion",
    "Line",
    "Policy",
    "PricedLine",
    "Promotion",
    "evaluate",
]
