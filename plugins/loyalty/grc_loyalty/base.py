"""What the parts of the plugin share: keys, settings and the price of the cart at hand."""

from collections.abc import Collection
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from urllib.parse import urlsplit

from flask import current_app
from flask import has_request_context
from flask import redirect
from flask import request
from werkzeug.wrappers import Response

import grc_core as grc

from . import codes
from .facts import around
from .facts import person_of
from .known import Around
from .known import Person
from .models import Model
from .options import Options
from .perks import Perks
from .pricing import Asked
from .pricing import Priced
from .pricing import Terms
from .pricing import price
from .shelf import Shelf

#: Of a list of codes that a shop hands over, the first ones count.
MOST_CODES = 8


class Base(grc.Plugin):
    """The part of the plugin that every other part stands on."""

    name, models = "loyalty", Model
    Settings = Options

    def terms(self) -> Terms:
        """Return the settings that a price depends on, put together once for a page."""
        kept = _kept()
        if "terms" not in kept:
            kept["terms"] = self._terms()
        terms: Terms = kept["terms"]
        return terms

    def _terms(self) -> Terms:
        values = self.settings
        return Terms(
            values.zone,
            values.floor_at_cost,
            values.usual_shipping,
            values.point_worth,
            self.grc.shop.shop.currency,
            tuple((str(name), int(least)) for name, least in values.tiers),
            Perks(
                values.tiers_by == "points",
                values.free_shipping_from,
                values.early_access_from,
                timedelta(days=values.early_access_days),
            ),
        )

    def keys(self) -> list[str | bytes]:
        """Return the secrets that codes are hashed with, the present one first."""
        config = current_app.config
        fallbacks: Sequence[str | bytes] = config.get("SECRET_KEY_FALLBACKS") or ()
        return [key for key in (config.get("SECRET_KEY"), *fallbacks) if key]

    def points_last(self) -> timedelta:
        """Return how long points last."""
        return timedelta(days=self.settings.points_last_days)

    def credit_lasts(self) -> timedelta:
        """Return how long store credit lasts, and a gift card before it becomes that."""
        return timedelta(days=self.settings.gift_days)

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
        around = self.around(cart, customer_id, own)
        ids = list(dict.fromkeys(line.product_id for line in cart.lines))
        products: dict[str, grc.Product] = self.grc.shop.products(ids)
        digests: list[str] = []
        if typed:
            keys = self.keys()
            digests = [d for code in list(typed)[:MOST_CODES] for d in codes.digests(code, keys)]
        asked = Asked(cart, customer_id, products, offers, digests, self.grc.now(), own)
        known = self.shelf.of(self.session, around.promotions)
        found = asked, price(self.session, asked, self.terms(), known, around)
        _kept().setdefault("prices", []).append(found)
        return found

    @cached_property
    def _pricing(self) -> set[str]:
        """Return the endpoints that priced a cart, and so want all that bears on it at once."""
        return set()

    @cached_property
    def shelf(self) -> Shelf:
        """Return what promotions say, as far as this process has read it."""
        return Shelf()

    def shown(self, page: grc.Page) -> Priced | None:
        """Return the price of the page's own cart, for widgets: the one that the shop states.

        That is what the shop itself asked for on this very page, when it knew more than the cart
        does (the shipping); else the core asks, with the offers of every plugin. None where
        another plugin prices, or nobody can.
        """
        cart = page.cart
        if cart is None or not cart.lines:
            return None
        found = _last(cart)
        if found is None and page.pricing is not None:
            found = _last(cart)
        return found

    def person(self, customer_id: str) -> Person:
        """Return what is known of a customer, read once for a page."""
        kept = _kept()
        if kept.get("customer") != customer_id:
            if has_request_context() and request.endpoint in self._pricing:
                cart, me = self.page.cart, self.page.customer
                if cart is not None and me is not None and me.id == customer_id:
                    return self.around(cart, customer_id).person
            found = person_of(self.session, customer_id, self.grc.now())
            kept.update(customer=customer_id, person=found)
            return found
        person: Person = kept["person"]
        return person

    def around(self, cart: grc.Cart, customer_id: str | None, own: Collection[str] = ()) -> Around:
        """Return what bears on the price of a cart, read once for a page."""
        if own:
            return around(self.session, customer_id, cart.id, self.grc.now(), own)
        kept, key = _kept(), (cart.id, customer_id)
        if kept.get("around") is None or kept["key"] != key:
            found = around(self.session, customer_id, cart.id, self.grc.now())
            kept.update(around=found, key=key)
            if has_request_context() and request.endpoint:
                self._pricing.add(request.endpoint)
            if customer_id is not None:
                kept.update(customer=customer_id, person=found.person)
            return found
        known: Around = kept["around"]
        return known

    def forget(self) -> None:
        """Read anew what a page has read, since it has changed."""
        _kept().clear()

    def hints(self) -> bool:
        """Tell whether promotions may be pointed out to who is looking."""
        if not has_request_context() or self.page.customer is None:
            return True
        contact: Any = self.page.contact
        if contact is None:
            who = grc.Subject("customer", self.page.customer.id)
            contact = self.grc.contacts.of(who)
        until = contact.suppressed_until if contact is not None else None
        return until is None or until <= self.grc.now()


def back_to(path: str, **said: str) -> Response:
    """Return to the page of the shop that a form stood on; never to another site."""
    is_ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    target = urlsplit(path).path if is_ours and path.isprintable() else "/"
    answer: Response = redirect(f"{target}?{urlencode(said)}" if said else target, 303)
    return answer


def _last(cart: grc.Cart) -> Priced | None:
    """Return the price of a cart that was worked out last in this request."""
    prices: list[tuple[Asked, Priced]] = _kept().get("prices", [])
    for asked, priced in reversed(prices):
        if asked.cart.id == cart.id and asked.cart.lines == cart.lines:
            return priced
    return None


def _kept() -> dict[str, Any]:
    """Return what this request has read; outside of one, nothing is kept."""
    if not has_request_context():
        return {}
    kept: dict[str, Any] = request.environ.setdefault("grc_loyalty.kept", {})
    return kept
