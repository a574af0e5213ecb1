"""A made-up past for the shop: the same numbers give the same customers and orders.

Nobody in it exists: common first names and surnames are combined by chance, and the addresses
use the reserved domains example.com and example.org.
"""

from collections.abc import Callable
from collections.abc import Iterable
from datetime import datetime
from random import Random

from sqlalchemy import select

from ..extensions import db
from ..models import Product
from . import accounts
from . import catalogue
from . import orders as history
from . import people
from . import requests
from .write import Rows
from .write import write

#: Shows how far a long list has come: (things, label, how many) -> the same things.
Progress = Callable[[Iterable[history.Made], str, int], Iterable[history.Made]]


def filled() -> bool:
    """Tell whether the shop has products already."""
    return db.session.scalar(select(Product.id).limit(1)) is not None


def fill(*, now: datetime, customers: int, orders: int, seed: int, progress: Progress) -> Rows:
    """Write catalogue, customers and orders of the 24 months before ``now``; return the rows."""
    shelves, products = catalogue.load(now)
    crowd = people.crowd(Random(f"{seed}/people"), now, customers)
    made = progress(
        history.make(Random(f"{seed}/orders"), now, crowd, products, orders), "Orders", orders
    )
    rows = history.rows(made)
    rows["category"] = shelves
    rows["product"] = catalogue.stocked(products, rows["order_line"], now, Random(f"{seed}/stock"))
    rows["user"] = [*(person.row for person in crowd), accounts.staff_row(now, customers + 1)]
    rows |= requests.returned(Random(f"{seed}/returns"), now, rows)
    rows["quote_request"] = requests.quotes(Random(f"{seed}/quotes"), now, crowd, products)
    rows["contact_message"] = list(requests.messages(Random(f"{seed}/messages"), now, crowd))
    accounts.set_passwords(rows["user"])
    write(rows)
    return rows
