"""A knowledge base that learns from every question."""

from .plugin import FAQ

__all__ = ["FAQ"]
