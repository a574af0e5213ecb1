"""What pages and mails show of parcels: names, links and times in the reader's language."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import datetime

from grc_core import Order

from . import states
from .contents import Item
from .learning import recognised
from .links import better
from .links import link
from .links import speaks
from .models import Happening
from .models import Parcel
from .table import Table


@dataclass(frozen=True, slots=True)
class Moment:
    """An entry of a timeline; `text` is the carrier's own, in the reader's language."""

    state: str
    day: str
    time: str
    place: str
    text: str
    iso: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A parcel as a reader sees it."""

    number: str
    carrier: str
    link: str | None
    state: str
    since: str
    promised: str
    late: bool
    page: str | None = None
    moments: Sequence[Moment] = ()
    items: Sequence[Item] = ()
    #: whether the carrier says that it does not know the number
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What readers are shown with: carriers, the shop's own links, a language."""

    known: Table
    own: Mapping[str, str]
    locale: str
    country: str | None = None

    def parcel(
        self,
        parcel: Parcel,
        page: str | None = None,
        timeline: bool = False,
        items: Sequence[Item] = (),
    ) -> Shown:
        """Return a parcel that is known, with its timeline where it is asked for."""
        to = parcel.shipment.country
        final = parcel.state in states.FINAL
        return Shown(
            parcel.number,
            self.known.name(parcel.courier, self.locale),
            self._link(parcel.courier, parcel.number, to, parcel.url),
            parcel.state,
            self.day(parcel.changed_at) if parcel.changed_at != parcel.created_at else "",
            "" if final else self.day(parcel.promised_on),
            parcel.late_at is not None and not final,
            page,
            [self._moment(event) for event in _newest(parcel.events)] if timeline else (),
            items,
            parcel.unknown_at is not None,
        )

    def stated(self, order: Order) -> list[Shown]:
        """Return the parcels of an order that is known to the shop alone."""
        to = order.address.country if order.address else None
        found = []
        for item in order.tracking:
            courier = self.known.code(item.carrier) or recognised(
                item.number, self.known, self.country, to
            )
            carrier = self.known.name(courier, self.locale)
            address = self._link(courier, item.number, to, item.url)
            found.append(Shown(item.number, carrier, address, _of_order(order), "", "", False))
        return found

    def day(self, moment: date | datetime | None) -> str:
        """Return a day as people write it, such as `3 décembre 2026`."""
        from babel.dates import format_date

        return format_date(moment, "long", locale=self._babel) if moment else ""

    def _link(
        self, courier: str | None, number: str, to: str | None, stated: str | None
    ) -> str | None:
        ours = link(courier, number, self.locale, ship_to=to, own=self.own, carriers=self.known)
        return better(stated, ours, speaks(courier, self.locale[:2], self.own, self.known))

    def _moment(self, event: Happening) -> Moment:
        from babel.dates import format_date
        from babel.dates import format_time

        local = states.at_offset(event.at, event.offset)
        shop = event.code.startswith("shop:")
        return Moment(
            event.state,
            format_date(local, "long", locale=self._babel),
            "" if shop else format_time(local, "short", locale=self._babel),
            event.place,
            event.text if event.language == self.locale[:2] else "",
            local.isoformat(timespec="seconds"),
        )

    @property
    def _babel(self) -> str:
        tag = self.locale.replace("-", "_")
        return f"{tag}_CA" if tag in ("fr", "en") else tag


def _newest(events: Sequence[Happening]) -> list[Happening]:
    return sorted(events, key=age, reverse=True)


def _of_order(order: Order) -> str:
    return order.state if order.state in states.FINAL else states.PICKED_UP


def told(event: Happening) -> Mapping[str, object]:
    """Return an event for programs, with the clock of its place."""
    return {
        "at": states.at_offset(event.at, event.offset),
        "state": event.state,
        "place": event.place,
        "text": event.text,
        "zone_known": event.zone_known,
    }


def age(event: Happening) -> tuple[datetime, int]:
    """Return what sorts events by when they happened."""
    return event.at, event.id or 0
