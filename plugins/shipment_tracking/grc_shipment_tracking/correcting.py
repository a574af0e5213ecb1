"""A number that was typed wrong: the right one takes its place, and the customer hears of it."""

from grc_core import Tracking

from . import notices
from .adding import NO_NUMBER
from .adding import plausible
from .base import Base
from .learning import Moved
from .learning import add_parcel
from .learning import load
from .models import Line
from .numbers import normalised
from .said import Said
from .said import said


class Incorrect(ValueError):
    """A correction that cannot be made; `said` says why."""

    def __init__(self, why: Said) -> None:
        super().__init__(str(why))
        self.said = why


def correct(plugin: Base, order_id: str, old: str, new: str) -> None:
    """Withdraw a number of an order and add another with the same content.

    A number that the shop itself states is corrected there: it would come back from there.
    """
    shipment = load(plugin.session, [order_id]).get(order_id)
    parcels = {one.number: one for one in shipment.parcels} if shipment else {}
    wrong = parcels.get(normalised(old) or old.strip())
    if shipment is None or wrong is None or wrong.withdrawn:
        raise Incorrect(
            said("order %(order)s has no parcel %(number)s", order=order_id, number=old)
        )
    if wrong.source == "shop":
        raise Incorrect(said("the shop states this number: correct it there"))
    number = normalised(new) or new.strip()
    if not plausible(new):
        raise Incorrect(NO_NUMBER)
    if number in parcels:
        raise Incorrect(
            said("order %(order)s has %(number)s already", order=order_id, number=number)
        )
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
