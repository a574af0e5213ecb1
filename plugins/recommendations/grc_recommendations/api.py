"""`GET /grc/api/v1/recommendations`: the same suggestions as data, each with its reason."""

from dataclasses import dataclass
from typing import Any

import marshmallow
from marshmallow import fields
from marshmallow import validate
from werkzeug.exceptions import NotFound

import grc_core as grc

from .aisle import Aisle
from .experiment import HOLDOUT
from .widgets import Widgets

#: Of each context: the family of pages it is from, the question that is asked, and of which model.
CONTEXTS = {
    "product": ("product", "bought_together", "cart"),
    "cart": ("cart", "complete_cart", "cart"),
    "visitor": ("home", "for_you", "new"),
}
_SEVERAL = {"description": "Product ids with commas between them"}
_ID = fields.Str(validate=validate.Length(1, 100))


class Asked(marshmallow.Schema):
    """What may be asked."""

    context = fields.Str(required=True, validate=validate.OneOf(CONTEXTS))
    product = _ID
    limit = fields.Int(load_default=4, validate=validate.Range(1, 12))


class Price(marshmallow.Schema):
    """An amount of money in minor units."""

    amount = fields.Int()
    currency = fields.Str()


class Recommended(marshmallow.Schema):
    """A product, and why."""

    id = fields.Str(attribute="product.id")
    name = fields.Str(attribute="product.name")
    url = fields.Str(attribute="product.url", allow_none=True)
    image = fields.Str(attribute="product.image", allow_none=True)
    price = fields.Nested(Price, attribute="product.price")
    reason = fields.Str(attribute="suggestion.reason")
    because = fields.Str(attribute="suggestion.because", allow_none=True)
    reduction = fields.Int()


class Answer(marshmallow.Schema):
    """Suggestions, best first, and the model's version."""

    recommendations = fields.List(fields.Nested(Recommended))
    version = fields.Int()
    arm = fields.Str()


class AskedFor(Asked):
    """What a program may ask for somebody who is not there."""

    context = fields.Str(load_default="visitor", validate=validate.OneOf(CONTEXTS))
    customer = _ID
    cart = fields.Str(load_default="", validate=validate.Length(max=5000), metadata=_SEVERAL)


@dataclass(frozen=True, slots=True)
class About:
    """What a page would know: who asks, their cart, and the product that is asked about."""

    product: grc.Product | None
    customer: grc.Customer | None
    consents: grc.Purpose
    cart: grc.Cart | None
    subject: grc.Subject


class Api(Widgets):
    """What programs and scripts of the shop's pages may ask."""

    @grc.api("/recommendations", Answer, query=Asked)
    def recommendations(self, query: dict[str, Any]) -> dict[str, Any]:
        """Recommend products for a product, the caller's cart, or the caller."""
        page, product = self.page, self._product(query)
        about = About(product, page.customer, page.consents, page.cart, page.subject)
        return self._answer(about, query)

    @grc.api("/recommendations/for", Answer, query=AskedFor, scope="recommendations:read")
    def recommend_for(self, query: dict[str, Any]) -> dict[str, Any]:
        """Recommend products for a customer, by what they agreed to, or for a product or a cart."""
        id, inside = query.get("customer"), [it for it in query["cart"].split(",") if it]
        customer = self.grc.shop.customer_by_id(id) if id else None
        if id and customer is None:
            raise NotFound("the shop knows no such customer")
        found = self.grc.shop.products(inside) if inside else {}
        lines = [grc.CartLine(it.id, 1, it.price) for it in found.values()]
        subject = grc.Subject(
            "customer" if customer else "visitor", customer.id if customer else ""
        )
        consents = self.grc.consents(subject) if customer else grc.Purpose.NECESSARY
        cart = grc.Cart(None, lines, customer.id if customer else None)
        return self._answer(About(self._product(query), customer, consents, cart, subject), query)

    def _product(self, query: dict[str, Any]) -> grc.Product | None:
        id = query.get("product")
        return self.grc.shop.products([id]).get(id) if id else None

    def _answer(self, about: About, query: dict[str, Any]) -> dict[str, Any]:
        family, name, kind = CONTEXTS[query["context"]]
        page: Any = about
        shelf: Aisle = self.aisle(page, family)
        arm = self.arm(page)
        found = [] if arm == HOLDOUT else self.priced(page, shelf.cards(name, query["limit"]))
        return {
            "recommendations": found,
            "version": self.in_use.versions.get(kind, 0),
            "arm": arm,
        }
