"""Amounts of money as staff types them."""

from decimal import Decimal
from typing import Any

from marshmallow import fields
from marshmallow import validate

import grc_core as grc

#: Nobody is given more money at once.
_MOST = 1_000_000


def field(label: str, description: str = "", least: str = "0.001") -> fields.Decimal:
    """Return a form's field for an amount in whole units of the shop's currency."""
    return fields.Decimal(
        required=True,
        allow_nan=False,
        validate=validate.Range(Decimal(least), Decimal(_MOST)),
        metadata={"label": label, "description": description},
    )


def minor(value: Decimal, currency: str) -> int | None:
    """Return minor units; None for an amount that is finer than the currency, or nothing."""
    found = grc.Money.of(value, currency)
    return found.amount if found.amount and found.decimal == value else None


def read(form: Any, name: str, currency: str) -> int | None:
    """Return what a form says in minor units; None, and the form says why, where it is none."""
    amount = minor(form.data[name], currency)
    if amount is None:
        form.refuse("The currency has no such amount.", name)
    return amount
