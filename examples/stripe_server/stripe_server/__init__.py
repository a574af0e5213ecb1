"""A local Stripe: the part of its API that a shop with one-off payments uses, in memory."""

from .server import LocalStripe

__all__ = ["LocalStripe"]
