"""USPS: XML of the Web Tools' TrackV2."""

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

_CODES: dict[str, tuple[str, str | None]] = {
    "01": (states.DELIVERED, None),
    "03": (states.PICKED_UP, None),
    "OA": (states.PICKED_UP, None),
    "OF": (states.OUT_FOR_DELIVERY, None),
    "GX": (states.PENDING, None),
    "MA": (states.PENDING, None),
    "NP": (states.PENDING, None),
    "02": (states.ATTEMPT_FAILED, "nobody_there"),
    "09": (states.RETURNED, None),
    "14": (states.READY_FOR_PICKUP, None),
    **dict.fromkeys(("07", "10", "EF", "PC", "SF"), (states.IN_TRANSIT, None)),
}
#: Not found: usual in the first hours.
_UNKNOWN = frozenset({"-2147219302", "-2147219301", "-2147219283"})


def read(body: bytes) -> list[Answer]:
    """Return what an answer says of each number."""
    root = documents.xml(body)
    if root.tag == "Error":
        return [Answer("", error=text(root, "Description") or "refused")]
    if root.tag != "TrackResponse":
        raise documents.Unreadable(f"{root.tag!r} is no answer of USPS's tracking")
    return [_info(info) for info in root.iterfind("TrackInfo")]


def _info(info: Element) -> Answer:
    number, error = info.get("ID", ""), info.find("Error")
    if error is not None:
        unknown = text(error, "Number") in _UNKNOWN
        return Answer(number, error=None if unknown else text(error, "Description") or "refused")
    items = [*info.iterfind("TrackSummary"), *info.iterfind("TrackDetail")]
    events = tuple(_event(item) for item in items if text(item, "EventDate"))
    promised = text(info, "PredictedDeliveryDate") or text(info, "ExpectedDeliveryDate")
    return Answer(number, events, _day(promised))


def _event(item: Element) -> Told:
    code, said, region = text(item, "EventCode"), text(item, "Event"), text(item, "EventState")
    at, known = moment(
        text(item, "EventDate"), text(item, "EventTime"), ("%B %d, %Y", "%I:%M %p"), region=region
    )
    state, reason = _CODES.get(code) or words.meaning(said)
    place = ", ".join(filter(None, (text(item, "EventCity"), region)))
    return Told(code or said[:20], at, state, place, reason, said, "en", known)


def _day(value: str) -> date | None:
    try:
        return datetime.strptime(value, "%B %d, %Y").date()  # noqa: DTZ007
    except ValueError:
        return None
