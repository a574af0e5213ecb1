"""Who is under fourteen is not profiled and gets no offers, unless a parent agreed."""

from datetime import date
from datetime import datetime

from grc_core import Customer
from grc_core import Purpose

#: The age from which people decide for themselves (Quebec, Law 25).
OF_AGE = 14
#: A shop says in `Customer.attributes` that a parent agreed.
PARENT = "parent_agreed"
#: What a child does not decide alone.
FOR_ADULTS = Purpose.PERSONALISATION | Purpose.ANALYTICS | Purpose.MARKETING


def is_child(customer: Customer | None, now: datetime) -> bool:
    """Tell whether somebody declared an age under fourteen."""
    born = customer.birthday if customer else None
    return born is not None and _years(born, now.date()) < OF_AGE


def allowed_at(
    agreed: Purpose, customer: Customer | None, now: datetime, parent: Purpose = Purpose.NECESSARY
) -> Purpose:
    """Return what of a choice may count, by age; `parent` is what a parent agreed to."""
    if customer is None or not is_child(customer, now) or customer.attributes.get(PARENT) is True:
        return agreed
    return agreed & ~(FOR_ADULTS & ~parent)


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
