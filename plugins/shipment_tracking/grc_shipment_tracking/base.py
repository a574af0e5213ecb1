"""What every part of the plugin shares: its name, its settings, its keys and its carriers."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta

from flask import current_app
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate

import grc_core as grc

from .accounts import SETTING
from .linktemplates import BadTemplate
from .linktemplates import checked
from .models import Model
from .models import Parcel
from .showing import View
from .states import FINAL
from .table import Table
from .table import extended_by
from .table import table
from .tokens import token

#: The app's setting for a TOML file with further carriers.
TABLE = "SHIPMENT_TRACKING_TABLE"
#: The mails there are, by what they tell.
STEPS = ("shipped", "out_for_delivery", "delivered", "delayed", "corrected")


#: A parcel that never arrives is shown for so long after its last news.
_NEVER_ARRIVED = timedelta(days=180)
_OWN_KEY = secrets.token_hex()


def _is_template(text: str) -> None:
    try:
        checked(text)
    except BadTemplate as error:
        raise ValidationError(str(error)) from None


class Base(grc.Plugin):
    """Follow parcels from the number to the door."""

    name, models, url = "shipment_tracking", Model, "track"
    requires = ("orders",)
    styles = ("shipment_tracking.css",)
    config = (SETTING, TABLE)

    class Settings(grc.Plugin.Settings):
        """What a shop may change."""

        mails = fields.List(
            fields.Str(validate=validate.OneOf(STEPS)),
            load_default=lambda: list(STEPS),
            metadata={"description": "Steps that the customer is written to about"},
        )
        ship_from = fields.Str(
            load_default="CA",
            validate=validate.Regexp(r"[A-Z]{2}\Z"),
            metadata={"description": "Country that parcels leave from"},
        )
        ships_to = fields.List(
            fields.Str(validate=validate.Regexp(r"[A-Z]{2}\Z")),
            load_default=list,
            metadata={"description": "Countries that parcels go to; none named: nothing is said"},
        )
        delivery_days = fields.Str(
            load_default="",
            validate=validate.Regexp(r"([0-9]{1,2}-[0-9]{1,2})?\Z"),
            metadata={"description": "Business days to the door, such as 2-5"},
        )
        page_days = fields.Int(
            load_default=90,
            validate=validate.Range(7, 365),
            metadata={"description": "Days after the delivery for which a parcel’s page is shown"},
        )
        links = fields.Dict(
            keys=fields.Str(),
            values=fields.Str(validate=_is_template),
            load_default=dict,
            metadata={"description": "Own links by carrier or carrier.language, with {number}"},
        )

    @property
    def table(self) -> Table:
        """Return the carriers that are known, with those of the shop's own TOML file."""
        own = current_app.config.get(TABLE)
        return extended_by(str(own)) if own else table()

    def token(self, id: int) -> str:
        """Return the token of a parcel's page."""
        return token(id, self.keys)

    def view(self, locale: str) -> View:
        """Return how parcels are shown in a language."""
        return View(self.table, self.settings.links, locale, self.settings.ship_from)

    def names(self, products: Sequence[str]) -> dict[str, str]:
        """Return the names of products, in one question to the shop."""
        if not products:
            return {}
        return {id: one.name for id, one in self.grc.shop.products(products).items()}

    def is_over(self, parcel: Parcel) -> bool:
        """Tell whether a parcel's page shows nothing any more: its news are too old."""
        keep = timedelta(days=self.settings.page_days)
        limit = keep if parcel.state in FINAL else max(keep, _NEVER_ARRIVED)
        now: datetime = self.grc.now()
        return now - parcel.changed_at > limit

    @property
    def keys(self) -> list[str | bytes]:
        """Return the keys of tokens: the app's secret, and those it had before.

        Without one, a key of this process alone: its tokens last as long as it does.
        """
        fallbacks = current_app.config.get("SECRET_KEY_FALLBACKS") or ()
        return [key for key in (current_app.secret_key, *fallbacks) if key] or [_OWN_KEY]
