"""The coupon box: type a code, see what it does and why not, take it off; pay with points."""

from typing import Any
from urllib.parse import urlencode
from urllib.parse import urlsplit

from flask import redirect
from flask import request
from markupsafe import Markup
from werkzeug.wrappers import Response

import grc_core as grc

from . import codes
from . import gifts
from . import stock
from . import throttle
from .base import Base
from .entries import UNITS
from .known import Wish
from .models import CartPoints
from .models import Code
from .models.points import CREDIT
from .models.points import POINTS
from .pricing import Priced
from .promotions import Fate

#: What the box may be asked to say; anything else in the address is ignored.
NOTICES = ("unknown", "too_often", "added", "removed", "no_cart", "gift", "sign_in")
#: Where on a page the box is, and where the points are.
_CART, _ACCOUNT = "grc-coupon", "grc-loyalty-points"
#: So many codes go with one cart.
_MOST = 5


class CouponBox(Base):
    """Let visitors type codes and spend points."""

    @grc.widget("checkout.summary", requires=("cart",), priority=20)
    def coupon_box(self, page: grc.Page) -> Markup | None:
        """Show the coupon box with what the typed codes do."""
        cart = page.cart
        if cart is None or cart.id is None or not cart.lines:
            return None
        buyer = page.customer.id if page.customer else None
        priced = self.shown(page)
        if priced is None:
            return None
        notice = request.args.get("coupon", "")
        wish = self.around(cart, buyer).wish
        mine = wish if wish is not None and wish.customer_id == buyer else None
        return self.render(
            "coupon_box.html",
            rows=self._rows(priced, page.locale),
            notice=notice if notice in NOTICES else "",
            back=request.path,
            points=priced.points,
            points_off=self.money(priced.points_off, priced),
            credit=self.money(priced.credit, priced),
            purses=self._purses(buyer, priced, mine),
        )

    def money(self, amount: int, priced: Priced) -> grc.Money:
        """Return an amount in the cart's currency."""
        return grc.Money(amount, priced.decision.currency)

    def _purses(self, buyer: str | None, priced: Priced, wish: Wish | None) -> list[dict[str, Any]]:
        """Return what the buyer may pay with, and whether it is wanted for this cart."""
        if buyer is None:
            return []
        person, found = self.person(buyer), []
        worth = self.money(person.balance * self.settings.point_worth, priced)
        is_ours = priced.decision.currency == self.grc.shop.shop.currency
        credit = self.money(person.credit, priced)
        for unit, has, pays, used in (
            (POINTS, person.balance, worth, wish is not None and wish.points),
            (CREDIT, person.credit if is_ours else 0, credit, wish is not None and wish.credit),
        ):
            if has or used:
                found.append({"unit": unit, "has": has, "worth": pays, "used": used})
        return found

    def _rows(self, priced: Priced, locale: str) -> list[dict[str, Any]]:
        """Return each discount with its fate: applied ones, then typed codes that do nothing."""
        rows = []
        for fate in priced.decision.trace:
            code = priced.codes.get(fate.promotion)
            if fate.outcome != "applied" and code is None:
                continue
            title = priced.title(fate.promotion, locale)
            rows.append(self._row(priced, fate, title, code))
        return rows

    def _row(self, priced: Priced, fate: Fate, title: str, code: Code | None) -> dict[str, Any]:
        missing = fate.missing
        return {
            "title": title,
            "is_on": fate.outcome == "applied",
            "reason": fate.reason,
            "off": self.money(fate.amount, priced),
            "missing": missing,
            "more": self.money(missing or 0, priced),
            "code_id": code.id if code else None,
        }

    @grc.route("/code", methods=("POST",), limit="60/minute")
    def enter(self) -> Response:
        """Take a code that was typed for the cart at hand."""
        cart, customer = self.page.cart, self.page.customer
        if cart is None or cart.id is None:
            return _back("no_cart")
        now = self.grc.now()
        buckets = self._buckets(cart.id, customer)
        if throttle.is_blocked(self.session, buckets, now):
            return _back("too_often")
        wanted = codes.digests(request.form.get("code", ""), self.keys())
        found = stock.codes_by_digest(self.session, wanted) if wanted else []
        usable = [code for code in found if self._may_know(code, customer)]
        if not usable:
            throttle.count(self.session, buckets, now)
            return _back("unknown")
        if gifts.is_card(usable[0]):
            return _back(self._redeem(usable[0], customer))
        if len(stock.codes_of_cart(self.session, cart.id)) < _MOST:
            stock.put_on(self.session, cart.id, usable[0].id, now)
        return _back("added")

    def _redeem(self, card: Code, customer: grc.Customer | None) -> str:
        """Put a gift card on the account of who typed it; say what came of it."""
        if customer is None:
            return "sign_in"
        done = gifts.redeem(self.session, card, customer.id, self.grc.now(), self.credit_lasts())
        return "gift" if done else "unknown"

    @grc.route("/gift", methods=("POST",), limit="20/minute")
    def add_gift(self) -> Response:
        """Put a gift card on the account at hand; wrong codes are counted as in the cart."""
        customer = self.page.customer
        if customer is None:
            return _back("sign_in", _ACCOUNT)
        return _back(self.redeem_typed(request.form.get("code", ""), customer), _ACCOUNT)

    def redeem_typed(self, typed: str, customer: grc.Customer) -> str:
        """Put a card on an account; return `gift`, `unknown` or `too_often`."""
        now, buckets = self.grc.now(), self._buckets(f"account {customer.id}", customer)
        if throttle.is_blocked(self.session, buckets, now):
            return "too_often"
        found = stock.codes_by_digest(self.session, codes.digests(typed, self.keys()))
        cards = [code for code in found if gifts.is_card(code)]
        notice = self._redeem(cards[0], customer) if cards else "unknown"
        if notice == "unknown":
            throttle.count(self.session, buckets, now)
        return notice

    def _may_know(self, code: Code, customer: grc.Customer | None) -> bool:
        """Tell whether somebody may learn that a code exists.

        Precise reasons are for public codes and one's own. A secret code of somebody else, or one
        that is spent, is to a stranger what a wrong one is.
        """
        if code.customer_id is not None:
            return customer is not None and customer.id == code.customer_id
        if code.public is not None:
            return True
        is_spent = code.limit is not None and code.used >= code.limit
        is_over = code.expires_at is not None and code.expires_at <= self.grc.now()
        return not is_spent and not is_over

    def _buckets(self, cart_id: str, customer: grc.Customer | None) -> list[str]:
        key = self.keys()[0]
        found = [
            throttle.bucket("address", request.remote_addr or "", key),
            throttle.bucket("cart", cart_id, key),
        ]
        return [*found, throttle.bucket("customer", customer.id, key)] if customer else found

    @grc.route("/code/remove", methods=("POST",), limit="60/minute")
    def take_off(self) -> Response:
        """Take a code off the cart at hand."""
        cart, id = self.page.cart, request.form.get("code_id", "")
        if cart is not None and cart.id is not None and id.isdecimal() and len(id) < 18:
            stock.take_off(self.session, cart.id, int(id))
        return _back("removed")

    @grc.route("/points", methods=("POST",), limit="60/minute")
    def use_points(self) -> Response:
        """Pay the cart at hand with points, or with credit, as far as they go, or no longer."""
        cart, customer = self.page.cart, self.page.customer
        unit = request.form.get("unit", POINTS)
        if cart is None or cart.id is None or customer is None or unit not in UNITS:
            return _back("no_cart")
        wish = self.session.get(CartPoints, cart.id)
        if wish is None or wish.customer_id != customer.id:
            if wish is not None:
                self.session.delete(wish)
                self.session.flush()
            wish = CartPoints(cart_id=cart.id, customer_id=customer.id, points=False)
            self.session.add(wish)
        setattr(wish, unit, request.form.get("use") == "1")
        wish.at = self.grc.now()
        return _back("")


def _back(notice: str, place: str = _CART) -> Response:
    """Return to the page of the shop that the form stood on; never to another site."""
    path = request.form.get("back", "/")
    parts = urlsplit(path)
    is_ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    if not is_ours or parts.netloc or any(ord(symbol) < 32 for symbol in path):
        path = "/"
    query = "?" + urlencode({"coupon": notice}) if notice else ""
    answer: Response = redirect(f"{urlsplit(path).path}{query}#{place}", 303)
    return answer
