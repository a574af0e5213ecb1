"""A plugin's revisions and the models they lead to, in terms of alembic."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy import MetaData

from ..errors import GRCError
from ..errors import nearest
from ..loading import Loaded
from ..loading import Tables
from .autogenerate import only
from .base import table_prefix
from .readiness import CORE
from .readiness import CORE_REVISIONS
from .readiness import core_fingerprint
from .readiness import digest
from .readiness import fingerprint
from .readiness import knows
from .readiness import metadata_of
from .readiness import revision_files
from .readiness import revisions_folder
from .readiness import too_new
from .tables import CORE_METADATA

_ENVIRONMENT = Path(__file__).parent / "migrations"
_ERROR_LENGTH = 500


class TablesTooNew(GRCError):
    """Raise when tables are at a revision that the installed plugin does not know."""


@dataclass(frozen=True, slots=True)
class History:
    """The core's or one plugin's revisions; `folder` is None where it can have none."""

    name: str
    version: str
    metadata: MetaData
    folder: Path | None
    fingerprint: str
    #: other plugins of the same package, which would run the same revisions
    neighbours: tuple[str, ...] = ()

    def check_folder(self) -> None:
        """Refuse a folder of revisions that several plugins would claim."""
        if self.neighbours:
            raise GRCError(
                f"plugins {', '.join((self.name, *self.neighbours))} share {self.folder}; "
                "a plugin with revisions needs a package of its own"
            )

    def check_known(self, applied: str | None) -> None:
        """Raise TablesTooNew where a newer version of the plugin made the tables."""
        for revision in applied.split(", ") if applied else ():
            if not knows(self.folder, revision):
                raise TablesTooNew(too_new(self.name, self.version, revision))

    @property
    def has_revisions(self) -> bool:
        """Tell whether there is any revision."""
        return bool(revision_files(self.folder))

    @property
    def version_table(self) -> str:
        """Return the name of the table that holds the applied revision."""
        return f"{table_prefix(self.name)}version"

    def config(self, connection: Connection | None = None, **attributes: Any) -> Config:
        """Return alembic's settings; `attributes` reach `env.py`."""
        config = Config(cmd_opts=Namespace(quiet=True))
        options = {
            "script_location": str(_ENVIRONMENT),
            "version_locations": str(self.folder or ""),
            "path_separator": "os",
            "version_path_separator": "os",
            "file_template": "%(rev)s_%(slug)s",
        }
        for name, value in options.items():
            config.set_main_option(name, value.replace("%", "%%"))
        config.attributes.update(
            connection=connection,
            metadata=self.metadata,
            plugin=self.name,
            version_table=self.version_table,
            **attributes,
        )
        return config

    def applied(self, connection: Connection) -> str | None:
        """Return the revision that the database is at."""
        heads = self._context(connection).get_current_heads()
        return ", ".join(heads) or None

    def head(self) -> str | None:
        """Return the newest revision; raise where two claim to be it."""
        return self._scripts().get_current_head() if self.has_revisions else None

    def pending(self, applied: str | None) -> tuple[str, ...]:
        """Return the revisions that `upgrade` would apply, first to last."""
        if not self.has_revisions:
            return ()
        steps = self._scripts().iterate_revisions("heads", applied or "base")
        return tuple(reversed([step.revision for step in steps]))

    def targets(self, applied: str | None) -> tuple[str, ...]:
        """Return what a downgrade may go back to, nearest first; `base` is the last."""
        if applied is None:
            return ()
        steps = self._scripts().iterate_revisions(applied, "base")
        return (*[step.revision for step in steps][1:], "base")

    def fingerprint_at(self, applied: str | None) -> str:
        """Return the fingerprint that a database at this revision has."""
        if applied is None:
            return ""
        steps = self._scripts().iterate_revisions(applied, "base")
        return digest(sorted(Path(step.path).name for step in steps))

    def differences(self, connection: Connection) -> list[Any]:
        """Return what sets the tables apart from the models."""
        found: list[Any] = compare_metadata(self._context(connection), self.metadata)
        return found

    def _scripts(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self.config())

    def _context(self, connection: Connection) -> MigrationContext:
        options = {"version_table": self.version_table, "include_name": only(self.name)}
        return MigrationContext.configure(connection, opts=options)


def histories(tables: Tables) -> Iterator[tuple[History, Loaded | None]]:
    """Yield the core's history, then those of the plugins by name."""
    yield core_history(), None
    present = [item for item in tables.plugins if item.plugin is not None]
    folders = {item.name: revisions_folder(item) for item in present}
    for loaded in sorted(present, key=lambda item: item.name):
        same = (name for name, folder in folders.items() if folder == folders[loaded.name])
        neighbours = tuple(name for name in same if name != loaded.name)
        yield history_of(loaded, neighbours), loaded


def core_history() -> History:
    """Return the history of the core's own tables."""
    return History(CORE, _core_version(), CORE_METADATA, CORE_REVISIONS, core_fingerprint())


def history_of(loaded: Loaded, neighbours: tuple[str, ...] = ()) -> History:
    """Return the history of a plugin's tables."""
    folder, metadata = revisions_folder(loaded), metadata_of(loaded)
    alone = neighbours if folder else ()
    return History(loaded.name, loaded.version, metadata, folder, fingerprint(loaded), alone)


def find_history(tables: Tables, name: str) -> History:
    """Return the history of the core or a plugin, or raise naming the nearest."""
    for history, _ in histories(tables):
        if history.name == name:
            return history
    known = [CORE, *(item.name for item in tables.plugins)]
    raise GRCError(f"no plugin {name!r} is loaded{nearest(name, known)}")


def _core_version() -> str:
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version

    try:
        return version("grc-core")
    except PackageNotFoundError:
        return "0"


def one_line(error: BaseException) -> str:
    """Return what a migration raised as one line, without the statement that failed."""
    text = " ".join(str(error).partition("\n[SQL")[0].split())
    return f"{type(error).__name__}: {text}"[:_ERROR_LENGTH]
