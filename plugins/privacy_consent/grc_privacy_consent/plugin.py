"""The plugin: its parts, put together."""

from typing import ClassVar

import grc_core as grc

from . import settings
from .mailing import Mailing
from .models import Holder
from .models import Model
from .proving import Proving
from .stating import Stating


class PrivacyConsent(Stating, Mailing, Proving):
    """Ask for consent and prove it, state what is kept of people, hand it out and erase it."""

    name, models, url = "privacy_consent", Model, "privacy"
    styles: ClassVar[tuple[str, ...]] = ("consent.css",)
    scripts: ClassVar[tuple[str, ...]] = ("consent.js",)

    class Settings(settings.Settings):
        """What the statement says of the shop, and what visitors are asked for."""

    @grc.hookimpl
    def personal_data(self) -> list[grc.Personal]:
        """Declare whose consent is whose; the ledger itself names nobody."""
        why = "Proves what you agreed to, and makes your choice hold."
        fields = ["subject", "consent_id", "purposes", "asked", "channels"]
        return [grc.Personal(Holder, fields, "subject", grc.Purpose.NECESSARY, "law", why=why)]
