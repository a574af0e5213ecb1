"""UPS: JSON of the Tracking API, and XML of the older service."""

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
from .zones import moment
from .zones import shifted

_TYPES: dict[str, tuple[str, str | None]] = {
    "D": (states.DELIVERED, None),
    "M": (states.PENDING, None),
    "MV": (states.CANCELLED, None),
    "O": (states.OUT_FOR_DELIVERY, None),
    "P": (states.PICKED_UP, None),
    "RS": (states.RETURNED, None),
}
#: These mean that nothing is known yet, which is usual in the first hours.
_UNKNOWN = frozenset({"TW0001", "151018", "151044"})
_PATTERNS = ("%Y%m%d", "%H%M%S")


def read(body: bytes) -> list[Answer]:
    """Return what an answer says of each parcel of a shipment."""
    if body.lstrip()[:1] == b"{":
        return _json(documents.json_object(body))
    root = documents.xml(body)
    if root.tag != "TrackResponse" or root.find("Response") is None:
        raise documents.Unreadable(f"{root.tag!r} is no answer of UPS's tracking")
    if text(root, "Response/ResponseStatusCode") != "1":
        return [Answer("", error=text(root, "Response/Error/ErrorDescription") or "refused")]
    return [
        _package(item, shipment)
        for shipment in root.iterfind("Shipment")
        for item in shipment.iterfind("Package")
    ]


def _package(item: Element, shipment: Element) -> Answer:
    scheduled = text(shipment, "ScheduledDeliveryDate")
    return Answer(
        text(item, "TrackingNumber"),
        tuple(_activity(one) for one in item.iterfind("Activity")),
        _day(text(item, "RescheduledDeliveryDate") or scheduled),
        service=text(shipment, "Service/Description"),
    )


def _activity(one: Element) -> Told:
    where = "ActivityLocation/Address"
    kind = text(one, "Status/StatusType/Code")
    return _told(
        (text(one, "Date"), text(one, "Time"), ""),
        kind,
        text(one, "Status/StatusCode/Code") or kind,
        text(one, "Status/StatusType/Description"),
        (text(one, f"{where}/City"), text(one, f"{where}/StateProvinceCode")),
    )


def _json(data: Mapping[str, Any]) -> list[Answer]:
    try:
        if "response" in data:
            return [_refusal(data["response"]["errors"][0])]
        # A shipment without a package only warns that nothing is known.
        nothing: list[dict[str, Any]] = [{}]
        found = [
            _parcel(package, shipment)
            for shipment in data["trackResponse"]["shipment"]
            for package in shipment.get("package") or nothing
        ]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise documents.Unreadable(f"no answer of UPS's tracking: {error!r}") from None
    if not found:
        raise documents.Unreadable("UPS's answer is about no shipment")
    return found


def _refusal(error: Mapping[str, Any]) -> Answer:
    said = one_line(error.get("message")) or "refused"
    return Answer("", error=None if one_line(error.get("code")) in _UNKNOWN else said)


def _parcel(package: Mapping[str, Any], shipment: Mapping[str, Any]) -> Answer:
    number = one_line(package.get("trackingNumber") or shipment.get("inquiryNumber"))
    days = {one.get("type"): one_line(one.get("date")) for one in package.get("deliveryDate") or ()}
    events = []
    for one in package.get("activity") or ():
        status = one.get("status") or {}
        place = (one.get("location") or {}).get("address") or {}
        kind = one_line(status.get("type"))
        events.append(
            _told(
                tuple(one_line(one.get(name)) for name in ("date", "time", "gmtOffset")),
                kind,
                one_line(status.get("code")) or kind,
                one_line(status.get("description")),
                (one_line(place.get("city")), one_line(place.get("stateProvince"))),
            )
        )
    service = one_line((package.get("service") or {}).get("description"))
    promised = _day(days.get("RDD") or days.get("SDD") or "")
    return Answer(number, tuple(events), promised, service=service)


def _told(when: tuple[str, ...], kind: str, code: str, said: str, where: tuple[str, str]) -> Told:
    day, time, offset = when
    at, known = moment(day, time, _PATTERNS, region=where[1])
    named = shifted(offset)
    if named is not None and time:
        at, known = at.replace(tzinfo=named), True
    state, reason = _TYPES.get(kind) or words.meaning(said)
    if kind == "X" and state not in states.TROUBLE:
        state = ""  # an internal code says nothing about where the parcel is
    place = ", ".join(filter(None, where))
    return Told(code, at, state, place, reason, said.capitalize(), "en", known)


def _day(value: str) -> date | None:
    try:
        return datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return None
