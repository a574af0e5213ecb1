"""Where on a page a slot is: at a marker, at the shop's placement, at the ends of the body."""

import logging
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Request
from markupsafe import escape

from ..finding import find
from ..shop import Placement
from .scan import Scan

log = logging.getLogger("grc")
TOP, BOTTOM = "site.top", "site.bottom"
#: The query parameter that carries a signed order.
TOKEN = "grc_order"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Spot:
    """A slot, what it is about, and the bytes of the page that it takes the place of."""

    slot: str
    start: int = 0
    end: int = 0
    product: str | None = None
    order: str | None = None
    token: str | None = None
    #: whether the token came in the request's query, and is not the page's own
    asked: bool = False
    #: the shop's signature, which a browser that fetches the slot brings back
    seal: str | None = None

    def marker(self, seal: str | None = None) -> str:
        """Return the element that `grc.js` fetches the slot for.

        A token of the request's query stays out: whoever gets the kept page would hold it.
        """
        token = None if self.asked else self.token
        about = {"product": self.product, "order": self.order, "token": token, "seal": seal}
        stated = "".join(
            f' data-{name}="{escape(value)}"' for name, value in about.items() if value
        )
        return f'<grc-slot name="{escape(self.slot)}" data-grc-fetch{stated}></grc-slot>'


class Matched:
    """Which selectors were seen in the pages of which endpoints, to name those that were not."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def note(self, endpoint: str, selector: str, found: bool) -> None:
        """Log the first page that lacks a selector, unless another page had it."""
        if (endpoint, selector) in self._seen:
            return
        self._seen.add((endpoint, selector))
        if not found:
            log.warning("shop.place: no %r is in the page of endpoint %r; what is placed there "
                        "does not show", selector, endpoint)  # fmt: skip


def marked_spots(scan: Scan, request: Request) -> list[Spot]:
    """Return the slots that the page's own template marks."""
    token = request.args.get(TOKEN)
    return [
        Spot(
            marker.attributes.get("name", ""),
            marker.start,
            marker.end,
            marker.attributes.get("data-product") or None,
            marker.attributes.get("data-order") or None,
            marker.attributes.get("data-token") or token,
            marker.attributes.get("data-token") in (None, "", token),
        )
        for marker in scan.markers()
    ]


def placed_spots(
    scan: Scan,
    request: Request,
    placements: Iterable[Placement],
    taken: set[str],
    matched: Matched | None = None,
) -> Iterator[Spot]:
    """Yield the slots that the shop places from outside; a marker of the same name wins."""
    token = request.args.get(TOKEN)
    for item in placements:
        if item.slot in taken:
            continue
        at = scan.place(item.selector, item.where)
        if matched is not None:
            matched.note(request.endpoint or "", item.selector, at is not None)
        if at is not None:
            product, order = find(item.product, request), find(item.order, request)
            yield Spot(item.slot, at, at, product, order, token, asked=True)


def automatic_spots(scan: Scan, slots: Iterable[str], taken: set[str]) -> Iterator[Spot]:
    """Yield the slots at the ends of the body of a whole page."""
    if not scan.is_document:
        return
    for slot in slots:
        at = scan.body_start if slot == TOP else scan.body_end
        if at is not None and slot not in taken:
            yield Spot(slot, at, at)


def in_order(spots: Iterable[Spot]) -> list[Spot]:
    """Return spots from top to bottom, without those inside a marker that is replaced."""
    found: list[Spot] = []
    end = 0
    for spot in sorted(spots, key=lambda spot: (spot.start, spot.end)):
        if spot.start >= end:
            found.append(spot)
            end = spot.end
    return found


def replaced(data: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    """Return a page with stretches of it replaced; they are in order and do not overlap."""
    pieces: list[bytes] = []
    position = 0
    for start, end, new in edits:
        pieces += (data[position:start], new)
        position = end
    pieces.append(data[position:])
    return b"".join(pieces)
