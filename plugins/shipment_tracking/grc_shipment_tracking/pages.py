"""Widgets on the shop's pages, and pages of the plugin's own."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from flask import Response
from flask import make_response
from flask import request
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.exceptions import NotFound

import grc_core as grc

from . import lookup
from . import states
from .base import Base
from .contents import items_of
from .contents import products_of
from .contents import rest_of
from .learning import load
from .models import Parcel
from .models import Shipment
from .places import served
from .showing import Shown
from .showing import View
from .tokens import parcel_id

_NO_INDEX = Markup(
    '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
)
_RECENT = timedelta(days=7)


class Pages(Base):
    """Show parcels to those who wait for them."""

    @grc.widget("order.details", "order.thanks")
    def parcels(self, page: grc.Page) -> Markup | None:
        """Show the parcels of an order, or that a number will come."""
        order = page.order
        if order is None:
            return None
        shipment = load(self.session, [order.id]).get(order.id)
        view = self.view(page.locale)
        names = self.names(products_of(shipment.parcels, order)) if shipment else {}
        shown = self._shown(shipment, view, names) if shipment else []
        shown = shown or view.stated(order)
        if not shown:
            waits = page.slot == "order.thanks" and "shipped" in self.settings.mails
            return self.render("waiting.html") if waits else None
        rest = rest_of(shipment, order, names) if shipment else None
        day = view.day(rest.day) if rest else ""
        return self.render("parcels.html", parcels=shown, rest=rest, day=day, title="order")

    @grc.widget("account.main", requires=("customer",))
    def on_the_way(self, page: grc.Page) -> Markup | None:
        """Show a customer's parcels that are on their way or have just arrived."""
        if page.customer is None:
            return None
        mine = str(grc.Subject("customer", page.customer.id))
        recent = self.grc.now() - _RECENT
        query = (
            select(Parcel)
            .join(Shipment)
            .where(Shipment.subject == mine, ~Parcel.withdrawn)
            .where(Parcel.state.not_in(states.FINAL) | (Parcel.changed_at > recent))
            .options(selectinload(Parcel.shipment))
            .order_by(Parcel.created_at.desc(), Parcel.id.desc())
            .limit(5)
        )
        view = self.view(page.locale)
        found = [view.parcel(item, self._page(item)) for item in self.session.scalars(query)]
        return self.render("parcels.html", parcels=found, rest=None, title="way") if found else None

    @grc.widget("product.details", "cart.below", public=True)
    def destinations(self, page: grc.Page) -> Markup | None:
        """Say early where parcels go, and how long they take."""
        settings = self.settings
        if not settings.ships_to and not settings.delivery_days:
            return None
        first, _, last = settings.delivery_days.partition("-")
        return self.render(
            "destinations.html",
            places=served(settings.ships_to, page.locale),
            first=first,
            last=last,
        )

    @grc.widget("help.main", public=True)
    def help(self, page: grc.Page) -> Markup:
        """Lead who lost a link to where it is sent again."""
        return self.render("help.html")

    @grc.route("/<token>", limit="60/minute")
    def parcel(self, token: str) -> Response:
        """Show one parcel to whoever has its address: no name, no price, no street."""
        id = parcel_id(token, self.keys)
        found = self.session.get(Parcel, id) if id is not None else None
        if found is None:
            raise NotFound
        if self.is_over(found):
            reply = self._private("over.html")
            reply.status_code = HTTPStatus.GONE
            return reply
        shown = self.view(self.page.locale).parcel(found, timeline=True)
        waited = self.grc.now() - found.created_at > states.NOT_YET
        return self._private("parcel.html", parcel=shown, withdrawn=found.withdrawn, waited=waited)

    @grc.route("/", limit="60/minute")
    def find(self) -> Response:
        """Ask for an order's number and address."""
        return self._private("find.html", asked=False)

    @grc.route("/", methods=("POST",), limit="10/minute")
    def ask(self) -> Response:
        """Promise a message, whatever was typed: what is true is found out later."""
        hour = self.grc.now().strftime("%Y%m%d%H")
        typed = request.form.get("order", ""), request.form.get("email", "")
        unique, asked = lookup.request_of(*typed, hour, self.keys[0])
        self.defer(self.answer, key=unique, run_at=None, **asked)
        return self._private("find.html", asked=True)

    def answer(self, order_id: str, proof: str, hour: str) -> None:
        """Send the links of an order's parcels to its own address."""
        lookup.answer(self, order_id, proof, hour)

    def _shown(self, shipment: Shipment, view: View, names: Mapping[str, str]) -> list[Shown]:
        return [
            view.parcel(item, self._page(item), items=items_of(item, names))
            for item in shipment.parcels
            if not item.withdrawn
        ]

    def _page(self, parcel: Parcel) -> str | None:
        return None if self.is_over(parcel) else self.url_for("parcel", token=self.token(parcel.id))

    def _private(self, template: str, **context: object) -> Response:
        """Return a page that no search engine and no other site hears of."""
        title = str(self.render("title.txt", template=template)).strip()
        reply = make_response(self.render_page(template, title=title, head=_NO_INDEX, **context))
        reply.headers["X-Robots-Tag"] = "noindex"
        reply.headers["Referrer-Policy"] = "no-referrer"
        return reply
