"""What all of the core's tables share."""

from sqlalchemy import BigInteger
from sqlalchemy import Integer

from .base import Model

#: SQLite counts only plain INTEGER keys up by itself.
BigKey = BigInteger().with_variant(Integer(), "sqlite")


class CoreModel(Model, plugin="core"):
    """Base of the core's tables."""
