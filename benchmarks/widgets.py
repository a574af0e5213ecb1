"""Eight slots with five trivial widgets each, filled into a page of 20 KB."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

from flask import Flask
from flask import Response
from flask import request

from grc_core import Plugin

from .at_rest import at_rest
from .results import Anchor
from .results import Budget
from .results import Found
from .results import Line
from .results import Run
from .small_app import page_of
from .small_app import rooms
from .small_app import small_app
from .subscribers import SLOTS
from .subscribers import greeters
from .subscribers import public_greeters
from .timing import CPU
from .timing import Samples

BUDGET = 0.3
_MARKERS = "".join(f'<grc-slot name="{slot}"></grc-slot>\n' for slot in SLOTS)


def measure(run: Run) -> Iterator[Found]:
    """CPU of filling a page: markers found, guard, timing, wrapping, the page rebuilt."""
    bare, personal = _pair(run, "personal", greeters(), page_of(_MARKERS))
    yield _line("8 slots x 5 widgets", personal, bare)
    bare, public = _pair(run, "public", public_greeters(), page_of(_MARKERS))
    yield _line("8 slots x 5 public widgets", public, bare)
    _, empty = _pair(run, "unfilled", [], page_of(_MARKERS))
    yield Line("8 slots that no plugin fills", empty.p50 * 1e3, "ms", detail=empty.spread())
    _, none = _pair(run, "empty", greeters(), page_of())
    yield Line("a page without slots", none.p50 * 1e3, "ms", detail=none.spread())


def _line(what: str, filled: Samples, bare: Samples) -> Line:
    anchor = Anchor("the 40 methods called bare, joined", bare.p50 * 1e3)
    return Line(what, filled.p50 * 1e3, "ms", anchor, Budget(BUDGET), filled.spread())


def _pair(
    run: Run, name: str, plugins: Sequence[type[Plugin]], page: str
) -> tuple[Samples, Samples]:
    """Return the bare calls and the filling, measured in turns."""
    app = small_app(run.place(name), plugins)
    at_rest(rooms(app))
    rounds = run.rounds(1000, 200)
    bare_call = _bare(app)
    bare: list[float] = []
    filled: list[float] = []
    for _ in range(rounds):
        started = CPU()
        bare_call()
        bare.append(CPU() - started)
        filled.append(_fill(app, page))
    rooms(app).close()
    return Samples(bare), Samples(filled)


def _fill(app: Flask, page: str) -> float:
    """Return the CPU of filling one response; the request around it is not counted."""
    filler = rooms(app).filler
    with app.test_request_context("/"):
        response, current = Response(page), request._get_current_object()  # type: ignore[attr-defined]
        started = CPU()
        filler.fill(current, response)
        return CPU() - started


def _bare(app: Flask) -> Callable[[], str]:
    """Return a call of every widget with nothing around it."""
    tables = rooms(app).tables
    calls = [item.call for slot in SLOTS for item in tables.slots.get(slot, ())]
    return lambda: "".join(call(None) for call in calls)
