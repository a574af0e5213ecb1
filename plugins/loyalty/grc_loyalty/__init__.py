"""Coupons, points, tiers and greetings."""
