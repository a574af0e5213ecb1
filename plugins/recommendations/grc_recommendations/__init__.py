"""Products that go with the cart, the page and the person, learnt from the shop's own orders."""

from .plugin import Recommendations

__all__ = ["Recommendations"]
