"""Retention: what was kept for as long as its plugin declared, goes."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from ..people.work import Work
from ..purposes import Personal
from .declared import children_first
from .declared import erase_rows
from .matching import older
from .outcome import Outcome
from .outcome import summed
from .reach import Reach
from .reach import fenced
from .reach import savepoint


def expire(work: Work, reach: Reach, now: datetime) -> list[Outcome]:
    """Erase what is older than its plugin declares to keep it, plugin by plugin."""
    found: list[Outcome] = []
    for plugin in reach.names():
        done: list[Outcome] = []

        def expire_one(plugin: str = plugin, done: list[Outcome] = done) -> None:
            with work.writing() as connection, savepoint(connection):
                declared = reach.there(connection, reach.declared(plugin))
                done.extend(_expired(connection, plugin, declared, now))

        error = fenced(plugin, "retention", expire_one)
        found += done if error is None else [Outcome(plugin, "failed", reason=error)]
    return summed(found)


def _expired(
    connection: Connection, plugin: str, declared: Sequence[Personal], now: datetime
) -> Iterator[Outcome]:
    for one in children_first(declared):
        over = older(one, now)
        if over is not None:
            # what had to be retained for a time is free to go after it
            ending = replace(one, erase="remove") if one.erase == "retain" else one
            yield erase_rows(connection, plugin, ending, over)
