"""DHL Express: XML of the tracking service; its times have no zone."""

from datetime import date
from xml.etree.ElementTree import Element

from .. import states
from ..states import Answer
from ..states import Told
from . import documents
from . import words
from .documents import text
from .zones import moment

_CODES: dict[str, tuple[str, str | None]] = {
    "PU": (states.PICKED_UP, None),
    "WC": (states.OUT_FOR_DELIVERY, None),
    "NH": (states.ATTEMPT_FAILED, "nobody_there"),
    "OK": (states.DELIVERED, None),
    "DD": (states.DELIVERED, None),
    "OH": (states.ON_HOLD, None),
    "CD": (states.ON_HOLD, "customs"),
    "UD": (states.ON_HOLD, "customs"),
    "RT": (states.RETURNED, None),
    "RR": ("", None),
    **dict.fromkeys(("PL", "DF", "AF", "AR", "TR", "IC", "CR"), (states.IN_TRANSIT, None)),
}


def read(body: bytes) -> list[Answer]:
    """Return what an answer says of each waybill."""
    root = documents.xml(body)
    if root.tag != "TrackingResponse":
        raise documents.Unreadable(f"{root.tag!r} is no answer of DHL's tracking")
    return [_waybill(item) for item in root.iterfind("AWBInfo")]


def _waybill(item: Element) -> Answer:
    number, info = text(item, "AWBNumber"), item.find("ShipmentInfo")
    if text(item, "Status/ActionStatus").lower() != "success":
        unknown = "no shipments found" in text(item, "Status/ActionStatus").lower()
        return Answer(number, error=None if unknown else text(item, "Status/ActionStatus"))
    found = item.iterfind("ShipmentInfo/ShipmentEvent")
    promised = text(info, "EstDlvyDate")[:10]
    return Answer(number, tuple(_event(one) for one in found), _day(promised))


def _event(one: Element) -> Told:
    code = text(one, "ServiceEvent/EventCode")
    said = text(one, "ServiceEvent/Description").removesuffix(" - Signed for by")
    at, known = moment(text(one, "Date"), text(one, "Time"), ("%Y-%m-%d", "%H:%M:%S"))
    state, reason = _CODES.get(code) or words.meaning(said)
    return Told(code, at, state, text(one, "ServiceArea/Description"), reason, said, "en", known)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
