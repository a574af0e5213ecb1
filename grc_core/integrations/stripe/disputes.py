"""A customer's bank doubts a payment: no promotion reaches this person, and the staff is told."""

import logging
from typing import TYPE_CHECKING

from sqlalchemy import select

from ...errors import GRCError
from ...values import Money
from ...values import Order
from ...values import Subject
from .models import EventRow
from .notice import UNDISPUTED
from .notice import Notice
from .remarks import remark

if TYPE_CHECKING:
    from .working import Working

log = logging.getLogger("grc")


class Unknown(GRCError):
    """Raise for what an event names and nobody knows yet; it waits until somebody does."""


def judge(plugin: "Working", notice: Notice, order: Order) -> str:
    """Suppress a contact while a dispute is open; one that was won ends it.

    A dispute that was lost stays. Raises Unknown where nobody is known to suppress.
    """
    subject = Subject.of_order(order)
    with plugin.grc.writing():
        contacts, timeline = plugin.grc.contacts, plugin.grc.timeline
        # never by the order's id where a buyer is named: it may be the number of another order
        contact = contacts.of(subject) if subject else contacts.by_order(order.id)
        if contact is None:
            raise Unknown(
                remark("nobody is known yet who placed order %(order)s", order=order.label)
            )
        reason, is_won = f"dispute {notice.object_id}", _is_won(plugin, notice)
        if is_won:
            contacts.lift(contact, reason)
        else:
            contacts.suppress(contact, reason)
        amount = Money(notice.amount, notice.currency or "USD")
        summary = f"{reason} over {amount}: {notice.status or 'open'}"
        timeline.add(contact, "web", "dispute", notice.at, summary, {"order": order.id})
        address = plugin.settings.alert_to
        if address:
            plugin.mail(
                address, "dispute", notice.id, "transactional",
                order=order.label, dispute=notice.object_id, amount=amount,
                status=notice.status or "", closed=notice.means == UNDISPUTED,
            )  # fmt: skip
    log.warning("order %s: %s", order.label, summary)
    return ""


def _is_won(plugin: "Working", notice: Notice) -> bool:
    """Tell whether the shop has won, whichever event came first."""
    query = select(EventRow.status).where(
        EventRow.object_id == notice.object_id, EventRow.means == UNDISPUTED
    )
    return "won" in (notice.status, *plugin.session.scalars(query))
