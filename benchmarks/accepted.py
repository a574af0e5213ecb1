"""Events accepted per second, beside the database's own one-row transactions."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from grc_core import Order
from grc_core import OrderPlaced
from grc_core import Purpose
from grc_core import Subject
from grc_core.outbox.accept import Report
from grc_core.runtime import Runtime

from .at_rest import at_rest
from .databases import ROWS
from .databases import one_row
from .databases import open_database
from .results import Anchor
from .results import Budget
from .results import Found
from .results import Line
from .results import Run
from .results import Skipped
from .servers import postgres
from .small_app import Orders
from .small_app import rooms
from .small_app import small_app
from .subscribers import listeners
from .timing import CPU
from .timing import WALL
from .timing import interleaved

#: Transactions measured together, and the part of the database's own rate that is enough.
BLOCK, ENOUGH = 25, 0.40


def measure(run: Run) -> Iterator[Found]:
    """Durable events with 5 subscribers (6 rows each), per second of wall time."""
    yield from _accepted(run, run.place("sqlite"), "SQLite", None)
    yield from _joined(run, run.place("joined"))
    try:
        with postgres(run.place("server")) as url:
            yield from _accepted(run, run.place("postgres"), "PostgreSQL", url)
    except Exception as error:
        yield Skipped("PostgreSQL", f"{type(error).__name__}: {error}")


class _Source:
    """Orders that nobody has seen yet."""

    def __init__(self) -> None:
        self._orders = Orders()

    def next(self) -> Order:
        """Return another order."""
        self._orders.count += 1
        return self._orders.order(self._orders.count)


def _accepted(run: Run, folder: Path, name: str, url: str | None) -> Iterator[Line]:
    source = _Source()
    app = small_app(folder, listeners(), url=url)
    at_rest(rooms(app))
    alone = one_row(open_database(folder, url))
    works = [
        _repeated(alone),
        _repeated(_accept(rooms(app), source)),
        _repeated(_emit(app, source)),
    ]
    rounds = run.rounds(24, 4)
    rates = [BLOCK / samples.p50 for samples in interleaved(works, rounds, WALL, warm=1)]
    cpu = [samples.p50 / BLOCK * 1e3 for samples in interleaved(works, rounds, CPU, warm=0)]
    anchor = Anchor("one-row transactions", rates[0])
    budget = Budget(ENOUGH, least=True, of_ratio=True)
    for index, what in ((1, "outbox.accept"), (2, "grc.emit(OrderPlaced)")):
        detail = f"CPU each {cpu[index]:.3f} ms, the anchor's {cpu[0]:.3f} ms"
        yield Line(f"{name}: {what}", rates[index], "/s", anchor, budget, detail)
    rooms(app).close()


def _repeated(work: Callable[[], object]) -> Callable[[], None]:
    def block() -> None:
        for _ in range(BLOCK):
            work()

    return block


def _accept(runtime: Runtime, source: _Source) -> Callable[[], object]:
    def accept() -> object:
        order = source.next()
        subject = Subject.of_order(order)
        report = Report(OrderPlaced(order), order.placed_at, subject, Purpose.NECESSARY)
        with runtime.database.write() as connection:
            return runtime.outbox.accept(connection, [report])

    return accept


def _emit(app: Flask, source: _Source) -> Callable[[], object]:
    def emit() -> None:
        with app.app_context():
            rooms(app).emit(OrderPlaced(source.next()))

    return emit


def _joined(run: Run, folder: Path) -> Iterator[Line]:
    """Measure an event inside the host's own transaction, on an engine that both share."""
    engine = open_database(folder)
    app = small_app(folder, listeners(), engine=lambda: engine)
    at_rest(rooms(app))
    source = _Source()

    def host(emits: bool) -> None:
        with app.test_request_context("/"), Session(engine) as session:
            order = source.next()
            session.execute(insert(ROWS), {"name": order.id, "payload": "x" * 400})
            if emits:
                rooms(app).emit(OrderPlaced(order), session)
            session.commit()

    works = [lambda: host(False), lambda: host(True)]
    alone, joined = interleaved(works, run.rounds(400, 80))
    anchor = Anchor("the host's one-row transaction", alone.p50 * 1e3)
    added = joined.beyond(alone).p50 * 1e3
    yield Line("SQLite: emit in the host's transaction, CPU added", added, "ms", anchor,
               detail=f"both: {joined.spread()}")  # fmt: skip
    rooms(app).close()
