"""What the parts of the plugin share: keys, settings and the price of the cart at hand."""

from collections.abc import Collection
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import current_app
from flask import has_request_context

import grc_core as grc

from . import codes
from .models import Model
from .options import Options
from .pricing import Asked
from .pricing import Priced
from .pricing import Terms
from .pricing import price

#: Of a list of codes that a shop hands over, the first ones count.
MOST_CODES = 8


class Base(grc.Plugin):
    """The part of the plugin that every other part stands on."""

    name, models = "loyalty", Model
    Settings = Options

    def terms(self) -> Terms:
        """Return the settings that a price depends on."""
        values = self.settings
        return Terms(
            values.zone,
            values.floor_at_cost,
            values.usual_shipping,
            values.point_worth,
            tuple((str(name), int(least)) for name, least in values.tiers),
        )

    def keys(self) -> list[str | bytes]:
        """Return the secrets that codes are hashed with, the present one first."""
        config = current_app.config
        fallbacks: Sequence[str | bytes] = config.get("SECRET_KEY_FALLBACKS") or ()
        return [key for key in (config.get("SECRET_KEY"), *fallbacks) if key]

    def points_last(self) -> timedelta:
        """Return how long points last."""
        return timedelta(days=self.settings.points_last_days)

    def locale(self) -> str:
        """Return the language of the page at hand, else the shop's first."""
        if has_request_context():
            return str(self.page.locale)
        return str(self.grc.shop.shop.locales[0])

    def priced(
        self,
        cart: grc.Cart,
        customer_id: str | None,
        typed: Sequence[str] = (),
        offers: Sequence[grc.Offer] = (),
        own: Collection[str] = (),
    ) -> tuple[Asked, Priced] | None:
        """Price a cart; None for an empty one. What the orders `own` hold counts as free."""
        if not cart.lines:
            return None
        ids = list(dict.fromkeys(line.product_id for line in cart.lines))
        products: dict[str, grc.Product] = self.grc.shop.products(ids)
        digests: list[str] = []
        if typed:
            keys = self.keys()
            digests = [d for code in list(typed)[:MOST_CODES] for d in codes.digests(code, keys)]
        asked = Asked(cart, customer_id, products, offers, digests, self.grc.now(), own)
        return asked, price(self.session, asked, self.terms())

    def hints(self) -> bool:
        """Tell whether promotions may be pointed out to who is looking."""
        customer = self.page.customer if has_request_context() else None
        if customer is None:
            return True
        contact: Any = self.grc.contacts.of(grc.Subject("customer", customer.id))
        return contact is None or not self.grc.contacts.is_suppressed(contact)
