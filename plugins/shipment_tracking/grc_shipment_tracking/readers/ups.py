"""UPS: XML of the tracking service."""

from datetime import date
from datetime import datetime
from xml.etree.ElementTree import Element

from .. import states
from ..states import Answer
from ..states import Told
from . import documents
from . import words
from .documents import text
from .zones import moment

_TYPES: dict[str, tuple[str, str | None]] = {
    "D": (states.DELIVERED, None),
    "M": (states.PENDING, None),
    "P": (states.PICKED_UP, None),
    "RS": (states.RETURNED, None),
}


def read(body: bytes) -> list[Answer]:
    """Return what an answer says of each parcel of a shipment."""
    root = documents.xml(body)
    if root.tag != "TrackResponse" or root.find("Response") is None:
        raise documents.Unreadable(f"{root.tag!r} is no answer of UPS's tracking")
    if text(root, "Response/ResponseStatusCode") != "1":
        return [Answer("", error=text(root, "Response/Error/ErrorDescription") or "refused")]
    found = []
    for shipment in root.iterfind("Shipment"):
        scheduled = text(shipment, "ScheduledDeliveryDate")
        found += [_package(item, scheduled) for item in shipment.iterfind("Package")]
    return found


def _package(item: Element, scheduled: str) -> Answer:
    promised = text(item, "RescheduledDeliveryDate") or scheduled
    events = tuple(_activity(one) for one in item.iterfind("Activity"))
    return Answer(text(item, "TrackingNumber"), events, _day(promised))


def _activity(one: Element) -> Told:
    kind = text(one, "Status/StatusType/Code")
    said = text(one, "Status/StatusType/Description")
    code = text(one, "Status/StatusCode/Code") or kind
    where = "ActivityLocation/Address"
    region = text(one, f"{where}/StateProvinceCode")
    at, known = moment(text(one, "Date"), text(one, "Time"), ("%Y%m%d", "%H%M%S"), region=region)
    state, reason = _TYPES.get(kind) or words.meaning(said)
    if kind == "X" and state not in states.TROUBLE:
        state = ""  # an internal code says nothing about where the parcel is
    place = ", ".join(filter(None, (text(one, f"{where}/City"), region)))
    return Told(code, at, state, place, reason, said.capitalize(), "en", known)


def _day(value: str) -> date | None:
    try:
        return datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return None
