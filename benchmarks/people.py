"""Contacts found among a quarter of a million, and what an order costs there."""

import random
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from functools import partial

from sqlalchemy import select

from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core.events import Event
from grc_core.runtime import Runtime
from grc_core.storage.contact_models import ContactRow
from grc_core.storage.sessions import writing

from .crowd import seed
from .results import Anchor
from .results import Budget
from .results import Line
from .results import Run
from .small_app import rooms
from .small_app import small_app
from .timing import WALL
from .timing import Samples
from .timing import timed

_LOOK = Budget(50)


def measure(run: Run) -> Iterator[Line]:
    """Wall time of a look-up, 95th percentile; the anchor reads one row by its key."""
    app = small_app(run.place("people"), [])
    grc = rooms(app)
    grc.runner.stop()
    count = run.rounds(250_000, 20_000)
    seconds = timed(lambda: seed(grc, count), WALL)
    yield Line(f"{count:,} contacts written in bulk", count / seconds, "/s")
    rounds = run.rounds(200, 40)
    chance = random.Random(7)
    anchor = Anchor(
        "one row by its key", _p95(lambda number: _row(grc, number), count, chance, 200)
    )
    for what, look in _looks(grc):
        yield Line(what, _p95(look, count, chance, rounds), "ms", anchor, _LOOK)
    yield from _orders(grc, count, chance, rounds)
    grc.close()


def _looks(grc: Runtime) -> Iterator[tuple[str, Callable[[int], object]]]:
    contacts, timeline = grc.contacts, grc.timeline
    yield "by id", lambda n: contacts.by_id(str(n))
    yield "by e-mail", lambda n: contacts.by_email(f"person{n}@example.com")
    yield "by order", lambda n: contacts.by_order(f"o{n}")
    yield "by a rare tag, 50 of them", lambda n: contacts.search(tag=f"rare-{n % 5000}")
    yield "by a tag that all have, a page", lambda n: contacts.search(tag="everybody", after=str(n))
    yield "by a field's only value", lambda n: contacts.search(field={"card": n})
    yield "by a field's common value, a page", lambda n: contacts.search(field={"size": "M"})
    yield "by a whole name", lambda n: contacts.search(f"tremblay {n}")
    yield "by two common words, a page", lambda n: contacts.search("tremblay anne")
    yield "by two common words that nobody has both of", lambda n: contacts.search("anne beatrice")
    yield "by one letter, a page", lambda n: contacts.search("t")
    yield "by stage and tag, a page", lambda n: contacts.search(stage="customer", tag="tenth-3")
    yield "by a stage that nobody is in", lambda n: contacts.search(stage="loyal")
    yield "by stage, visitors", lambda n: contacts.search(stage="visitor")
    yield "by stage, prospects", lambda n: contacts.search(stage="prospect")
    yield "a page of a timeline", lambda n: timeline.of(str(n))


def _orders(grc: Runtime, count: int, chance: random.Random, rounds: int) -> Iterator[Line]:
    """Measure what the core's own subscriber does with an order of somebody known."""

    def take(number: int) -> None:
        now = datetime.now(UTC)
        lines = (OrderLine("1", 1, Money(1250, "CAD")),)
        order = Order(f"new{number}", lines, now, "paid", number, str(number),
                      total=Money(1250, "CAD"), currency="CAD")  # fmt: skip
        event = Event(str(number), "on_order", 1, now)
        with writing(grc.database):
            grc.people.subscriber.on_orders([(order, event)])

    numbers = [chance.randint(1, count) for _ in range(rounds)]
    taken = [timed(partial(take, number), WALL) for number in numbers]
    yield Line("an order of somebody known, by itself", Samples(taken).p50 * 1e3, "ms")


def _row(grc: Runtime, number: int) -> None:
    with grc.database.read() as connection:
        connection.execute(select(ContactRow.__table__).where(ContactRow.id == number)).one()


def _p95(look: Callable[[int], object], count: int, chance: random.Random, rounds: int) -> float:
    """Return the 95th percentile in ms of a look at people drawn by chance."""
    numbers = [chance.randint(1, count) for _ in range(rounds + 3)]
    found = [timed(partial(look, number), WALL) for number in numbers]
    return Samples(found[3:]).p95 * 1e3
