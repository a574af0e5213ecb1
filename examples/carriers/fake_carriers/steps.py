"""The steps of a journey, and what each carrier calls them."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Words:
    """How a step is told: codes by carrier, and a sentence in English and French."""

    canada_post: str
    fedex: str
    purolator: str
    ups: tuple[str, str]
    usps: str
    english: str
    french: str


#: `signed` is an event that moves nothing; carriers send it after the delivery.
STEPS: Mapping[str, Words] = {
    "announced": Words(
        "3000", "OC", "Other", ("M", "MP"), "GX",
        "Shipping label created", "Étiquette d’expédition créée",
    ),
    "picked_up": Words(
        "2300", "PU", "ProofOfPickUp", ("P", "PU"), "03",
        "Picked up by the carrier", "Article ramassé",
    ),
    "moving": Words(
        "0100", "IT", "Other", ("I", "DP"), "10",
        "Departed from the sorting facility", "Article traité à l’installation de tri",
    ),
    "delayed": Words(
        "0173", "DY", "Other", ("X", "DJ"), "DE",
        "Delayed by weather conditions", "Retard en raison des intempéries",
    ),
    "out": Words(
        "0174", "OD", "OnDelivery", ("I", "OT"), "OF",
        "On vehicle for delivery", "Article sorti pour livraison",
    ),
    "attempted": Words(
        "1479", "DE", "Undeliverable", ("X", "48"), "02",
        "Delivery attempted, nobody was there: notice card left", "Avis de livraison laissé",
    ),
    "waiting": Words(
        "1701", "HL", "Other", ("I", "ZP"), "14",
        "Available for pickup", "Prêt pour la cueillette",
    ),
    "delivered": Words(
        "1496", "DL", "Delivery", ("D", "FS"), "01",
        "Delivered", "Article livré",
    ),
    "returned": Words(
        "1415", "RS", "Other", ("RS", "RS"), "09",
        "Returned to sender", "Retourné à l’expéditeur",
    ),
    "signed": Words(
        "0020", "RR", "Other", ("X", "KB"), "ZZ",
        "Signature image recorded", "Image de la signature enregistrée",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scan:
    """A step at a time and place; the time must be aware."""

    step: str
    at: datetime
    place: str = "RIMOUSKI"
    region: str = "QC"


@dataclass(slots=True)
class Journey:
    """What a carrier knows of a number."""

    scans: list[Scan] = field(default_factory=list)
    promised: date | None = None
    service: str = "Expedited"
