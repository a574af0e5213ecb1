"""Write a plugin's next revision from what its models and its tables differ in."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.operations.ops import MigrationScript

from ..errors import GRCError
from ..loading import Tables
from .engine import Database
from .exclusive import tentatively
from .history import History
from .history import find_history
from .history import histories
from .history import one_line
from .readiness import MEND
from .readiness import revision_files


def revision(database: Database, tables: Tables, name: str, message: str) -> Path | None:
    """Write a revision into the plugin's `migrations` folder; None when nothing changed.

    The first one is written as if the database were empty, because a plugin in development
    has its tables already. Raises GRCError where the database is behind the revisions.
    """
    history = find_history(tables, name)
    if history.folder is None:
        raise GRCError(f"plugin {name} has no models, or no package that could hold revisions")
    history.check_folder()
    history.folder.mkdir(exist_ok=True)
    try:
        return _write(database, history, message)
    except GRCError:
        raise
    except Exception as error:
        raise GRCError(f"no revision was written: {one_line(error)}") from error
    finally:
        if not any(history.folder.iterdir()):
            history.folder.rmdir()


def unwritten(database: Database, tables: Tables) -> list[str]:
    """Return the plugins whose models differ from their revisions, which are all applied."""
    found: list[str] = []
    ready = {item.name for item in tables.plugins if item.on}
    for history, _ in histories(tables):
        if history.name in ready and history.has_revisions:
            with tentatively(database) as connection:
                if history.differences(connection):
                    found.append(history.name)
    return found


def _write(database: Database, history: History, message: str) -> Path | None:
    first = not history.has_revisions
    with tentatively(database) as connection:
        if history.pending(history.applied(connection)):
            raise GRCError(f"the database is behind the revisions of {history.name}; {MEND}")
        hidden = {"include_name": lambda *_: False} if first else {}
        script = command.revision(
            history.config(connection, **hidden),
            message,
            autogenerate=True,
            rev_id=_next_id(history),
            process_revision_directives=_nothing_if_empty,
        )
    path = getattr(script, "path", None)
    return Path(path) if path else None


def _next_id(history: History) -> str:
    """Return the number after the highest, as four digits."""
    heads = (name.partition("_")[0] for name in revision_files(history.folder))
    return f"{max((int(head) for head in heads if head.isdigit()), default=0) + 1:04d}"


def _nothing_if_empty(_context: Any, _revision: Any, directives: list[MigrationScript]) -> None:
    """Tell alembic to write no file where there is nothing to do."""
    operations = directives[0].upgrade_ops
    if operations is not None and operations.is_empty():
        directives.clear()
