"""What is in the parcels of an order, and what is still to come."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from grc_core import Order

from .models import Parcel
from .models import Shipment

#: A product's name, and how many of it.
Item = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Rest:
    """How many of the parcels have left, the day on which the rest does, and what it is."""

    sent: int
    total: int
    day: date | None
    items: tuple[Item, ...] = ()

    @property
    def counted(self) -> bool:
        """Tell whether somebody said how many parcels there will be."""
        return self.total > self.sent


def products_of(parcels: Iterable[Parcel], order: Order | None = None) -> list[str]:
    """Return the products whose names are needed; none where no parcel says what is in it."""
    packed = [line.product_id for parcel in parcels for line in parcel.lines]
    if packed and order is not None:
        packed += [line.product_id for line in order.lines]
    return list(dict.fromkeys(packed))


def items_of(parcel: Parcel, names: Mapping[str, str]) -> tuple[Item, ...]:
    """Return what is in a parcel, by name; a product without a name goes by its id."""
    ids = [(line.product_id, line.quantity) for line in parcel.lines]
    return tuple(sorted((names.get(id, id), quantity) for id, quantity in ids))


def rest_of(
    shipment: Shipment, order: Order | None = None, names: Mapping[str, str] | None = None
) -> Rest | None:
    """Return what is still to come of an order, None where nothing is known to be.

    What is missing is counted only where every parcel says what is in it.
    """
    gone = [parcel for parcel in shipment.parcels if not parcel.withdrawn]
    if not gone:
        return None
    missing = _missing(gone, order) if order is not None else {}
    items = tuple((names or {}).get(id, id) for id in missing)
    total = shipment.expected or len(gone)
    if total <= len(gone) and not missing:
        return None
    counted = tuple(zip(items, missing.values(), strict=True))
    return Rest(len(gone), total, shipment.rest_on, counted)


def _missing(parcels: Sequence[Parcel], order: Order) -> dict[str, int]:
    if not all(parcel.lines for parcel in parcels):
        return {}
    left: dict[str, int] = {}
    for ordered in order.lines:
        left[ordered.product_id] = left.get(ordered.product_id, 0) + ordered.quantity
    for parcel in parcels:
        for line in parcel.lines:
            left[line.product_id] = left.get(line.product_id, 0) - line.quantity
    return {product: quantity for product, quantity in left.items() if quantity > 0}
