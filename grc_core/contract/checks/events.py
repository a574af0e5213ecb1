"""Its handlers, in all the ways that events arrive."""

from collections.abc import Iterable
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from sqlalchemy import select

from ...events import Occurrence
from ...storage.mail_models import MessageRow
from ...storage.models import EventRow
from ...testing.app import ShopApp
from ...values import Money
from ..acting import EMAIL
from ..acting import EVERYTHING
from ..acting import WHO
from ..acting import contents
from ..acting import counts
from ..acting import hand_over
from ..acting import handlers
from ..acting import live
from ..acting import occurrences
from ..acting import settle_in
from ..check import check
from ..guard import no_network
from ..stage import Stage


def _try(app: ShopApp, plugin: str, occurrence: Occurrence, when: str) -> Iterable[str]:
    try:
        hand_over(app, plugin, occurrence)
    except Exception as error:
        yield f"{occurrence.hook} {when}: {type(error).__name__}: {_line(error)}"


def _line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


@check(
    "events",
    proves="Its handlers take each event, in the order of a customer's life.",
    mend="Run `grc_app.emit(...)` and `grc_app.drain()` in a test to see where it raises.",
    both=True,
    first=True,
)
def takes(stage: Stage) -> Iterable[str]:
    """Hand each event over."""
    app = stage.app()
    for occurrence in occurrences(app, settle_in(app)):
        yield from _try(app, stage.name, occurrence, "raises")


@check(
    "duplicate",
    proves="An event that arrives again, as after a restored backup, does no harm.",
    mend="Look first, or INSERT … ON CONFLICT DO NOTHING: a handler may see an event twice.",
    both=True,
)
def duplicate(stage: Stage) -> Iterable[str]:
    """Hand each event over twice."""
    app = stage.app()
    for occurrence in occurrences(app, settle_in(app)):
        hand_over(app, stage.name, occurrence)
        yield from _try(app, stage.name, occurrence, "a second time")


@check(
    "reordered",
    proves="A refund before its order, a parcel of an order nobody heard of: neither stops it.",
    mend="Do not rely on having seen an earlier event; do what can be done without it.",
    both=True,
)
def reordered(stage: Stage) -> Iterable[str]:
    """Hand the events over backwards."""
    app = stage.app()
    for occurrence in reversed(occurrences(app, settle_in(app))):
        yield from _try(app, stage.name, occurrence, "before what comes before it")


@check(
    "rollback",
    proves="A delivery that is undone leaves no trace, and the next attempt does all of it.",
    mend="Write with self.session alone, and keep nothing in the plugin's attributes.",
    both=True,
)
def rollback(stage: Stage) -> Iterable[str]:
    """Undo each delivery, make it again, and compare with a shop where it worked at once."""
    app, other = stage.app(), stage.app()
    for occurrence in occurrences(app, settle_in(app)):
        before = contents(app, stage.name)
        hand_over(app, stage.name, occurrence, undo=True)
        for table, rows in contents(app, stage.name).items():
            if rows != before[table]:
                yield f"{occurrence.hook} wrote to {table} outside of self.session"
        hand_over(app, stage.name, occurrence)
    live(other, stage.name)
    expected = counts(other, stage.name)
    for table, number in counts(app, stage.name).items():
        if number != expected[table]:
            yield f"{table} has {number} rows after a second attempt, {expected[table]} without"


@check(
    "historical",
    proves="What was there before it is the past: no mail, no push, no coupon for it.",
    mend="In a handler with history=True, look at event.historical before mail or defer.",
    both=True,
)
def historical(stage: Stage) -> Iterable[str]:
    """Fill a shop, install the plugin, and give it the past."""
    shop = stage.shop()
    long_ago = datetime.now(UTC) - timedelta(days=50)
    for id in (WHO, "other"):
        shop.sign_up(id, created_at=long_ago, consents=EVERYTHING)
        shop.place(id, placed_at=long_ago, email=EMAIL, total=Money(1250, "CAD"))
    app = stage.app(shop)
    before = counts(app, stage.name)
    is_given = any(item.options.history for item in handlers(app, stage.name).values())
    app.flask("grc", "sync")
    if counts(app, stage.name) != before:
        yield "what the shop holds already reached it without history=True"
    app.flask("grc", "backfill")
    try:
        app.drain()
    except AssertionError as error:
        yield f"the past: {_line(error)}"
    if is_given:
        yield from _effects(app, stage.name)


def _effects(app: ShopApp, plugin: str) -> Iterable[str]:
    for letter in app.rows(select(MessageRow.template).where(MessageRow.key.like(f"{plugin}:%"))):
        yield f"mail {letter!r} was written about the past"
    deferred = select(EventRow.type).where(EventRow.type.like(f"task:{plugin}.%"))
    for task in sorted(set(app.rows(deferred))):
        yield f"{task.removeprefix('task:')} was deferred for the past"


@check(
    "network",
    proves="No handler and no widget waits for another machine.",
    mend="Call other services in a method that self.defer(...) names: it runs later, apart.",
)
def network(stage: Stage) -> Iterable[str]:
    """Hand every event over and show every widget without a network."""
    app = stage.app()
    runtime = app.extensions["grc"]
    with no_network() as tried:
        for occurrence in occurrences(app, settle_in(app)):
            list(_try(app, stage.name, occurrence, ""))
        visitor = app.visitor(WHO, EVERYTHING)
        for slot in runtime.tables.slots:
            try:
                visitor.slot(slot, product="1", order=f"{WHO}-1")
            except OSError:
                continue
    for what in dict.fromkeys(tried):
        yield f"{what} in a handler or a widget"


CHECKS = (duplicate, reordered, rollback, historical, network)
