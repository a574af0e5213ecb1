"""`GET /grc/api/v1/recommendations`: the same suggestions as data, each with its reason."""

from typing import Any

import marshmallow
from marshmallow import fields
from marshmallow import validate

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


class Asked(marshmallow.Schema):
    """What may be asked."""

    context = fields.Str(required=True, validate=validate.OneOf(CONTEXTS))
    product = fields.Str(validate=validate.Length(1, 100))
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


class About:
    """The page of an API call: the caller's own, about the product that is asked about."""

    def __init__(self, page: grc.Page, product: grc.Product | None) -> None:
        self.product = product
        self.customer = page.customer
        self.consents = page.consents
        self.cart = page.cart
        self.subject = page.subject


class Api(Widgets):
    """What programs and scripts of the shop's pages may ask."""

    @grc.api("/recommendations", Answer, query=Asked)
    def recommendations(self, query: dict[str, Any]) -> dict[str, Any]:
        """Recommend products for a product, the caller's cart, or the caller."""
        family, name, kind = CONTEXTS[query["context"]]
        id = query.get("product")
        product = self.grc.shop.products([id]).get(id) if id else None
        page: Any = About(self.page, product)
        shelf: Aisle = self.aisle(page, family)
        arm = self.arm(page)
        found = [] if arm == HOLDOUT else self.priced(page, shelf.cards(name, query["limit"]))
        version = self.in_use.versions.get(kind, 0)
        return {"recommendations": found, "version": version, "arm": arm}
