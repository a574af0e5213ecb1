"""Greet who comes back, by name, and thank who bought."""

from flask import request
from markupsafe import Markup
from werkzeug.wrappers import Response

import grc_core as grc
from grc_core import Purpose

from . import holds
from .base import back_to
from .points_desk import PointsDesk

#: Until the browser is closed, a person who said "not me" is not greeted.
_HUSH = "grc_loyalty_hush"


class Greeter(PointsDesk):
    """Recognise regulars, with their consent, and say so."""

    @grc.widget("site.top", needs=Purpose.PREFERENCES, priority=40)
    def greeting(self, page: grc.Page) -> Markup | None:
        """Greet a customer, or a prospect whom the browser remembers, by name."""
        if not self.settings.greeting or _HUSH in request.cookies:
            return None
        customer = page.customer
        name = self._name_of(customer) if customer else self._remembered(page)
        if not name:
            return None
        tier = self.standing_of(customer.id).tier if customer else None
        return self.render("greeting.html", name=name, tier=tier, is_known=customer is not None,
                           back=page.path)  # fmt: skip

    def _name_of(self, customer: grc.Customer) -> str | None:
        """Return how a customer wants to be called; None for not at all."""
        liking = self.person(customer.id).liking
        return (liking.called or customer.name) if liking.greeted else None

    def _remembered(self, page: grc.Page) -> str | None:
        """Return the name of the contact that this browser belongs to."""
        if page.visitor is None:
            return None
        contact = self.grc.contacts.of(grc.Subject("visitor", page.visitor))
        return contact.name if contact is not None else None

    @grc.route("/not-me", methods=("POST",), limit="20/minute")
    def not_me(self) -> Response:
        """Stop greeting in this browser until it is closed, and forget whom it belonged to."""
        answer = back_to(request.form.get("back", "/"))
        answer.set_cookie(_HUSH, "1", httponly=True, samesite="Lax", secure=request.is_secure)
        answer.delete_cookie("grc_visitor")
        return answer

    @grc.widget("order.thanks", priority=30)
    def thanks(self, page: grc.Page) -> Markup | None:
        """Thank for an order, and say what it earned and saved."""
        order = page.order
        if order is None:
            return None
        earned = self.points_of(order) if order.customer_id else 0
        name = None
        if page.customer is not None:
            name = self.person(page.customer.id).liking.called or page.customer.name
        off = sum(line.discount.amount for line in order.lines if line.discount)
        # What points and credit paid was the customer's already.
        saved = max(0, off - holds.paid_by(self.session, order.id))
        return self.render("thanks.html", name=name, earned=earned, saved=self._money(saved),
                           days=self.settings.points_wait_days)  # fmt: skip
