"""FedEx: JSON of Track API v1, and XML of the older web service."""

from collections.abc import Iterable
from collections.abc import Mapping
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

from .. import states
from ..states import Answer
from ..states import Told
from . import documents
from . import words
from .documents import one_line
from .documents import text
from .zones import iso

_CODES: dict[str, tuple[str, str | None]] = {
    "OC": (states.PENDING, None),
    "PU": (states.PICKED_UP, None),
    "IP": (states.PICKED_UP, None),
    "OD": (states.OUT_FOR_DELIVERY, None),
    "HL": (states.READY_FOR_PICKUP, None),
    "HP": (states.READY_FOR_PICKUP, None),
    "DL": (states.DELIVERED, None),
    "DY": (states.DELIVERY_DELAYED, None),
    "CD": (states.DELIVERY_DELAYED, "customs"),
    "SE": (states.EXCEPTION, None),
    "RS": (states.RETURNED, None),
    "CA": (states.CANCELLED, None),
    "RR": ("", None),
    **dict.fromkeys(("AR", "AF", "DP", "IT", "AA", "FD", "CC", "OX"), (states.IN_TRANSIT, None)),
}
#: These mean that nothing is known yet, which is usual in the first hours.
_UNKNOWN = frozenset({"9040", "9041", "TRACKING.TRACKINGNUMBER.NOTFOUND"})


def read(body: bytes) -> list[Answer]:
    """Return what an answer says of each number."""
    if body.lstrip()[:1] == b"{":
        return _json(documents.json_object(body))
    root = documents.xml(body)
    if root.find(".//TrackReply") is None and root.tag != "TrackReply":
        raise documents.Unreadable(f"{root.tag!r} is no answer of FedEx's tracking")
    found = [_detail(item) for item in documents.all_named(root, "TrackDetails")]
    if not found:
        return [Answer("", error=_notice(root.iterfind(".//Notifications")))]
    numbers = [answer.number for answer in found]
    twice = "several parcels have this number"
    return [
        Answer(one.number, error=twice) if one.number and numbers.count(one.number) > 1 else one
        for one in found
    ]


def _notice(items: Iterable[Element]) -> str:
    bad = (item for item in items if text(item, "Severity") not in ("SUCCESS", "NOTE"))
    found = next(bad, None)
    return text(found, "Message") if found is not None else "no parcel in the answer"


def _detail(item: Element) -> Answer:
    number, notice = text(item, "TrackingNumber"), item.find("Notification")
    if text(notice, "Severity") in ("ERROR", "FAILURE"):
        unknown = text(notice, "Code") in _UNKNOWN
        return Answer(number, error=None if unknown else text(notice, "Message") or "refused")
    events = []
    for one in item.iterfind("Events"):
        told = _told(
            text(one, "Timestamp"),
            text(one, "EventType"),
            text(one, "EventDescription"),
            text(one, "StatusExceptionDescription"),
            [
                text(one, f"Address/{part}")
                for part in ("City", "StateOrProvinceCode", "CountryCode")
            ],
        )
        events += [told] if told else []
    promised = _day(text(item, "EstimatedDeliveryTimestamp"))
    return Answer(number, tuple(events), promised, service=text(item, "Service/Description"))


def _json(data: Mapping[str, Any]) -> list[Answer]:
    try:
        results = [
            (one["trackingNumber"], result)
            for one in data["output"]["completeTrackResults"]
            for result in one["trackResults"]
        ]
        return [_result(str(number), result) for number, result in results]
    except (KeyError, TypeError, AttributeError) as error:
        raise documents.Unreadable(f"no answer of FedEx's tracking: {error!r}") from None


def _result(number: str, result: Mapping[str, Any]) -> Answer:
    error = result.get("error")
    if error:
        unknown = error.get("code") in _UNKNOWN
        return Answer(number, error=None if unknown else one_line(error.get("message")))
    events = []
    for one in result.get("scanEvents") or ():
        place = one.get("scanLocation") or {}
        told = _told(
            one_line(one.get("date")),
            one_line(one.get("eventType")),
            one_line(one.get("eventDescription")),
            one_line(one.get("exceptionDescription")),
            [one_line(place.get(part)) for part in ("city", "stateOrProvinceCode", "countryCode")],
        )
        events += [told] if told else []
    times = {item.get("type"): item.get("dateTime") for item in result.get("dateAndTimes") or ()}
    promised = _day(str(times.get("ESTIMATED_DELIVERY") or ""))
    service = one_line((result.get("serviceDetail") or {}).get("description"))
    return Answer(number, tuple(events), promised, service=service)


def _told(at: str, code: str, said: str, why: str, place: list[str]) -> Told | None:
    when = iso(at)
    if when is None:
        return None
    state, reason = _CODES.get(code) or words.meaning(said)
    if code == "DE":  # the exception says whether somebody tried to deliver
        state, reason = words.meaning(why)
        state = state if state in states.TROUBLE else states.EXCEPTION
    words_ = f"{said}. {why}" if why and why != said else said
    return Told(code, when[0], state, ", ".join(filter(None, place)), reason, words_, "en", when[1])


def _day(value: str) -> date | None:
    when = iso(value)
    return when[0].date() if when else None
