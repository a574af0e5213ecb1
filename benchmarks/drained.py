"""Deliveries made per second by one drainer, whose handlers each insert a row."""

import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine

from grc_core import OrderPlaced
from grc_core import Plugin
from grc_core import Subject
from grc_core.outbox.accept import Report

from .at_rest import at_rest
from .databases import one_row
from .databases import open_database
from .host import Writes
from .host import in_a_thread
from .host import in_another_process
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
from .subscribers import writers
from .timing import CPU
from .timing import WALL
from .timing import Samples
from .timing import timed

#: Deliveries per second, and how long a write of the host may take, in milliseconds.
IDLE, BESIDE, SERVER, HOST_WRITE = 3000, 1500, 1000, 50
_OWN = 100
#: Starts a host that writes for as long as the block runs.
Start = Callable[[Path, Engine], AbstractContextManager[Writes]]


def measure(run: Run) -> Iterator[Found]:
    """Deliveries per second of wall time; each handler inserts one row."""
    yield _alone(run, run.place("core"), "SQLite, idle, 1 subscriber, insert by Core", None, True)
    yield _alone(run, run.place("orm"), "SQLite, idle, 1 subscriber, session.add", None, False)
    for name, start in (("another process", _process), ("a thread of this one", _thread)):
        yield from _beside(run, run.place(name.partition(" ")[0]), name, start)
    try:
        with postgres(run.place("server")) as url:
            yield _alone(run, run.place("postgres"), "PostgreSQL, 1 subscriber, session.add",
                         url, False)  # fmt: skip
    except Exception as error:
        yield Skipped("PostgreSQL", f"{type(error).__name__}: {error}")


def _alone(run: Run, folder: Path, name: str, url: str | None, core: bool) -> Line:
    """Drain in rounds, each beside some transactions of the database's own."""
    app, orders = _app(folder, writers(1, core), url=url)
    budget = Budget(SERVER if url else IDLE, least=True)
    own = one_row(open_database(folder, url))
    count = run.rounds(500, 150)
    drained, cpu, alone = [], [], []
    for _ in range(run.rounds(8, 2)):
        _accept(app, orders, count)
        alone.append(timed(lambda: [own() for _ in range(_OWN)], WALL))
        started = CPU()
        drained.append(timed(rooms(app).drain, WALL))
        cpu.append(CPU() - started)
    each = Samples(cpu).p50 / count * 1e3
    anchor = Anchor("one-row transactions", _OWN / Samples(alone).p50)
    rooms(app).close()
    return Line(name, count / Samples(drained).p50, "/s", anchor, budget,
                f"CPU each {each:.3f} ms")  # fmt: skip


def _beside(run: Run, folder: Path, name: str, start: Start) -> Iterator[Line]:
    """Drain five subscribers on the file that a host writes to at the same time."""
    engine = open_database(folder)
    app, orders = _app(folder, writers(5), engine=engine)
    events = run.rounds(1500, 150)
    _accept(app, orders, events)
    with start(folder, engine) as quiet:
        time.sleep(run.rounds(2, 1))
    with start(folder, engine) as busy:
        seconds = timed(rooms(app).drain, WALL)
    what = f"SQLite shared with a host that writes in {name}, 5 subscribers"
    yield Line(what, 5 * events / seconds, "/s", budget=Budget(BESIDE, least=True))
    anchor = Anchor("host alone", quiet.samples.longest * 1e3)
    yield Line("its longest write meanwhile", busy.samples.longest * 1e3, "ms", anchor,
               Budget(HOST_WRITE), f"{busy.told()}; alone: {quiet.told()}")  # fmt: skip
    rooms(app).close()


def _process(folder: Path, engine: Engine) -> AbstractContextManager[Writes]:
    del engine
    return in_another_process(folder)


def _thread(folder: Path, engine: Engine) -> AbstractContextManager[Writes]:
    del folder
    return in_a_thread(engine)


def _app(
    folder: Path,
    plugins: Sequence[type[Plugin]],
    *,
    url: str | None = None,
    engine: Engine | None = None,
) -> tuple[Flask, Orders]:
    orders = Orders()
    shared = (lambda: engine) if engine is not None else None
    app = small_app(folder, plugins, orders, url=url, engine=shared)
    at_rest(rooms(app))
    return app, orders


def _accept(app: Flask, orders: Orders, count: int) -> None:
    """Record new orders for every subscriber, in one transaction."""
    first = orders.count + 1
    orders.count += count
    found = [orders.order(number) for number in range(first, orders.count + 1)]
    reports = [
        Report(OrderPlaced(order), order.placed_at, Subject.of_order(order)) for order in found
    ]
    with rooms(app).database.write() as connection:
        rooms(app).outbox.accept(connection, reports)
