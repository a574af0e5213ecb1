"""`flask grc`: what a shop's developer runs; every command is imported when it is used."""

from .group import make_group

__all__ = ["make_group"]
