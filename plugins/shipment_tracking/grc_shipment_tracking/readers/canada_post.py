"""Canada Post: `tracking-detail` documents of the service /vis/track/pin/{pin}/detail."""

from datetime import date
from xml.etree.ElementTree import Element

from .. import states
from ..states import Answer
from ..states import Told
from . import documents
from . import words
from .documents import text
from .zones import moment

#: By event identifier without leading zeros; the service writes `0174`, its tables `174`.
_CODES: dict[str, tuple[str, str | None]] = {
    "20": ("", None),
    "100": (states.IN_TRANSIT, None),
    "104": (states.IN_TRANSIT, None),
    "105": (states.IN_TRANSIT, None),
    "156": (states.READY_FOR_PICKUP, "final_notice"),
    "170": (states.IN_TRANSIT, None),
    "173": (states.DELIVERY_DELAYED, "address"),
    "174": (states.OUT_FOR_DELIVERY, None),
    "175": (states.IN_TRANSIT, None),
    "405": (states.IN_TRANSIT, None),
    "410": (states.IN_TRANSIT, None),
    "500": (states.OUT_FOR_DELIVERY, None),
    "1302": (states.PICKED_UP, None),
    "1479": (states.ATTEMPT_FAILED, "nobody_there"),
    "1496": (states.DELIVERED, None),
    "1498": (states.DELIVERED, None),
    "1701": (states.READY_FOR_PICKUP, None),
    "1703": (states.IN_TRANSIT, None),
    "2300": (states.PICKED_UP, None),
    "3000": (states.PENDING, None),
    "4311": (states.IN_TRANSIT, "abroad"),
    "8901": (states.IN_TRANSIT, "abroad"),
}
_NO_HISTORY = "004"


def read(body: bytes) -> list[Answer]:
    """Return what a document says; one of messages is an error, or a number not known yet."""
    root = documents.xml(body)
    found = [_detail(detail) for detail in documents.all_named(root, "tracking-detail")]
    if found:
        return found
    messages = list(documents.all_named(root, "message"))
    if not messages:
        raise documents.Unreadable(f"{root.tag!r} is no document of Canada Post's tracking")
    if text(messages[0], "code") == _NO_HISTORY:
        return [Answer("")]
    return [Answer("", error=text(messages[0], "description") or "refused")]


def _detail(detail: Element) -> Answer:
    promised = text(detail, "changed-expected-date") or text(detail, "expected-delivery-date")
    events = tuple(_event(item) for item in detail.iterfind("significant-events/occurrence"))
    service = text(detail, "service-name")
    return Answer(text(detail, "pin"), events, _date(promised), service=service)


def _event(item: Element) -> Told:
    code, said = text(item, "event-identifier"), text(item, "event-description")
    region = text(item, "event-province")
    at, known = moment(
        text(item, "event-date"),
        text(item, "event-time"),
        ("%Y-%m-%d", "%H:%M:%S"),
        text(item, "event-time-zone"),
        region,
    )
    state, reason = _CODES.get(code.lstrip("0")) or words.meaning(said)
    place = ", ".join(part for part in (text(item, "event-site"), region) if part)
    return Told(code, at, state, place, reason, said, _language(said), known)


def _language(said: str) -> str:
    """Tell the language of a description: the document does not say it."""
    lowered = f" {said.lower()} "
    french = any(word in lowered for word in (" par ", " pour ", " livré", "article ", "é ", "à "))
    return "fr" if french else "en"


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None
