"""Numbers that staff, files and programs add to orders; each row succeeds or says why not."""

import csv
import re
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from io import StringIO

from grc_core import Order
from grc_core import Tracking

from . import notices
from .base import Base
from .learning import Moved
from .learning import add_parcel
from .learning import load
from .models import Line
from .models import Parcel
from .models import Shipment
from .numbers import normalised
from .said import NOTHING
from .said import Said
from .said import said

_LONGEST = 200
#: So many lines may be pasted at once.
_MOST = 2000
NO_NUMBER = said("that is no tracking number")
_COLUMNS = ("order", "number", "carrier", "product", "quantity")


@dataclass(frozen=True, slots=True)
class Row:
    """One number for an order; `product` and `quantity` say what is in the parcel.

    `order` is as somebody typed it, `ids` are the orders that are called so.
    """

    line: int
    order: str
    number: str
    carrier: str = ""
    product: str = ""
    quantity: str = ""
    ids: tuple[str, ...] = field(default=(), kw_only=True)

    def meant(self, ids: Iterable[str]) -> "Row":
        """Return the row with the orders that its own word for them means."""
        return replace(self, ids=tuple(ids))

    @property
    def id(self) -> str:
        """Return the id of the order; what nobody knows as a number may be one itself."""
        return self.ids[0] if self.ids else self.order


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: `added`, `known`, or an error; a warning blocks nothing."""

    row: Row
    result: str
    error: Said = NOTHING
    warning: Said = NOTHING


class BadFile(ValueError):
    """A file that has no rows to read."""


def from_csv(text: str) -> list[Row]:
    """Read rows from CSV with a header; commas, semicolons and tabs are understood."""
    first = text.lstrip("\ufeff").partition("\n")[0]
    mark = max(",;\t", key=first.count)
    reader = csv.DictReader(StringIO(text.lstrip("\ufeff"), newline=""), delimiter=mark)
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    if not {"order", "number"} <= set(names):
        raise BadFile(f"the first line must name order and number; it names {', '.join(names)}")
    return [Row(reader.line_num, *(_cell(item.get(name)) for name in _COLUMNS)) for item in reader]


def _cell(text: str | None) -> str:
    return (text or "").strip()[:_LONGEST]


def from_paste(text: str, couriers: Container[str]) -> Iterator[Row]:
    """Read rows from pasted lines: an order, a carrier's code where it is known, the number."""
    for line, content in enumerate(text.splitlines()[:_MOST], 1):
        order, _, rest = re.sub(r"[\t;,]+", " ", content).strip().partition(" ")
        word, _, number = rest.strip().partition(" ")
        carrier = word.lower() if number and word.lower() in couriers else ""
        if order:
            yield Row(line, order[:_LONGEST], (number if carrier else rest).strip(), carrier)


def add(
    plugin: Base,
    rows: Iterable[Row],
    source: str,
    dry: bool = False,
    expected: int | None = None,
    rest_on: date | None = None,
) -> list[Outcome]:
    """Add numbers to orders of the shop; what is there already stays as it is.

    With `dry` nothing is written. Customers are written to as for numbers of the shop, once all
    rows are in; `expected` and `rest_on` are how many parcels there will be, and when the rest
    leaves.
    """
    wanted = list(rows)
    named = plugin.grc.contacts.orders_called({row.order for row in wanted if row.order})
    wanted = [row.meant(named.get(row.order, ())) for row in wanted]
    orders = list(dict.fromkeys(row.id for row in wanted if row.id))
    known = load(plugin.session, orders) if orders else {}
    stated: dict[str, Order | None] = {}
    new: list[tuple[Parcel, Order]] = []
    outcomes = [_one(plugin, row, known, stated, source, dry, new) for row in wanted]
    if not dry:
        for shipment in known.values():
            shipment.expected = expected or shipment.expected
            shipment.rest_on = rest_on or shipment.rest_on
    plugin.session.flush()
    for parcel, order in new:
        notices.announce(plugin, [Moved(parcel, "")], order, plugin.grc.now())
    return outcomes


def _one(
    plugin: Base,
    row: Row,
    known: dict[str, Shipment],
    stated: dict[str, Order | None],
    source: str,
    dry: bool,
    new: list[tuple[Parcel, Order]],
) -> Outcome:
    error = _wrong(plugin, row)
    if error:
        return Outcome(row, "error", error)
    number = normalised(row.number) or row.number.strip()
    warning = doubt(plugin, number, row.carrier)
    shipment = known.get(row.id)
    parcel = (
        next((one for one in shipment.parcels if one.number == number), None) if shipment else None
    )
    if parcel is not None and not row.product:
        return Outcome(row, "known", warning=warning)
    order = _order(plugin, row.id, stated)
    if order is None:
        return Outcome(row, "error", said("there is no order %(order)s", order=row.order))
    if row.product and row.product not in {line.product_id for line in order.lines}:
        named = {"order": row.order, "product": row.product}
        return Outcome(row, "error", said("order %(order)s has no product %(product)s", **named))
    if parcel is not None:
        if not dry:
            _put_in(parcel, row)
        return Outcome(row, "known", warning=warning)
    if dry:
        return Outcome(row, "added", warning=warning)
    if shipment is None:
        shipment = known[row.id] = Shipment.of(order, plugin.grc.now())
        plugin.session.add(shipment)
    now, origin = plugin.grc.now(), plugin.settings.ship_from
    tracking = Tracking(number, row.carrier or None)
    parcel = add_parcel(shipment, number, tracking, plugin.table, now, origin, source)
    if row.product:
        _put_in(parcel, row)
    new.append((parcel, order))
    return Outcome(row, "added", warning=warning)


def _order(plugin: Base, id: str, stated: dict[str, Order | None]) -> Order | None:
    """Return an order; the shop is asked once for each."""
    if id not in stated:
        with plugin.grc.shop.outside():
            stated[id] = plugin.grc.shop.order_by_id(id)
    return stated[id]


def _wrong(plugin: Base, row: Row) -> Said:
    if not row.order or not row.number:
        return said("order and number are needed")
    if len(row.ids) > 1:
        several = {"order": row.order, "ids": ", ".join(f"id:{id}" for id in row.ids)}
        return said("several orders are called %(order)s; name one of %(ids)s", **several)
    if row.carrier and row.carrier not in plugin.table.carriers:
        known = ", ".join(plugin.table.carriers)
        return said("no carrier %(carrier)s; there are %(known)s", carrier=row.carrier, known=known)
    if row.quantity and not (row.quantity.isascii() and row.quantity.isdigit()):
        return said("%(quantity)s is no quantity", quantity=row.quantity)
    return NOTHING if plausible(row.number) else NO_NUMBER


def plausible(number: str) -> bool:
    """Tell whether somebody may mean a number by this; formulas of spreadsheets are none."""
    return bool(number.strip()) and number[:1] not in "=+@-" and number.isprintable()


def doubt(plugin: Base, number: str, carrier: str) -> Said:
    """Return what looks wrong about a number; it is added all the same."""
    from .detection import detect  # reading the carrier table is not for start-up
    from .detection import hints

    found = [one.courier for one in detect(number, carriers=plugin.table)]
    if carrier in found or (found and not carrier):
        return NOTHING
    typo = [one.courier for one in hints(number, carriers=plugin.table)]
    if carrier in typo or (typo and not carrier):
        name = plugin.table.name(carrier or typo[0])
        return said("a digit of this %(carrier)s number is mistyped?", carrier=name)
    return NOTHING if found else said("no known carrier has numbers like this")


def _put_in(parcel: Parcel, row: Row) -> None:
    quantity = int(row.quantity or 1)
    line = next((one for one in parcel.lines if one.product_id == row.product), None)
    if line is None:
        parcel.lines.append(Line(product_id=row.product, quantity=quantity))
    else:
        line.quantity = quantity
