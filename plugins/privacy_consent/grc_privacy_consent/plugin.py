"""The plugin: its parts, put together."""

from datetime import timedelta
from typing import ClassVar

import grc_core as grc

from . import settings
from .asking import Asking
from .copying import COPY_KEPT
from .leaving import Leaving
from .models import Ask
from .models import Copy
from .models import Guardian
from .models import Holder
from .models import Model
from .models import Piece
from .parents import Parents
from .proving import Proving
from .restoring import Restoring
from .staff import Staffed
from .stating import Stating


class PrivacyConsent(Stating, Asking, Leaving, Parents, Proving, Restoring, Staffed):
    """Ask for consent and prove it, state what is kept of people, hand it out and erase it."""

    name, models, url = "privacy_consent", Model, "privacy"
    styles: ClassVar[tuple[str, ...]] = ("consent.css",)
    scripts: ClassVar[tuple[str, ...]] = ("consent.js",)

    class Settings(settings.Settings):
        """What the statement says of the shop, and what visitors are asked for."""

    @grc.hookimpl
    def personal_data(self) -> list[grc.Personal]:
        """Declare whose consent is whose; the ledger itself names nobody."""
        needed = grc.Purpose.NECESSARY
        held = ["subject", "consent_id", "purposes", "asked", "at", "channels"]
        why = "Proves what you agreed to, and makes your choice hold."
        asked = "Answers what you ask about your data, in time."
        year = timedelta(days=365)
        return [
            grc.Personal(Holder, held, "subject", needed, "law", why=why),
            grc.Personal(Guardian, held[:-1], "subject", needed, "law", why=why),
            grc.Personal(Ask, ["subject"], "subject", needed, "law", keep=year, why=asked,
                         erase="anonymise", since="asked_at"),
            grc.Personal(Copy, ["made_at"], "subject", needed, "law", keep=COPY_KEPT, why=asked,
                         since="made_at"),
            grc.Personal(Piece, [], "subject", needed, "law", keep=COPY_KEPT, why=asked),
        ]  # fmt: skip
