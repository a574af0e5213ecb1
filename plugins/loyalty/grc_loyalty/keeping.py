"""The baker who keeps your loaf: what is put aside for a customer, shown and promised."""

from collections.abc import Sequence
from datetime import date
from datetime import datetime
from datetime import timedelta
from functools import cached_property
from time import monotonic
from typing import Any

from flask import current_app
from flask import has_request_context
from flask import request
from flask import url_for
from markupsafe import Markup
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

import grc_core as grc
from grc_core import Purpose

from . import asides
from . import habits
from . import regulars
from .base import Base
from .base import back_to
from .days import last_day
from .days import said
from .models import Aside

#: What pages show may be so many seconds old; what is sold is looked up.
_FRESH = 1.0
#: The best customers are looked at, so many a day.
_MOST = 500
#: What was put aside for somebody is not offered again by itself for so long.
_PAUSE = timedelta(days=30)


class Keeping(Base):
    """Put pieces aside, for regulars by itself and for anybody by staff."""

    def put_aside(
        self,
        customer: grc.Customer,
        product: grc.Product,
        quantity: int,
        days: int,
        *,
        why: str = "asked",
        note: str = "",
        by: str = "",
    ) -> str:
        """Keep pieces until the end of a day; return `kept`, `already`, `too_few` or `gone`.

        Who agreed to such mail is written to.
        """
        if not product.available:
            return "gone"
        now: datetime = self.grc.now()
        day, until = last_day(now, days, self.settings.zone)
        wanted = asides.Wanted(
            customer.id, product.id, quantity, day.isoformat(), until, now, why, note, by
        )
        done = asides.keep(self.session, wanted, product.stock)
        if done == "kept":
            key = f"aside:{customer.id}:{product.id}:{now.isoformat()}"
            locale = customer.locale or self.grc.shop.shop.locales[0]
            self.mail(customer, "aside", key, "commercial", product=product.name,
                      quantity=quantity, day=said(day, locale))  # fmt: skip
        return done

    @grc.hookimpl
    def promised(self, products: Sequence[str], customer: grc.Customer | None) -> dict[str, int]:
        """Say how many pieces are kept for others."""
        but = customer.id if customer else None
        if has_request_context() and request.method in ("GET", "HEAD"):
            known = self._looked_up()
            if known is not None:
                return known.promised(products, but, self.grc.now())
        return asides.promised(self.session, products, but, self.grc.now())

    def _looked_up(self) -> asides.Board | None:
        """Return what is put aside as it was a moment ago, for pages that only show it."""
        made, board = self._board
        if monotonic() - made > _FRESH:
            board = asides.board(self.session, self.grc.now())
            self.__dict__["_board"] = (monotonic(), board)
        return board

    @cached_property
    def _board(self) -> tuple[float, asides.Board | None]:
        return float("-inf"), None

    @grc.widget(
        "home.main",
        "product.details",
        "cart.below",
        "account.main",
        requires=("customer", "products"),
        priority=15,
    )
    def kept(self, page: grc.Page) -> Markup | None:
        """Show what is put aside for the customer, to take or to leave."""
        if page.customer is None:
            return None
        mine = self.person(page.customer.id).asides
        if not mine:
            return None
        if page.slot == "product.details":
            about = page.product.id if page.product else None
            mine = [item for item in mine if item.product_id == about]
        in_cart = {line.product_id for line in page.cart.lines} if page.cart else set()
        products = self.grc.shop.products([item.product_id for item in mine])
        shown = [
            {
                "id": item.id,
                "product": products[item.product_id],
                "quantity": item.quantity,
                "day": said(date.fromisoformat(item.day), page.locale),
                "note": item.note,
                "why": item.why,
                "add": self._adding(item.product_id),
                "in_cart": item.product_id in in_cart,
            }
            for item in mine
            if item.product_id in products and products[item.product_id].available
        ]
        if not shown:
            return None
        return self.render("kept.html", items=shown, token=_token(), back=page.path,
                           is_here=page.slot == "product.details", slot=page.slot)  # fmt: skip

    @grc.route("/no-thanks", methods=("POST",), limit="30/minute")
    def decline(self) -> Response:
        """Let go of what is kept for whoever is signed in."""
        customer, id = self.page.customer, request.form.get("id", "")
        if customer is not None and id.isdecimal() and len(id) < 18:
            mine = (Aside.id == int(id), Aside.customer_id == customer.id)
            asides.end(self.session, asides.DECLINED, *mine)
        return back_to(request.form.get("back", "/"))

    def _adding(self, product_id: str) -> str | None:
        """Return where a form puts a product in the cart, where the adapter says that.

        It does with `shop.on("cart", endpoints="cart.add", product="product_id")`.
        """
        for hint in self.grc.shop.shop.hints:
            if hint.kind == "cart" and isinstance(hint.product, str):
                values: dict[str, Any] = {hint.product: product_id}
                try:
                    return url_for(hint.endpoints[0], **values)
                except BuildError:
                    return None
        return None

    # What time does.

    @grc.every(days=1)
    def keep_for_regulars(self) -> None:
        """Put scarce goods aside for the best customers who usually buy them about now."""
        if not self.settings.aside_regulars:
            return
        now: datetime = self.grc.now()
        with self.grc.reading():
            buyers = regulars.ranked(self.session, now)
        for id in regulars.best_of(buyers).customers[:_MOST]:
            with self.grc.shop.outside():
                customer = self.grc.shop.customer_by_id(id)
                wanted = self._scarce(id, now) if customer is not None else []
            if customer is not None and wanted:
                with self.grc.writing():
                    self._keep_for(customer, wanted, now)

    def _keep_for(
        self, customer: grc.Customer, wanted: Sequence[tuple[grc.Product, int]], now: datetime
    ) -> None:
        if not self._may_keep_for(customer.id):
            return
        known = asides.lately(self.session, customer.id, now - _PAUSE)
        for product, quantity in wanted:
            if product.id not in known:
                days = self.settings.aside_days
                self.put_aside(customer, product, quantity, days, why="usual")

    def _scarce(self, customer_id: str, now: datetime) -> list[tuple[grc.Product, int]]:
        """Return what a customer is about to buy again and the shop has few of."""
        ahead = timedelta(days=self.settings.aside_days)
        due = habits.due_habits(self.grc.shop.orders_of(customer_id), now, ahead)
        products = self.grc.shop.products([habit.product_id for habit in due])
        found = []
        for habit in due:
            product = products.get(habit.product_id)
            few = product.stock if product is not None and product.available else None
            if product is not None and few and few <= self.settings.aside_below:
                found.append((product, min(habit.quantity, few)))
        return found

    def _may_keep_for(self, customer_id: str) -> bool:
        """Tell whether what somebody buys may be used for them."""
        who = grc.Subject("customer", customer_id)
        contact = self.grc.contacts.of(who)
        if contact is not None and self.grc.contacts.is_suppressed(contact):
            return False
        return bool(self.grc.consents(who).allows(Purpose.PERSONALISATION))

    @grc.every(minutes=15)
    def let_go_of_old(self) -> None:
        """End what was kept until now."""
        asides.end(self.session, asides.EXPIRED, Aside.until <= self.grc.now())


def _token() -> tuple[str, str] | None:
    """Return the name and value of the shop's own form token, where it uses Flask-WTF's."""
    make: Any = current_app.jinja_env.globals.get("csrf_token")
    if not callable(make):
        return None
    return current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token"), str(make())
