"""Fresh databases for tests, by the hundred: copies of one that was migrated once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from os import getpid
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import make_url
from sqlalchemy import text
from sqlalchemy.pool import NullPool


class Server(Protocol):
    """Where databases are made and copied; one per test run."""

    def address(self, folder: Path, name: str) -> str:
        """Return where a database of a test will be; nothing is there yet."""

    def create(self, url: str, template: str | None = None) -> None:
        """Make a database, empty or a copy of another one that nobody is connected to."""

    def drop(self, url: str) -> None:
        """Remove a database."""


class SQLiteFiles:
    """Databases that are files in the test's own folder, which pytest removes."""

    def address(self, folder: Path, name: str) -> str:
        """Return the URL of a file."""
        return f"sqlite:///{folder / name}.sqlite3"

    def create(self, url: str, template: str | None = None) -> None:
        """Copy a file; an empty one makes itself."""
        if template is not None:
            shutil.copyfile(_path(template), _path(url))

    def drop(self, url: str) -> None:
        """Leave the file to pytest, for whoever looks into a failure."""


class PostgresServer:
    """Databases of one server; `url` is any of them, with the right to make others."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._numbers = count(1)
        self._engine: Engine = create_engine(
            self._url, isolation_level="AUTOCOMMIT", poolclass=NullPool
        )

    def address(self, folder: Path, name: str) -> str:
        """Return the URL of a database that nobody else has."""
        del folder, name
        own = self._url.set(database=f"grc_test_{getpid()}_{next(self._numbers)}")
        return own.render_as_string(hide_password=False)

    def create(self, url: str, template: str | None = None) -> None:
        """Make a database, about 15 ms where the server does not wait for its disk."""
        source = f' TEMPLATE "{make_url(template).database}"' if template else ""
        self._run(f'CREATE DATABASE "{make_url(url).database}"{source}')

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))


class Templates:
    """Databases that were migrated once in this run, by what their tables are."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self._folder = folder
        self._made: dict[str, str] = {}

    def find(self, key: str) -> str | None:
        """Return the template for these tables."""
        return self._made.get(key)

    def keep(self, key: str, url: str) -> None:
        """Make a template of a database that nobody is connected to."""
        template = self.server.address(self._folder, f"template{len(self._made)}")
        self.server.create(template, url)
        self._made[key] = template

    def close(self) -> None:
        """Remove the templates."""
        for url in self._made.values():
            self.server.drop(url)


class Databases:
    """The databases of one test; `kind` is `sqlite` or `postgres`."""

    def __init__(self, kind: str, templates: Templates, folder: Path) -> None:
        self.kind = kind
        self.templates = templates
        self._folder = folder
        self._named: dict[str, str] = {}
        self._made: list[str] = []

    def address(self, name: str) -> str:
        """Return the URL of a database that is yet to be made."""
        return self.templates.server.address(self._folder, name)

    def create(self, url: str, template: str | None = None) -> None:
        """Make a database, empty or from a template; it is removed after the test."""
        self._made.append(url)
        self.templates.server.create(url, template)

    def url(self, name: str = "one") -> str:
        """Return the URL of an empty database: under the same name the same one."""
        if name not in self._named:
            self._named[name] = url = self.address(name)
            self.create(url)
        return self._named[name]

    def close(self) -> None:
        """Remove what the test made."""
        for url in self._made:
            self.templates.server.drop(url)


@contextmanager
def databases(kind: str, templates: Templates, folder: Path) -> Iterator[Databases]:
    """Yield the databases of one test."""
    found = Databases(kind, templates, folder)
    try:
        yield found
    finally:
        found.close()


def _path(url: str) -> str:
    return str(make_url(url).database)
