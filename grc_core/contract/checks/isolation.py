"""Its failures stay its own: where they could reach the shop, and what they do when made."""

import time
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any

import flask.signals

from ...slots import guard
from ...slots.timing import Breaker
from ...testing.app import ShopApp
from ..acting import WHO
from ..acting import handlers
from ..acting import settle_in
from ..check import check
from ..stage import Stage

#: Where an app keeps functions that run on its own pages.
_LISTS = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "template_context_processors",
    "url_value_preprocessors",
    "url_default_functions",
)


@check(
    "isolation",
    proves="Whatever it does, the shop's own pages and orders go on.",
    mend="Add to the shop through widgets, routes and hooks only: those are guarded.",
)
def isolation(stage: Stage) -> Iterable[str]:
    """See where it reaches the shop unguarded; then let it raise, and let it be slow."""
    app = stage.app(GRC_DEBUG=False)
    settle_in(app)
    visitor = app.visitor(WHO)
    visitor.get("/product/1")
    yield from _unguarded(stage, app)
    _break(app, stage.name)
    for path in ("/", "/product/1", "/cart", f"/done/{WHO}-1"):
        page = visitor.get(path)
        if page.status_code != 200 or not page.text.endswith("</html>"):
            yield f"{path} answers {page.status_code} while its widgets raise"
    visitor.post("/add/1")
    if visitor.post("/checkout").status_code != 302:
        yield "no order can be placed while its handlers raise"
    yield from _slow(stage)


def _unguarded(stage: Stage, app: ShopApp) -> Iterable[str]:
    for name in _LISTS:
        for functions in getattr(app, name).values():
            for function in functions.values() if isinstance(functions, dict) else functions:
                if stage.is_its_own(function):
                    yield f"{function.__qualname__} is in the app's {name}"
    for name, signal in vars(flask.signals).items():
        for receiver in _receivers(signal):
            if stage.is_its_own(receiver):
                yield f"{receiver.__qualname__} listens to flask.{name}"
    for rule in app.url_map.iter_rules():
        own = stage.is_its_own(app.view_functions[rule.endpoint])
        if own and not rule.rule.startswith("/grc/"):
            yield f"{rule.rule} is a page outside of /grc"


def _receivers(signal: Any) -> Iterator[Any]:
    for receiver in getattr(signal, "receivers", {}).values():
        found = receiver() if hasattr(receiver, "__callback__") else receiver
        if found is not None:
            yield found


def _break(app: ShopApp, plugin: str) -> None:
    """Let each widget and handler of the plugin raise."""

    def raising(*_given: object, **_named: object) -> None:
        raise RuntimeError("made to raise by the contract")

    for entry in _entries(app):
        entry.call = raising
    for item in handlers(app, plugin).values():
        object.__setattr__(item, "call", raising)


def _entries(app: ShopApp) -> Iterator[guard.Entry]:
    for entries in app.extensions["grc"].filler.positions.entries.values():
        yield from entries


def _slow(stage: Stage) -> Iterable[str]:
    """Let each widget take a second of a clock that is not real, until it is paused."""
    app = stage.app(GRC_DEBUG=False)
    slots = list(app.extensions["grc"].tables.slots)
    visitor = app.visitor()
    for entry in _entries(app):
        entry.needs, entry.call = 0, lambda page: "slow"
    with _a_second_a_look():
        for _ in range(Breaker.LOOK_EVERY + 1):
            shown = {slot: visitor.slot(slot) for slot in slots}
    for slot, html in shown.items():
        if "slow" in html:
            yield f"a slow widget in {slot} is not paused"


@contextmanager
def _a_second_a_look() -> Iterator[None]:
    ticks = count()
    vars(guard)["time"] = SimpleNamespace(perf_counter=lambda: float(next(ticks)))
    try:
        yield
    finally:
        vars(guard)["time"] = time


CHECKS = (isolation,)
