"""Purolator: SOAP answers of TrackPackagesByPin."""

from xml.etree.ElementTree import Element

from .. import states
from ..states import Answer
from ..states import Told
from . import documents
from . import words
from .documents import text
from .zones import moment

_TYPES: dict[str, tuple[str, str | None]] = {
    "Delivery": (states.DELIVERED, None),
    "OnDelivery": (states.OUT_FOR_DELIVERY, None),
    "ProofOfPickUp": (states.PICKED_UP, None),
}
#: A new number is a correction of the label, not a movement.
_NEUTRAL = ("new tracking number",)


def read(body: bytes) -> list[Answer]:
    """Return what an answer says of each number."""
    root = documents.xml(body)
    infos = list(documents.all_named(root, "TrackingInformation"))
    if infos:
        return [_information(info) for info in infos]
    errors = list(documents.all_named(root, "Error"))
    fault = next(documents.all_named(root, "Fault"), None)
    if errors:
        return [Answer("", error=text(errors[0], "Description") or "refused")]
    if fault is not None:
        return [Answer("", error=text(fault, "faultstring") or "refused")]
    if next(documents.all_named(root, "TrackPackagesByPinResponse"), None) is not None:
        return [Answer("")]
    raise documents.Unreadable(f"{root.tag!r} is no answer of Purolator's tracking")


def _information(info: Element) -> Answer:
    return Answer(
        text(info, "PIN/Value"), tuple(_scan(scan) for scan in info.iterfind("Scans/Scan"))
    )


def _scan(scan: Element) -> Told:
    kind, said = text(scan, "ScanType"), text(scan, "Description")
    depot = text(scan, "Depot/Name")
    at, known = moment(
        text(scan, "ScanDate"),
        text(scan, "ScanTime"),
        ("%Y-%m-%d", "%H%M%S"),
        region=depot.rpartition(",")[2],  # such as `QUEBEC, QC`
    )
    state, reason = words.meaning(said)
    if said.lower().startswith(_NEUTRAL):
        state, reason = "", None
    elif not state or state == states.IN_TRANSIT:
        state, reason = _TYPES.get(kind, (state, reason))
    return Told(f"{kind}:{said[:60]}", at, state, depot, reason, said, "en", known)
