"""The plugin: widgets, handlers, training, and what the browser tells."""

from flask import request
from marshmallow import fields
from marshmallow import validate
from werkzeug.wrappers import Response

import grc_core as grc

from . import measuring
from .api import Api
from .commands import Commands
from .experiment import arm_of
from .results import CATALOGUE
from .results import MODELS
from .rule_pages import RulePages
from .rules import Decision
from .staff import Staff
from .tables import Model
from .tables import Touch
from .widgets import ASKED

_WIDGETS = frozenset(item.__name__ for family in ASKED.values() for item in family)


class Recommendations(Commands, Staff, RulePages, Api):
    """Propose products that go with the cart, the page and the person."""

    name, models = "recommendations", Model
    requires = ("orders",)
    styles, scripts = ("recommendations.css",), ("recommendations.js",)

    class Settings(grc.Plugin.Settings):
        """What a shop may change."""

        holdout = fields.Int(
            load_default=0,
            validate=validate.Range(0, 50),
            metadata={"description": "Per cent of visitors who see none, for comparison"},
        )
        parcel = fields.Str(
            load_default="warehouse",
            validate=validate.Length(1, 100),
            metadata={"description": "Attribute that products of one parcel share"},
        )

    @grc.route("/told", methods=("POST",), limit="120/minute")
    def told(self) -> Response:
        """Take note of what a browser did with a widget."""
        what, widget = request.form.get("what", ""), request.form.get("widget", "")
        if what not in measuring.EVENTS or widget not in _WIDGETS:
            return Response(status=204)
        page, now = self.page, self.grc.now()
        agreed = page.consents.allows(grc.Purpose.ANALYTICS)
        person = str(page.subject) if agreed and page.subject.id else None
        arm = arm_of(person, self.settings.holdout)
        measuring.tally(self.session, now.date().isoformat(), widget, arm, what)
        if person:
            measuring.take_part(self.session, person, arm, now)
            product = request.form.get("product", "")[:100]
            if what != "impression" and self._is_sold(product):
                version = self.in_use.versions.get(MODELS.get(widget, CATALOGUE), 0)
                self.session.add(
                    Touch(person=person, product_id=product, widget=widget, arm=arm,
                          version=version, at=now)
                )  # fmt: skip
        return Response(status=204)

    def _is_sold(self, product: str) -> bool:
        """Tell whether a browser names a product; what it says may be invented."""
        if not product:
            return False
        known = self.in_use.refresh(self._opened).catalogue.items
        return product in known or product in self.grc.shop.products([product])

    @grc.hookimpl
    def offers(self, cart: grc.Cart | None, customer: grc.Customer | None) -> list[grc.Offer]:
        """Offer what goes with the cart at the reduction that a rule names."""
        known = self.in_use.refresh(self._opened)
        rules = known.rules.of("offer")
        if cart is None or not cart.lines or not rules:
            return []
        ids = [line.product_id for line in cart.lines if line.quantity > 0]
        unknown = [id for id in ids if id not in known.catalogue.items]
        found = self.grc.shop.products(unknown) if unknown else {}
        items = known.catalogue.items
        at_hand = {
            id: items[id].categories if id in items else tuple(found[id].categories)
            for id in ids
            if id in items or id in found
        }
        segments = self._segments_of(customer) if known.rules.segmented else ()
        holding = known.rules.holding(self.grc.now().month, segments, at_hand)
        return [_offer(rule) for rule in holding.of("offer")]

    def _segments_of(self, customer: grc.Customer | None) -> tuple[str, ...]:
        if customer is None:
            return ("visitor",)
        contact = self.grc.contacts.of(grc.Subject("customer", customer.id))
        return (contact.stage, contact.kind, *contact.tags) if contact else ("visitor",)


def _offer(rule: Decision) -> grc.Offer:
    return grc.Offer(
        rule.key,
        percent=rule.strength,
        products=sorted(rule.then.products),
        categories=sorted(rule.then.categories),
        reason=rule.name,
    )
