"""The tables: promotions and their codes, holds, points, and what was bought.

`__not_personal__` names columns that are about nobody once the customer's id is gone: amounts,
times, ids of orders and carts, keyed hashes, and the shop's own staff in `made_by`.
"""

from .asides import Aside
from .asides import Promised
from .base import Model
from .coupons import Attempt
from .coupons import CartCode
from .coupons import Code
from .coupons import Hold
from .coupons import Promotion
from .coupons import Slot
from .coupons import Wording
from .customers import Grant
from .customers import Preference
from .customers import Purchase
from .customers import Seen
from .points import Account
from .points import CartPoints
from .points import Entry
from .points import Lot
from .points import Spent

__all__ = [
    "Account",
    "Aside",
    "Attempt",
    "CartCode",
    "CartPoints",
    "Code",
    "Entry",
    "Grant",
    "Hold",
    "Lot",
    "Model",
    "Preference",
    "Promised",
    "Promotion",
    "Purchase",
    "Seen",
    "Slot",
    "Spent",
    "Wording",
]
