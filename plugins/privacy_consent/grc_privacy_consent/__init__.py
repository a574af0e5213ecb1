"""Ask for consent and prove it, state what is kept of people, hand it out and erase it."""

from .plugin import PrivacyConsent

__all__ = ["PrivacyConsent"]
