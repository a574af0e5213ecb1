"""Whether the tables are there and current: light enough for start-up, without alembic."""

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy import select

from ..loading import Loaded
from ..loading import Tables
from .engine import Database
from .models import PluginRow

log = logging.getLogger("grc")
#: Name of the core's own row beside those of the plugins.
CORE = "core"
CORE_REVISIONS = Path(__file__).parent / "migrations" / "versions"
#: How every reason ends that `flask grc db upgrade` mends; others come from loading.
MEND = "run: flask grc db upgrade"
#: How the fingerprint of tables starts that were made without revisions.
MADE_FROM_MODELS = "models:"


def revisions_folder(loaded: Loaded) -> Path | None:
    """Return the folder of a plugin's revisions, whether or not it exists yet.

    A plugin without `models` has none. A folder with an `env.py` is somebody's own alembic, such
    as that of a shop whose package also holds a plugin; it is left alone.
    """
    if getattr(loaded.plugin, "models", None) is None:
        return None
    folder = loaded.folder / "migrations" if loaded.folder else None
    return None if folder is None or (folder / "env.py").exists() else folder


def revision_files(folder: Path | None) -> list[str]:
    """Return the sorted file names of the revisions in a folder."""
    if folder is None or not folder.is_dir():
        return []
    names = (path.name for path in folder.iterdir() if path.suffix == ".py")
    return sorted(name for name in names if not name.startswith(("_", ".")))


def metadata_of(loaded: Loaded) -> MetaData:
    """Return the tables that a plugin declares; none where it has no models."""
    found: MetaData | None = getattr(getattr(loaded.plugin, "models", None), "metadata", None)
    return MetaData() if found is None else found


def digest(names: Iterable[str]) -> str:
    """Return a short hash of names; empty where there are none."""
    joined = "\n".join(names)
    return hashlib.sha256(joined.encode()).hexdigest()[:16] if joined else ""


def fingerprint(loaded: Loaded) -> str:
    """Return a hash of what `db upgrade` has to have seen; empty where there is nothing.

    It is taken of the revisions' file names, or of the columns where there are no revisions.
    """
    files = revision_files(revisions_folder(loaded))
    return digest(files) or models_fingerprint(metadata_of(loaded))


def models_fingerprint(metadata: MetaData) -> str:
    """Return the fingerprint of tables that are made without revisions."""
    columns = sorted(str(column) for table in metadata.tables.values() for column in table.c)
    return MADE_FROM_MODELS + digest(columns) if columns else ""


def core_fingerprint() -> str:
    """Return the hash of the core's own revisions."""
    return digest(revision_files(CORE_REVISIONS))


def apply_states(database: Database, tables: Tables) -> bool:
    """Turn plugins off whose tables are missing or old, and on again once they are current.

    Return whether the core's own tables are there and current. Never raises: a database that
    cannot be read counts as one without tables.
    """
    rows, trouble = _rows(database)
    for loaded in tables.plugins:
        if loaded.plugin is not None and (loaded.off is None or loaded.off.endswith(MEND)):
            loaded.off = _reason(loaded, rows, trouble)
    return _reason_of("", core_fingerprint(), rows.get(CORE)) is None


_Rows = dict[str, tuple[str, str | None]]


def _rows(database: Database) -> tuple[_Rows, str | None]:
    """Return fingerprint and error by name, and why the rows cannot be read."""
    try:
        with database.read() as connection:
            query = select(PluginRow.name, PluginRow.revisions, PluginRow.error)
            return {name: (seen, error) for name, seen, error in connection.execute(query)}, None
    except Exception as error:
        log.debug("the GRC tables cannot be read", exc_info=True)
        return {}, str(error).partition("\n")[0]


def _reason(loaded: Loaded, rows: _Rows, trouble: str | None) -> str | None:
    try:
        wanted = fingerprint(loaded)
    except OSError as error:
        return f"its revisions cannot be read ({error}); {MEND}"
    if trouble and wanted:
        return f"the GRC tables cannot be read ({trouble}); {MEND}"
    return _reason_of(loaded.name, wanted, rows.get(loaded.name))


def _reason_of(name: str, wanted: str, row: tuple[str, str | None] | None) -> str | None:
    seen, error = row or ("", None)
    if error:
        return f"its last upgrade failed ({error}); {MEND}"
    if seen != wanted:
        return f"its tables are {'missing' if row is None else 'old'}; {MEND}"
    return None
