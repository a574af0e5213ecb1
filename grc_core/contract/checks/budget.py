"""What it costs: statements by the widget and the handler, and time beside a small widget."""

import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from ...plugin import Plugin
from ...plugin import widget
from ...slots.page import Page
from ...storage.sessions import ReadScope
from ...storage.sessions import Scope
from ...storage.sessions import current_scope
from ...testing.app import ShopApp
from ..acting import EVERYTHING
from ..acting import WHO
from ..acting import hand_over
from ..acting import handlers
from ..acting import live
from ..acting import occurrences
from ..acting import settle_in
from ..check import check
from ..stage import Stage
from .widgets import slots_of

#: Statements of one widget on one page, and of one handler on one event.
WIDGET_SQL, HANDLER_SQL = 3, 20
#: A slot may take so many times what a slot with a small template takes.
RATIO = 5.0
_ROUNDS = 25


class Small(Plugin):
    """Show a small template: what other widgets are measured by."""

    name = "contract_small"

    @widget("home.main", "product.below")
    def small(self, page: Page) -> str | None:
        """Show two values."""
        return self.render("small.html", page=page)


@check(
    "budget-sql",
    proves="A page costs a few statements of its, however much it has stored.",
    mend="Read what a page needs with one statement (a JOIN, an IN), not in a loop.",
)
def statements(stage: Stage) -> Iterable[str]:
    """Count statements after a little and after more has happened."""
    app = stage.app()
    live(app, stage.name, range(1, 3))
    few = {slot: _of_widgets(app, slot) for slot in slots_of(app)}
    live(app, stage.name, range(3, 13))
    for slot, number in few.items():
        more = _of_widgets(app, slot)
        widgets = len(app.extensions["grc"].tables.slots[slot])
        if more > number:
            yield f"{slot}: {number} statements for 2 orders, {more} for 12"
        elif more > WIDGET_SQL * widgets:
            yield f"{slot}: {more} statements; {WIDGET_SQL} a widget are allowed"
    order = settle_in(app).replace(id=f"{WHO}-last")
    for occurrence in occurrences(app, order):
        with _counted(app, Scope) as seen:
            hand_over(app, stage.name, occurrence)
        if len(seen) > HANDLER_SQL:
            name = handlers(app, stage.name)[occurrence.hook].label
            yield f"{name}: {len(seen)} statements for an event; {HANDLER_SQL} are allowed"


def _of_widgets(app: ShopApp, slot: str) -> int:
    visitor = app.visitor(WHO, EVERYTHING)
    visitor.slot(slot, product="1")  # settings and templates are read once
    with _counted(app, ReadScope) as seen:
        visitor.slot(slot, product="1")
    return len(seen)


@contextmanager
def _counted(app: ShopApp, kind: type[Scope]) -> Iterator[list[str]]:
    """Count the statements of widgets or of handlers."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if type(current_scope()) is kind and not statement.startswith(("BEGIN", "SAVEPOINT")):
            seen.append(statement)

    engine = app.extensions["grc"].database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@check(
    "budget-time",
    proves="A page is hardly slower with it.",
    mend="Compute in a handler or in @every work, and let the widget read the result.",
)
def seconds(stage: Stage) -> Iterable[str]:
    """Compare each slot with one that shows a small template, in the same process."""
    app = stage.app()
    live(app, stage.name, range(1, 4))
    slots = slots_of(app)
    if not slots:
        return
    other = stage.shop().make_app([Small], GRC_DEBUG=True)
    anchor_visitor = other.visitor(WHO, EVERYTHING)
    visitor = app.visitor(WHO, EVERYTHING)
    for slot in slots:
        anchor = _quickest(lambda: anchor_visitor.slot("home.main", product="1"))
        found = _quickest(lambda slot=slot: visitor.slot(slot, product="1"))  # type: ignore[misc]
        if found > RATIO * anchor:
            yield f"{slot} takes {found / anchor:.1f} times a small widget; {RATIO:g} are allowed"


def _quickest(call: Callable[[], object]) -> float:
    """Return the least CPU time of some calls: what others on the machine do not add to."""
    call()
    return min(_measured(call) for _ in range(_ROUNDS))


def _measured(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


CHECKS = (statements, seconds)
