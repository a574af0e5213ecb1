"""A number that was typed wrong: the right one takes its place, and the customer hears of it."""

from grc_core import Tracking

from . import notices
from .adding import plausible
from .base import Base
from .learning import Moved
from .learning import add_parcel
from .learning import load
from .models import Line
from .numbers import normalised


class Incorrect(ValueError):
    """A correction that cannot be made; the message says why."""


def correct(plugin: Base, order_id: str, old: str, new: str) -> None:
    """Withdraw a number of an order and add another with the same content.

    A number that the shop itself states is corrected there: it would come back from there.
    """
    shipment = load(plugin.session, [order_id]).get(order_id)
    parcels = {one.number: one for one in shipment.parcels} if shipment else {}
    wrong = parcels.get(normalised(old) or old.strip())
    if shipment is None or wrong is None or wrong.withdrawn:
        raise Incorrect(f"order {order_id} has no parcel {old!r}")
    if wrong.source == "shop":
        raise Incorrect("the shop states this number: correct it there")
    number = normalised(new) or new.strip()
    if not plausible(new):
        raise Incorrect("that is no tracking number")
    if number in parcels:
        raise Incorrect(f"order {order_id} has {number} already")
    with plugin.grc.shop.outside():
        order = plugin.grc.shop.order_by_id(order_id)
    now = plugin.grc.now()
    wrong.withdrawn, wrong.ask_at = True, None
    tracking = Tracking(number)
    right = add_parcel(
        shipment, number, tracking, plugin.table, now, plugin.settings.ship_from, wrong.source
    )
    right.lines = [Line(product_id=one.product_id, quantity=one.quantity) for one in wrong.lines]
    plugin.session.flush()
    notices.announce(plugin, [Moved(right, "")], order, now, [wrong])
