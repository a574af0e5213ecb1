"""The plugin: what it hears, what it shows, what it repeats."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta

from flask import Response
from flask import current_app
from flask import make_response
from flask import request
from markupsafe import Markup
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.exceptions import NotFound

import grc_core as grc

from . import lookup
from . import notices
from . import states
from .learning import learn
from .learning import load
from .models import Model
from .models import Parcel
from .models import Shipment
from .places import served
from .showing import Shown
from .showing import View
from .table import Table
from .table import table
from .tokens import parcel_id
from .tokens import token

#: Orders of the past that are older than this are not taken in: their parcels have arrived.
PAST = timedelta(days=60)
_NO_INDEX = Markup(
    '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
)
_RECENT = timedelta(days=7)


class ShipmentTracking(grc.Plugin):
    """Follow parcels from the number to the door."""

    name, models, url = "shipment_tracking", Model, "track"
    requires = ("orders",)
    styles = ("shipment_tracking.css",)

    class Settings(grc.Plugin.Settings):
        """What a shop may change."""

        mails = fields.List(
            fields.Str(validate=validate.OneOf(notices.STEPS)),
            load_default=lambda: list(notices.STEPS),
            metadata={"description": "Steps that the customer is written to about"},
        )
        ship_from = fields.Str(
            load_default="CA",
            validate=validate.Regexp(r"[A-Z]{2}\Z"),
            metadata={"description": "Country that parcels leave from"},
        )
        ships_to = fields.List(
            fields.Str(validate=validate.Regexp(r"[A-Z]{2}\Z")),
            load_default=list,
            metadata={"description": "Countries that parcels go to; none named: nothing is said"},
        )
        delivery_days = fields.Str(
            load_default="",
            validate=validate.Regexp(r"([0-9]{1,2}-[0-9]{1,2})?\Z"),
            metadata={"description": "Business days to the door, such as 2-5"},
        )
        links = fields.Dict(
            keys=fields.Str(),
            values=fields.Url(schemes={"https"}, require_tld=False),
            load_default=dict,
            metadata={"description": "Own links by carrier or carrier.language, with {number}"},
        )

    @property
    def table(self) -> Table:
        """Return the carriers that are known."""
        return table()

    def token(self, id: int) -> str:
        """Return the token of a parcel's page."""
        return token(id, _keys())

    def view(self, locale: str) -> View:
        """Return how parcels are shown in a language."""
        return View(self.table, self.settings.links, locale, self.settings.ship_from)

    # What it hears.

    @grc.hookimpl(history=True)
    def on_orders(self, batch: Sequence[tuple[grc.Order, grc.Event]]) -> None:
        """Take in parcels of new orders, and silently those of the recent past."""
        now = self.grc.now()
        wanted = [(order, event) for order, event in batch if _is_recent(order, event, now)]
        known = load(self.session, [order.id for order, _ in wanted])
        for order, event in wanted:
            self._take_in(order, known.get(order.id), silent=event.historical)

    @grc.hookimpl
    def on_shipment(self, shipment: grc.ShipmentChanged) -> None:
        """Take in what the shop says now of an order's parcels."""
        with self.grc.shop.outside():
            order = self.grc.shop.order_by_id(shipment.order_id)
        if order is not None and not shipment.late:
            self._take_in(order, load(self.session, [order.id]).get(order.id))

    def _take_in(self, order: grc.Order, shipment: Shipment | None, silent: bool = False) -> None:
        now = self.grc.now()
        before = (
            {parcel.id for parcel in shipment.parcels if parcel.withdrawn} if shipment else set()
        )
        moved = learn(self.session, order, shipment, self.table, now, self.settings.ship_from)
        self.session.flush()
        if silent:
            return
        parcels = shipment.parcels if shipment else ()
        withdrawn = [item for item in parcels if item.withdrawn and item.id not in before]
        notices.announce(self, moved, order, now, withdrawn)

    # What it shows.

    @grc.widget("order.details", "order.thanks")
    def parcels(self, page: grc.Page) -> Markup | None:
        """Show the parcels of an order, or that a number will come."""
        order = page.order
        if order is None:
            return None
        shipment = load(self.session, [order.id]).get(order.id)
        view = self.view(page.locale)
        shown = self._shown(shipment, view) if shipment else []
        shown = shown or view.stated(order)
        if not shown:
            waits = page.slot == "order.thanks" and "shipped" in self.settings.mails
            return self.render("waiting.html") if waits else None
        rest = view.rest(shipment) if shipment else None
        return self.render("parcels.html", parcels=shown, rest=rest, title="order")

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

    @grc.route("/<token>", limit="60/minute")
    def parcel(self, token: str) -> Response:
        """Show one parcel to whoever has its address: no name, no price, no street."""
        id = parcel_id(token, _keys())
        found = self.session.get(Parcel, id) if id is not None else None
        if found is None:
            raise NotFound
        shown = self.view(self.page.locale).parcel(found, timeline=True)
        return self._private("parcel.html", parcel=shown, withdrawn=found.withdrawn)

    @grc.route("/", limit="60/minute")
    def find(self) -> Response:
        """Ask for an order's number and address."""
        return self._private("find.html", asked=False)

    @grc.route("/", methods=("POST",), limit="10/minute")
    def ask(self) -> Response:
        """Promise a message, whatever was typed: what is true is found out later."""
        lookup.ask(self, request.form.get("order", ""), request.form.get("email", ""), _keys()[0])
        return self._private("find.html", asked=True)

    def answer(self, order_id: str, proof: str, hour: str) -> None:
        """Send the links of an order's parcels to its own address."""
        lookup.answer(self, order_id, proof, hour, _keys())

    # What it keeps about people.

    @grc.hookimpl
    def personal_data(self) -> Iterable[grc.Personal]:
        """Declare whose parcels are kept; parcels and their events go with the shipment."""
        yield grc.Personal(
            Shipment,
            ("subject", "order_id", "country"),
            by="subject",
            purpose=grc.Purpose.NECESSARY,
            basis="contract",
            keep=timedelta(days=365),
            recipients=("the carrier that brings the parcel",),
            why="to tell where a parcel is",
        )

    def _shown(self, shipment: Shipment, view: View) -> list[Shown]:
        return [
            view.parcel(item, self._page(item)) for item in shipment.parcels if not item.withdrawn
        ]

    def _page(self, parcel: Parcel) -> str:
        return self.url_for("parcel", token=self.token(parcel.id))

    def _private(self, template: str, **context: object) -> Response:
        """Return a page that no search engine and no other site hears of."""
        title = str(self.render("title.txt", template=template)).strip()
        reply = make_response(self.render_page(template, title=title, head=_NO_INDEX, **context))
        reply.headers["X-Robots-Tag"] = "noindex"
        reply.headers["Referrer-Policy"] = "no-referrer"
        return reply


def _keys() -> list[str | bytes]:
    """Return the keys of tokens: the app's secret, and those it had before."""
    config = current_app.config
    return [current_app.secret_key or "", *(config.get("SECRET_KEY_FALLBACKS") or ())]


def _is_recent(order: grc.Order, event: grc.Event, now: datetime) -> bool:
    return not event.historical or now - order.placed_at < PAST
