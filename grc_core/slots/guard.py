"""Call widgets so that none can harm a page: consent, breaker, time, escape, errors."""

import logging
import time
from collections.abc import Sequence
from contextlib import ExitStack
from copy import copy
from typing import Protocol
from typing import Self

from markupsafe import Markup
from markupsafe import escape

from ..errors import PersonalAccess
from ..loading import Contribution
from ..purposes import Purpose
from ..storage.engine import Database
from ..storage.sessions import ReadScope
from ..storage.sessions import working
from ..watching import Watchers
from ..watching import Work
from .page import Page
from .page import PublicPage
from .timing import Breaker

log = logging.getLogger("grc")


class WidgetFailed(Exception):
    """Carry a widget's error out of the filling, for a developer to see."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Limits(Protocol):
    """To whom, and how often, a merchant lets a widget show."""

    def welcomes(self, entry: "Entry", page: Page) -> bool:
        """Tell whether the widget may show to who is looking."""

    def note(self, entry: "Entry", page: Page) -> None:
        """Count a showing."""


class Entry:
    """A widget in one slot, with what the guard has learnt about it."""

    __slots__ = ("breaker", "call", "contribution", "fetched", "label", "limits", "loaded",
                 "needs", "opening", "public", "scripts", "slot")  # fmt: skip

    def __init__(self, contribution: Contribution, slot: str) -> None:
        options = contribution.options
        self.contribution = contribution
        self.loaded = contribution.loaded
        self.slot = slot
        self.call = contribution.call
        self.label = contribution.label
        # Bits, because `&` of two Flags costs more than a trivial widget.
        self.needs: int = options.needs.value & ~Purpose.NECESSARY.value
        #: what depends on a choice is not the same for everybody, whatever it declares
        self.public: bool = options.public and not self.needs
        self.scripts = bool(getattr(contribution.loaded.plugin, "scripts", ()))
        self.opening = f'<div class="grc-widget" data-grc-widget="{escape(self.label)}">'
        self.breaker = Breaker()
        #: that of requests for the slot alone, which pause nothing in the shop's own pages
        self.fetched = Breaker()
        #: the merchant's limits that depend on who is looking
        self.limits: Limits | None = None

    def limited(self, limits: Limits) -> Self:
        """Return the same widget under limits, no longer the same for everybody."""
        found = copy(self)
        found.limits, found.public = limits, False
        return found


class Sitting:
    """The read-only session that the widgets of one page share, until one of them spoils it.

    `fetched` says that the page is kept, and only its open slots are asked for. `failed` are
    the labels of the widgets that failed on this page.
    """

    def __init__(self, database: Database, fetched: bool = False) -> None:
        self.fetched = fetched
        self.failed: set[str] = set()
        #: what each widget took, in seconds, where a developer is looking
        self.spent: list[tuple[Entry, float]] = []
        self._database = database
        self._stack = ExitStack()
        self._scope = ReadScope(database)

    def __enter__(self) -> Self:
        self._stack.enter_context(working(self._scope))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def renew(self) -> None:
        """Begin anew where a failed widget may have left a broken transaction behind."""
        if self._scope.touched:
            self._stack.close()
            self._scope = ReadScope(self._database)
            self._stack.enter_context(working(self._scope))


class Guard:
    """Call the widgets of a slot and return what they show.

    `debug` re-raises every error of a widget, `strict` those of public widgets that read
    something personal.
    """

    def __init__(
        self, database: Database, watchers: Watchers, *, debug: bool, strict: bool
    ) -> None:
        self._watchers = watchers.functions
        self._tell = watchers.tell
        self._database = database
        self._debug = debug
        self._strict = strict or debug

    def sitting(self, *, fetched: bool = False) -> Sitting:
        """Return the context in which the widgets of one page are called."""
        return Sitting(self._database, fetched)

    def show(
        self,
        entries: Sequence[Entry],
        page: Page,
        public: PublicPage,
        sitting: Sitting,
        cached: bool,
    ) -> list[tuple[Entry, str]]:
        """Return the entries that show something, with their wrapped HTML.

        `cached` says that the response may be kept for others, so that staff get no notes.
        """
        shown: list[tuple[Entry, str]] = []
        for entry in entries:
            if entry.needs and entry.needs & ~page.consents.value:
                self._explain(shown, entry, page, "lacks consent", cached)
                continue
            limits = entry.limits
            if limits is not None and not limits.welcomes(entry, page):
                self._explain(shown, entry, page, "is limited to others", cached)
                continue
            html, failed = self._call(entry, page, public, sitting, cached)
            if html:
                shown.append((entry, html))
                if limits is not None:
                    limits.note(entry, page)
            else:
                self._explain(shown, entry, page, "has nothing to show", cached)
            if failed:
                sitting.renew()
        return shown

    def _call(
        self, entry: Entry, page: Page, public: PublicPage, sitting: Sitting, cached: bool
    ) -> tuple[str, bool]:
        """Return a widget's wrapped HTML, and whether it failed."""
        breaker = entry.fetched if sitting.fetched else entry.breaker
        if breaker.open_until and not breaker.allows():
            return ("" if cached else self._note(entry, page, "is paused")), False
        started = time.perf_counter()
        try:
            raw = entry.call(public if entry.public else page)
            html = "" if raw is None else _html(raw)
        except (Exception, SystemExit) as error:
            self._failed(entry, page, error, time.perf_counter() - started, sitting)
            what = f"raised {type(error).__name__}"
            return ("" if cached else self._note(entry, page, what)), True
        seconds = time.perf_counter() - started
        if breaker.succeeded(seconds):
            self._tripped(entry, breaker)
        if self._debug:
            sitting.spent.append((entry, seconds))
        if self._watchers:
            self._tell(_work(entry, seconds))
        # Not `+`, which markup takes as a request to escape what stands before it.
        return ("".join((entry.opening, html, "</div>")) if html else ""), False

    def _failed(
        self, entry: Entry, page: Page, error: BaseException, seconds: float, sitting: Sitting
    ) -> None:
        """Log a failure and count it: once per page, and not where the page is about nothing.

        Otherwise whoever asks for what is not there could pause a widget for everybody.
        """
        loaded = entry.loaded
        breaker = entry.fetched if sitting.fetched else entry.breaker
        is_first = entry.label not in sitting.failed
        sitting.failed.add(entry.label)
        if self._watchers:
            self._tell(_work(entry, seconds, error))
        if is_first:
            log.error("plugin %s %s: widget %s failed in slot %s of %r", loaded.name,
                      loaded.version, entry.contribution.name, entry.slot, page.path,
                      exc_info=error)  # fmt: skip
        if not is_first or page.is_about_nothing:
            breaker.undecided()
        elif breaker.failed(seconds):
            self._tripped(entry, breaker)
        if self._debug or (self._strict and isinstance(error, PersonalAccess)):
            stopped = RuntimeError(f"a widget raised {error!r}")
            raise WidgetFailed(error if isinstance(error, Exception) else stopped)

    def _tripped(self, entry: Entry, breaker: Breaker) -> None:
        what = "fetched widget" if breaker is entry.fetched else "widget"
        log.error("%s %s in slot %s is paused for %d s: %s", what, entry.label, entry.slot,
                  Breaker.PAUSE, breaker.why)  # fmt: skip

    def _explain(
        self, shown: list[tuple[Entry, str]], entry: Entry, page: Page, why: str, cached: bool
    ) -> None:
        """Tell staff in debug mode why a widget is not there."""
        if self._debug and not cached and (note := self._note(entry, page, why)):
            shown.append((entry, note))

    def _note(self, entry: Entry, page: Page, what: str) -> str:
        """Return an HTML comment for staff, and nothing for anybody else."""
        if not page.is_staff:
            return ""
        return f"<!-- grc: {escape(entry.label)} {what} in {escape(entry.slot)} -->"


def _work(entry: Entry, seconds: float, error: BaseException | None = None) -> Work:
    name, slot = entry.contribution.name, entry.slot
    failure = type(error).__name__ if error else None
    return Work("widget", entry.loaded.name, name, slot, seconds, failure)


def _html(raw: object) -> str:
    """Return markup as it is and plain text escaped; blank is nothing."""
    # Asked first and by name: `escape` costs more than a trivial widget.
    if type(raw) is Markup or isinstance(raw, str) or hasattr(raw, "__html__"):
        html = raw if type(raw) is Markup else escape(raw)
        return "" if html.isspace() else html
    raise TypeError(f"a widget returns Markup, str or None, not {type(raw).__name__}")
