"""What stands in a slot: the wrapped widgets, or a marker for what the browser fetches."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import escape

from ..rendering import speaking
from .guard import Entry
from .guard import Guard
from .guard import Sitting
from .page import Page
from .page import PublicPage
from .page import Source
from .positions import Positions
from .seals import Seals
from .spots import Spot


@dataclass(frozen=True, slots=True)
class Filling:
    """What became of a spot."""

    html: str = ""
    #: whether a widget that depends on who looks was considered
    personal: bool = False
    #: whether the page needs the script
    scripted: bool = False


_NOTHING = Filling()


@dataclass(frozen=True, slots=True)
class Fillings:
    """What became of all spots of a page."""

    spots: Sequence[Spot]
    items: Sequence[Filling]
    #: what each widget took, in seconds, in debug mode
    spent: Sequence[tuple[Entry, float]] = ()

    @property
    def personal(self) -> bool:
        """Tell whether the page depends on who looks."""
        return any(item.personal for item in self.items)

    @property
    def scripted(self) -> bool:
        """Tell whether the page needs the script."""
        return any(item.scripted for item in self.items)

    @property
    def visible(self) -> bool:
        """Tell whether anything was put into the page."""
        return any(item.html for item in self.items)

    @property
    def timing(self) -> str:
        """Return what each widget took as a Server-Timing header, in milliseconds."""
        return ", ".join(
            f'{entry.label};desc="{entry.slot}";dur={seconds * 1e3:.2f}'
            for entry, seconds in self.spent
        )

    def edits(self, charset: str) -> list[tuple[int, int, bytes]]:
        """Return what to replace, from top to bottom."""
        return [
            (spot.start, spot.end, item.html.encode(charset, "xmlcharrefreplace"))
            for spot, item in zip(self.spots, self.items, strict=True)
            if item.html or spot.start < spot.end
        ]


class Content:
    """Make the content of the slots of one page; an error's page has none about orders."""

    def __init__(
        self,
        positions: Positions,
        guard: Guard,
        seals: Seals,
        source: Source,
        path: str,
        endpoint: str | None,
        *,
        failed: bool = False,
    ) -> None:
        self._failed = failed
        self._seals = seals
        self._positions = positions
        self._guard = guard
        self._source = source
        self._path = path
        self._endpoint = endpoint
        state = source.state
        self._locale = state.page_locale or state.default_locale

    def fill(self, spots: Sequence[Spot], kept: bool) -> Fillings:
        """Return what stands in each spot; in a kept page, what is personal is left to fetch."""
        chosen = [self._entries(spot) for spot in spots]
        personal = not kept and any(not entry.public for items in chosen for entry in items)
        self._source.expect(spot.product for spot in spots)
        with speaking(self._spoken(personal)), self._guard.sitting() as sitting:
            made = [
                self._filling(spot, entries, sitting, kept) if entries else _NOTHING
                for spot, entries in zip(spots, chosen, strict=True)
            ]
        return Fillings(spots, made, sitting.spent)

    def personal(self, spots: Sequence[Spot]) -> list[str]:
        """Return the personal widgets of each spot, which a kept page does not contain.

        There are none for a product or an order that is not there, or not for this browser.
        """
        self._source.expect(spot.product for spot in spots)
        with speaking(self._spoken(True)), self._guard.sitting(fetched=True) as sitting:
            return [self._personal(spot, sitting) for spot in spots]

    def _personal(self, spot: Spot, sitting: Sitting) -> str:
        entries = [entry for entry in self._entries(spot) if not entry.public]
        if not entries or (spot.product and self._source.product(spot.product) is None):
            return ""
        if spot.order and self._source.order(spot.order, spot.token) is None:
            return ""
        return self._html(spot, entries, sitting, False)[0]

    def _spoken(self, personal: bool) -> str:
        """Return the language: what is the same for everybody does not follow a person's."""
        return self._source.state.locale if personal else self._locale

    def _entries(self, spot: Spot) -> list[Entry]:
        if self._failed and spot.slot.startswith("order."):
            return []
        return self._positions.of(spot.slot, self._endpoint, self._locale)

    def _filling(self, spot: Spot, entries: list[Entry], sitting: Sitting, kept: bool) -> Filling:
        inline = [entry for entry in entries if entry.public] if kept else entries
        html, scripted = self._html(spot, inline, sitting, kept)
        personal = len(inline) < len(entries) if kept else any(not e.public for e in entries)
        if kept and personal:
            return Filling(html + spot.marker(self._seals.of(spot)), True, True)
        return Filling(html, personal, scripted)

    def _html(
        self, spot: Spot, entries: Sequence[Entry], sitting: Sitting, kept: bool
    ) -> tuple[str, bool]:
        about = (self._source, spot.slot, self._endpoint, self._path, spot.product)
        page = Page(*about, spot.order, spot.token)
        shown = self._guard.show(entries, page, PublicPage(*about), sitting, kept)
        if not shown:
            return "", False
        inner = "".join([html for _, html in shown])
        html = f'<div class="grc-slot" data-grc-slot="{escape(spot.slot)}">{inner}</div>'
        return html, any(entry.scripts for entry, _ in shown)
