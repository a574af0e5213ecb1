"""The answers of each carrier, by where they are asked for."""

from collections.abc import Callable

from ..carriers import Asked
from ..carriers import Carriers
from . import canada_post
from . import fedex
from . import purolator
from . import ups
from . import usps

Answer = tuple[int, bytes]

#: By the beginning of the path; the first that fits.
PLACES: tuple[tuple[str, Callable[[Carriers, Asked], Answer]], ...] = (
    ("/vis/track/pin/", canada_post.detail),
    ("/oauth/token", fedex.token),
    ("/track/v1/trackingnumbers", fedex.track),
    ("/PWS/V1/Tracking/TrackingService.asmx", purolator.track),
    ("/security/v1/oauth/token", ups.token),
    ("/api/track/v1/details/", ups.details),
    ("/oauth2/v3/token", usps.token),
    ("/tracking/v3/tracking/", usps.tracking),
)


def answer(carriers: Carriers, asked: Asked) -> Answer:
    """Return status and body."""
    for beginning, place in PLACES:
        if asked.path.startswith(beginning):
            return place(carriers, asked)
    return 404, b"no such page"
