"""Bring the tables of the core and of every plugin up to date; imported by commands only."""

import logging
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alembic import command
from sqlalchemy import Connection

from ..errors import GRCError
from ..loading import Loaded
from ..loading import Tables
from ..settings import Counters
from .base import table_prefix
from .engine import Database
from .exclusive import check_foreign_keys
from .exclusive import exclusively
from .history import History
from .history import TablesTooNew
from .history import find_history
from .history import histories
from .history import one_line
from .readiness import CORE
from .readiness import MADE_FROM_MODELS
from .readiness import waits_for_tables
from .records import record
from .records import row_of

log = logging.getLogger("grc")


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What became of a plugin's tables; `before` and `after` are revisions, None for none."""

    plugin: str
    before: str | None = None
    after: str | None = None
    seconds: float = 0.0
    #: why it failed; everything it did was undone
    error: str | None = None
    #: what else there is to know, such as why it was passed over
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Current:
    """Where the core's or one plugin's tables stand."""

    plugin: str
    applied: str | None = None
    head: str | None = None
    pending: tuple[str, ...] = ()
    error: str | None = None


def upgrade(database: Database, tables: Tables, now: datetime) -> list[Upgraded]:
    """Upgrade the core, then each loaded plugin by name; one failure does not stop the others.

    Each has a transaction of its own, which also records it in `grc_core__plugin`. `now`
    becomes the baseline of what is upgraded for the first time.
    """
    done: list[Upgraded] = []
    for history, loaded in histories(tables):
        done.append(_skipped(loaded) or _upgrade_one(database, history, now))
        if history.name == CORE and done[-1].error:
            break
    return done


def downgrade(
    database: Database, tables: Tables, name: str, target: str, now: datetime
) -> Upgraded:
    """Take a plugin's tables back to a revision: `base`, `-1` or a revision's id."""
    history = check_downgrade(database, tables, name, target)
    try:
        return _downgrade(database, history, target, now)
    except Exception as error:
        raise GRCError(f"the tables of {name} stay as they are: {one_line(error)}") from error


def check_downgrade(database: Database, tables: Tables, name: str, target: str) -> History:
    """Return the plugin's history, or raise GRCError where it cannot go back to a revision."""
    history = find_history(tables, name)
    if name == CORE:
        raise GRCError("the core cannot be downgraded; install its older version and a backup")
    if not history.has_revisions:
        raise GRCError(f"plugin {name} has no revisions to go back to")
    with database.read() as connection:
        applied = history.applied(connection)
    history.check_known(applied)
    targets = history.targets(applied)
    if not targets:
        raise GRCError(f"plugin {name} has no tables to take back")
    steps = int(target) if re.fullmatch(r"-[0-9]+", target) else None
    exists = 1 <= -steps <= len(targets) if steps is not None else target in targets
    if not exists:
        raise GRCError(
            f"{name} is at {applied} and cannot go back to {target!r}, but to {', '.join(targets)}"
        )
    return history


def _downgrade(database: Database, history: History, target: str, now: datetime) -> Upgraded:
    started = time.perf_counter()
    with exclusively(database) as connection:
        before = history.applied(connection)
        command.downgrade(history.config(connection), target)
        check_foreign_keys(connection, table_prefix(history.name))
        after = history.applied(connection)
        record(connection, history, now, revisions=history.fingerprint_at(after))
        Counters(database).bump(connection, "plugins")
    return Upgraded(history.name, before, after, time.perf_counter() - started)


def current(database: Database, tables: Tables) -> list[Current]:
    """Return the applied and the newest revision of the core and each plugin."""
    with database.read() as connection:
        return [_current_of(connection, history) for history, _ in histories(tables)]


def _current_of(connection: Connection, history: History) -> Current:
    try:
        applied = history.applied(connection)
    except Exception as error:
        return Current(history.name, error=one_line(error))
    try:
        history.check_known(applied)
        return Current(history.name, applied, history.head(), history.pending(applied))
    except TablesTooNew as error:
        return Current(history.name, applied, history.head(), error=str(error))
    except Exception as error:
        return Current(history.name, error=one_line(error))


def _skipped(loaded: Loaded | None) -> Upgraded | None:
    """Pass over a plugin that was refused at load: its baseline is the day it is first on."""
    if loaded is None or loaded.off is None or waits_for_tables(loaded):
        return None
    return Upgraded(loaded.name, note=f"passed over, because it is off: {loaded.off}")


class _Steps:
    """Follow alembic, to know which revision was at work when something failed."""

    def __init__(self) -> None:
        self.pending: list[str] = []

    def applied(self, **_details: Any) -> None:
        """Note that the next revision is done."""
        self.pending[:1] = []


def _upgrade_one(database: Database, history: History, now: datetime) -> Upgraded:
    started, steps = time.perf_counter(), _Steps()
    before = after = note = failure = None
    try:
        with exclusively(database) as connection:
            after = before = history.applied(connection)
            history.check_known(before)
            note = _bring_up(connection, history, steps)
            after = history.applied(connection)
            if record(connection, history, now, revisions=history.fingerprint):
                Counters(database).bump(connection, "plugins")
    except TablesTooNew as error:  # nothing to remember: the newer version may come back
        failure = str(error)
    except (Exception, SystemExit) as error:
        log.debug("upgrade of %s failed", history.name, exc_info=True)
        at_work = f"revision {steps.pending[0]}: " if steps.pending else ""
        after, note, failure = before, None, at_work + one_line(error)
        _record_failure(database, history, now, failure)
    seconds = time.perf_counter() - started
    return Upgraded(history.name, before, after, seconds, failure, note)


def _bring_up(connection: Connection, history: History, steps: _Steps) -> str | None:
    """Apply what is pending; return what is unusual about it."""
    if history.version_table in history.metadata.tables:
        raise GRCError(f"{history.version_table} is alembic's own table; rename that model")
    if not history.has_revisions:
        return _make_from_models(connection, history)
    history.check_folder()
    applied = history.applied(connection)
    if applied is None and _was_made_from_models(connection, history):
        return _adopt(connection, history)
    steps.pending.extend(history.pending(applied))
    config = history.config(connection, on_version_apply=steps.applied)
    if steps.pending:
        command.upgrade(config, "head")
        check_foreign_keys(connection, table_prefix(history.name))
    return None


def _make_from_models(connection: Connection, history: History) -> str | None:
    """Create the tables of a plugin in development, which has no revisions yet."""
    if not history.metadata.tables:
        return None
    history.metadata.create_all(connection)
    if history.differences(connection):
        raise GRCError(
            "the models changed since the tables were made, and there are no revisions; "
            f"write one (flask grc db revision {history.name}), or lose the rows and start "
            f"over (flask grc db purge {history.name})"
        )
    return "made from the models; it has no revisions"


def _was_made_from_models(connection: Connection, history: History) -> bool:
    row = row_of(connection, history.name) if history.name != CORE else None
    return row is not None and row["revisions"].startswith(MADE_FROM_MODELS)


def _adopt(connection: Connection, history: History) -> str:
    """Take tables that were made from the models for those of the first revisions."""
    if history.differences(connection):
        raise GRCError(
            "the tables were made from the models before there were revisions, and differ; "
            f"lose their rows and start over: flask grc db purge {history.name}"
        )
    command.stamp(history.config(connection), "head")
    return "had been made from the models; now at the newest revision"


def _record_failure(database: Database, history: History, now: datetime, error: str) -> None:
    """Note why an upgrade failed, where the core's tables can be written at all."""
    with suppress(Exception), database.write() as connection:
        row = row_of(connection, history.name)
        record(connection, history, now, row["revisions"] if row else "", error)
        Counters(database).bump(connection, "plugins")
