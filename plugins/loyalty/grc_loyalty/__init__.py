"""Coupons, promotions, points, tiers and greetings, with exact money."""

from .plugin import Loyalty

__all__ = ["Loyalty"]
