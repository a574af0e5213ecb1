"""Friends, gift cards and what is put aside, over HTTP."""

from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import select
from werkzeug.exceptions import Conflict
from werkzeug.exceptions import NotFound
from werkzeug.exceptions import Unauthorized

import grc_core as grc

from . import asides
from . import friends
from . import gifts
from .api import Api
from .api import Purse
from .coupon_box import CouponBox
from .keeping import Keeping
from .models import Aside
from .models import Promotion


class Friends(Schema):
    """A customer's code to pass on, and what it has brought; the points may wait still."""

    code = fields.Str(required=True, allow_none=True)
    reward = fields.Int(required=True)
    friends = fields.Int(required=True)
    points = fields.Int(required=True)


class CardOrder(Schema):
    """Gift cards to make; `amount` is what each is worth, in minor units."""

    count = fields.Int(load_default=1, validate=validate.Range(1, 1000))
    amount = fields.Int(required=True, validate=validate.Range(1, 100_000_000))
    batch = fields.Str(load_default="", validate=validate.Length(max=60))


class Cards(Schema):
    """Codes of new gift cards: this is the only time that they can be read."""

    codes = fields.List(fields.Str(), required=True)
    amount = fields.Int(required=True)
    currency = fields.Str(required=True)
    expires_at = fields.AwareDateTime(required=True)


class OpenCards(Schema):
    """What gift cards are worth that nobody has used yet, in minor units."""

    owed = fields.Int(required=True)
    currency = fields.Str(required=True)


class CardTyped(Schema):
    """A gift card as somebody typed it."""

    code = fields.Str(required=True, validate=validate.Length(1, 64))


class CardResult(Schema):
    """What became of a card: `gift` when it is on the account, else `unknown` or `too_often`."""

    result = fields.Str(required=True)
    purse = fields.Nested(Purse, required=True)


class AsideOrder(Schema):
    """Something to put aside for so many days."""

    product = fields.Str(required=True, validate=validate.Length(1, 200))
    quantity = fields.Int(load_default=1, validate=validate.Range(1, 1000))
    days = fields.Int(load_default=None, allow_none=True, validate=validate.Range(1, 60))
    note = fields.Str(load_default="", validate=validate.Length(max=120))


class AsideOut(Schema):
    """What is put aside; `state` is kept, bought, declined, released or expired."""

    id = fields.Int(required=True)
    product = fields.Str(required=True, attribute="product_id")
    quantity = fields.Int(required=True)
    state = fields.Str(required=True)
    why = fields.Str(required=True)
    until = fields.AwareDateTime(required=True)


class AsidesOut(Schema):
    """Everything that was put aside for a customer."""

    asides = fields.List(fields.Nested(AsideOut), required=True)


class MembersApi(CouponBox, Keeping, Api):
    """More operations below `/grc/api/v1/loyalty`."""

    @grc.api("/loyalty/me/friends", Friends)
    def my_friends(self) -> dict[str, Any]:
        """Return the signed-in customer's code for friends, and what it brought."""
        return self._friends_of(self._me().id)

    @grc.api("/loyalty/me/friends", Friends, method="POST", limit="20/minute")
    def make_my_code(self) -> dict[str, Any]:
        """Give the signed-in customer a code for friends, one for good."""
        customer, promotion = self._me(), self.settings.referral_promotion
        if not promotion or self.session.get(Promotion, promotion) is None:
            raise NotFound("this shop has no promotion for friends")
        now = self.grc.now()
        friends.make_code(self.session, customer.id, promotion, self.keys()[0], now)
        return self._friends_of(customer.id)

    @grc.api("/loyalty/customers/<customer_id>/friends", Friends, scope="loyalty:read")
    def friends_of_customer(self, customer_id: str) -> dict[str, Any]:
        """Return a customer's code for friends, and what it brought."""
        return self._friends_of(customer_id)

    @grc.api("/loyalty/me/gift-cards", CardResult, body=CardTyped, method="POST",
             limit="20/minute")  # fmt: skip
    def redeem_card(self, body: dict[str, Any]) -> dict[str, Any]:
        """Put a gift card on the account of who is signed in; wrong codes are counted."""
        customer = self._me()
        done = self.redeem_typed(body["code"], customer)
        return {"result": done, "purse": self.purse_of(customer.id)}

    @grc.api("/loyalty/gift-cards", OpenCards, scope="loyalty:read")
    def open_cards(self) -> dict[str, Any]:
        """Return what gift cards are worth that nobody has used yet."""
        worth = self.settings.point_worth
        owed = gifts.open_cards(self.session, self.grc.now(), worth)
        return {"owed": owed, "currency": self.grc.shop.shop.currency}

    @grc.api("/loyalty/gift-cards", Cards, body=CardOrder, method="POST", scope="loyalty:write",
             status=201)  # fmt: skip
    def make_cards(self, body: dict[str, Any]) -> dict[str, Any]:
        """Make gift cards, such as for a shop that sells them."""
        now = self.grc.now()
        until = now + self.credit_lasts()
        made = gifts.make_cards(
            self.session, body["count"], body["amount"], self.keys()[0], now, until, body["batch"]
        )
        return {"codes": made, "amount": body["amount"], "expires_at": until,
                "currency": self.grc.shop.shop.currency}  # fmt: skip

    @grc.api("/loyalty/customers/<customer_id>/asides", AsidesOut, scope="loyalty:read")
    def asides_of_customer(self, customer_id: str) -> dict[str, Any]:
        """Return what was put aside for a customer, the newest first."""
        query = select(Aside).where(Aside.customer_id == customer_id)
        return {"asides": self.session.scalars(query.order_by(Aside.id.desc())).all()}

    @grc.api("/loyalty/customers/<customer_id>/asides", AsideOut, body=AsideOrder, method="POST",
             scope="loyalty:write", status=201)  # fmt: skip
    def put_aside_for(self, customer_id: str, body: dict[str, Any]) -> Aside:
        """Put something aside; 409 where it is already, or where too few are left."""
        customer = self.grc.shop.customer_by_id(customer_id)
        product = self.grc.shop.products([body["product"]]).get(body["product"])
        if customer is None or product is None:
            raise NotFound("there is no such customer" if product else "there is no such product")
        days = body["days"] or self.settings.aside_days
        done = self.put_aside(
            customer, product, body["quantity"], days, note=body["note"], by="api"
        )
        if done != "kept":
            raise Conflict(_WHY_NOT[done])
        mine = (Aside.customer_id == customer.id, Aside.product_id == product.id)
        made: Aside = self.session.scalars(select(Aside).where(*mine)).one()
        return made

    @grc.api("/loyalty/asides/<id>", method="DELETE", scope="loyalty:write")
    def put_back(self, id: str) -> None:
        """Let go of what was put aside; harmless where it is over."""
        if not id.isdecimal() or len(id) >= _LONGEST or self.session.get(Aside, int(id)) is None:
            raise NotFound("nothing with this id was put aside")
        asides.end(self.session, asides.RELEASED, Aside.id == int(id))

    def _me(self) -> grc.Customer:
        customer: grc.Customer | None = self.page.customer
        if customer is None:
            raise Unauthorized("nobody is signed in")
        return customer

    def _friends_of(self, customer_id: str) -> dict[str, Any]:
        code = friends.code_of(self.session, customer_id)
        count, points = friends.brought(self.session, customer_id)
        return {"code": code.public if code else None, "friends": count, "points": points,
                "reward": self.settings.referral_points}  # fmt: skip


#: Ids of rows are shorter.
_LONGEST = 18
_WHY_NOT = {
    "already": "some of it is put aside for this customer already",
    "too_few": "there are not so many left that are not promised to somebody",
    "gone": "it cannot be bought at present",
}
