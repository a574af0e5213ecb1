"""What the core itself stores about people, declared as plugins declare theirs."""

from datetime import timedelta
from typing import Any

from ..purposes import Personal
from ..purposes import Purpose
from ..storage.audit_models import AuditRow
from ..storage.contact_models import AddressRow
from ..storage.contact_models import BounceRow
from ..storage.contact_models import ContactOrderRow
from ..storage.contact_models import ContactRow
from ..storage.contact_models import ContactStatsRow
from ..storage.contact_models import ContactVisitRow
from ..storage.contact_models import EntryRow
from ..storage.contact_models import FieldValueRow
from ..storage.contact_models import IdentityRow
from ..storage.contact_models import MergeRow
from ..storage.contact_models import SuppressionRow
from ..storage.contact_models import TagRow
from ..storage.contact_models import WordRow
from ..storage.mail_models import MessageRow
from ..storage.models import EventRow

_SALE, _INTEREST = "contract", "legitimate interest"
_KNOWN, _SEEN = Purpose.NECESSARY, Purpose.ANALYTICS
_MONTH = timedelta(days=30)


def _contact(model: type[Any], fields: str, basis: str, why: str, **more: Any) -> Personal:
    values = {"by": "contact_id", "purpose": _KNOWN, "kind": "contact", **more}
    return Personal(model, tuple(fields.split()), basis=basis, why=why, **values)


#: One declaration per table; the cart is found by other means, see `leftovers`.
OWN = (
    _contact(ContactRow, "kind name locale owner since unsubscribed_at changed_at", _SALE,
             "who the shop's customers and partners are", by="id"),
    _contact(IdentityRow, "kind value at", _SALE, "to recognise a customer"),
    _contact(AddressRow, "email verified at", _SALE, "to write to a customer"),
    _contact(WordRow, "word", _SALE, "to find a customer"),
    _contact(TagRow, "tag", _INTEREST, "notes of the shop's people"),
    _contact(FieldValueRow, "value", _INTEREST, "notes of the shop's people"),
    _contact(MergeRow, "reason at undone_at", _SALE, "to take a wrong merge back", by="kept_id"),
    _contact(ContactOrderRow,
             "order_id number state placed_at currency total refunded undone margin",
             _SALE, "what was bought"),
    _contact(ContactVisitRow, "day", "consent", "on which days somebody looked at the shop",
             purpose=_SEEN),
    _contact(ContactStatsRow, "orders revenue refunded margin first_order_at last_order_at "
             "visits contacts last_contact_at", _SALE, "what was bought, in sums"),
    _contact(EntryRow, "channel kind at summary data operator", _SALE,
             "what happened, and who was in contact"),
    _contact(SuppressionRow, "reason since until", _INTEREST, "to send no promotion"),
    _contact(MessageRow, "address name locale subject text html state created_at finished_at",
             _SALE, "mail that was sent or is to be sent"),
    Personal(BounceRow, ("email", "reason", "at"), "email", _KNOWN, _INTEREST,
             why="not to write to dead addresses"),
    Personal(AuditRow, ("at", "action", "subject", "before", "after"), "about_id", _KNOWN,
             _INTEREST, why="what the shop's people changed"),
    Personal(EventRow, ("type", "occurred_at", "payload"), "subject_id", _KNOWN, _SALE, _MONTH,
             why="to tell plugins what happened", since="accepted_at"),
)  # fmt: skip
