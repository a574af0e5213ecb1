"""Whether the tables are there and current: light enough for start-up, without alembic."""

import hashlib
import logging
import re
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy import column
from sqlalchemy import select
from sqlalchemy import table

from ..loading import Loaded
from ..loading import Tables
from .base import table_prefix
from .engine import Database
from .models import PluginRow

log = logging.getLogger("grc")
#: Name of the core's own row beside those of the plugins.
CORE = "core"
CORE_REVISIONS = Path(__file__).parent / "migrations" / "versions"
#: How every reason ends that `flask grc db upgrade` mends; others come from loading.
MEND = "run: flask grc db upgrade"
#: How the reason ends where the tables are newer than what is installed.
INSTALL = "install the newer version"
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


def knows(folder: Path | None, revision: str) -> bool:
    """Tell whether one of the files in a folder is a revision."""
    stated = re.compile(rf"^revision\b[^=\n]*=\s*[\"']{re.escape(revision)}[\"']", re.MULTILINE)
    files = [folder / name for name in revision_files(folder)] if folder else []
    return any(stated.search(file.read_text("utf-8", errors="replace")) for file in files)


def too_new(name: str, version: str, revision: str) -> str:
    """Return why tables cannot be used that a newer version made."""
    return f"tables are at {revision}, which {name} {version} does not know: {INSTALL}"


def waits_for_tables(loaded: Loaded) -> bool:
    """Tell whether a plugin is off for its tables alone, and on once they are current."""
    return (loaded.off or "").endswith((MEND, INSTALL))


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
    cannot be read counts as one without tables. What is new since the last look is logged.
    """
    rows, trouble = _rows(database)
    for loaded in tables.plugins:
        if loaded.plugin is not None and (loaded.off is None or waits_for_tables(loaded)):
            loaded.off = _reason(database, loaded, rows, trouble)
    missing = _reason_of(core_fingerprint(), rows.get(CORE))
    _tell(tables, missing)
    return missing is None


def _tell(tables: Tables, missing: str | None) -> None:
    """Log what waits for tables since this look; while the core does, its plugins go unsaid."""
    if missing:
        found = {CORE: f"GRC is waiting: {missing}"}
    else:
        waiting = filter(waits_for_tables, tables.plugins)
        found = {item.name: f"plugin {item.name} is off: {item.off}" for item in waiting}
    for name, sentence in found.items():
        if tables.told.get(name) != sentence:
            log.warning("%s", sentence)
    tables.told = found


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


def _reason(database: Database, loaded: Loaded, rows: _Rows, trouble: str | None) -> str | None:
    try:
        wanted = fingerprint(loaded)
    except OSError as error:
        return f"its revisions cannot be read ({error}); {MEND}"
    if trouble and wanted:
        return f"the GRC tables cannot be read ({trouble}); {MEND}"
    reason = _reason_of(wanted, rows.get(loaded.name))
    applied = _applied(database, loaded) if reason and loaded.name in rows else None
    if applied and not knows(revisions_folder(loaded), applied):
        return f"its {too_new(loaded.name, loaded.version, applied)}"
    return reason


def _applied(database: Database, loaded: Loaded) -> str | None:
    """Return the revision that alembic noted for a plugin's tables, if any."""
    noted = table(f"{table_prefix(loaded.name)}version", column("version_num"))
    try:
        with database.read() as connection:
            found: str | None = connection.scalar(select(noted.c.version_num))
            return found
    except Exception:  # tables made from models have none
        return None


def _reason_of(wanted: str, row: tuple[str, str | None] | None) -> str | None:
    seen, error = row or ("", None)
    if error:
        return f"its last upgrade failed ({error}); {MEND}"
    if seen != wanted:
        return f"its tables are {'missing' if row is None else 'old'}; {MEND}"
    return None
