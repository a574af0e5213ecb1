"""USPS: JSON of the Tracking API v3, and XML of the Web Tools' TrackV2."""

from collections.abc import Mapping
from datetime import date
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

from .. import states
from ..states import Answer
from ..states import Told
from . import documents
from . import words
from .documents import one_line
from .documents import text
from .zones import guessed
from .zones import iso
from .zones import moment
from .zones import shifted

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
_UNKNOWN = frozenset({"-2147219302", "-2147219301", "-2147219283", "404"})


def read(body: bytes) -> list[Answer]:
    """Return what an answer says of each number."""
    if body.lstrip()[:1] == b"{":
        return [_json(documents.json_object(body))]
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
    return Answer(number, events, _day(promised), service=text(info, "Class"))


def _event(item: Element) -> Told:
    code, said, region = text(item, "EventCode"), text(item, "Event"), text(item, "EventState")
    at, known = moment(
        text(item, "EventDate"), text(item, "EventTime"), ("%B %d, %Y", "%I:%M %p"), region=region
    )
    return _told(code, said, at, known, (text(item, "EventCity"), region))


def _json(data: Mapping[str, Any]) -> Answer:
    if "error" in data:
        return _refusal(data["error"])
    if "trackingNumber" not in data:
        raise documents.Unreadable("no answer of USPS's tracking: it names no number")
    items = data.get("trackingEvents")
    events = (
        [_scan(one) for one in items if isinstance(one, dict)] if isinstance(items, list) else ()
    )
    promised = data.get("predictedDeliveryTimeStamp") or data.get("expectedDeliveryTimeStamp")
    day = iso(str(promised or ""))
    return Answer(
        one_line(data["trackingNumber"]),
        tuple(event for event in events if event is not None),
        day[0].date() if day else None,
        service=one_line(data.get("mailClass")),
    )


def _refusal(error: object) -> Answer:
    if not isinstance(error, dict):
        return Answer("", error=one_line(error) or "refused")
    unknown = one_line(error.get("code")) in _UNKNOWN
    return Answer("", error=None if unknown else one_line(error.get("message")) or "refused")


def _scan(one: Mapping[str, Any]) -> Told | None:
    """Return an event; the clock of the place where it is told, else of its state."""
    region = one_line(one.get("eventState"))
    universal, local = iso(str(one.get("GMTTimestamp") or "")), iso(str(one.get("eventTimestamp")))
    zone = shifted(one_line(one.get("GMTOffset")))
    if universal is not None:
        at, known = universal[0].astimezone(zone or guessed(region)), True
    elif local is not None:
        at, known = local if local[1] else (local[0].replace(tzinfo=guessed(region)), False)
    else:
        return None
    code, said = one_line(one.get("eventCode")), one_line(one.get("eventType"))
    return _told(code, said, at, known, (one_line(one.get("eventCity")), region))


def _told(code: str, said: str, at: datetime, known: bool, where: tuple[str, str]) -> Told:
    state, reason = _CODES.get(code) or words.meaning(said)
    place = ", ".join(filter(None, where))
    return Told(code or said[:20], at, state, place, reason, said, "en", known)


def _day(value: str) -> date | None:
    try:
        return datetime.strptime(value, "%B %d, %Y").date()  # noqa: DTZ007
    except ValueError:
        return None
