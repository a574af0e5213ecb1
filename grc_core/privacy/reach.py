"""The plugins, one by one: each in a savepoint of its own, so that one fails alone."""

import logging
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import inspect

from ..loading import Contribution
from ..loading import Tables
from ..purposes import Personal
from ..storage.sessions import Scope
from ..storage.sessions import working

log = logging.getLogger("grc")


class Reach:
    """Call the privacy hooks of plugins, those that are switched off included."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def names(self) -> list[str]:
        """Return the plugins that may store something about people."""
        hooks = (
            "personal_data",
            "export_personal_data",
            "rectify_personal_data",
            "erase_personal_data",
        )
        found = (item.loaded.name for hook in hooks for item in self._items(hook))
        return sorted(set(found))

    def declared(self, plugin: str) -> list[Personal]:
        """Return what a plugin declares; raises whatever the plugin raises."""
        return [one for item in self._items("personal_data", plugin) for one in item.call() or ()]

    def there(self, connection: Connection, declared: list[Personal]) -> list[Personal]:
        """Return the declarations whose tables are there, as those of a removed plugin may not."""
        tables = set(inspect(connection).get_table_names())
        return [one for one in declared if one.model.__table__.name in tables]

    def ask(self, hook: str, plugin: str, **arguments: Any) -> list[Any]:
        """Return what a plugin's own implementation of a hook answers; none where it is off."""
        return [
            item.call(**{name: arguments[name] for name in item.arguments})
            for item in self._items(hook, plugin)
            if item.on
        ]

    def _items(self, hook: str, plugin: str | None = None) -> Iterator[Contribution]:
        for item in self._tables.hooks.get(hook, ()):
            if item.loaded.plugin is not None and plugin in (None, item.loaded.name):
                yield item


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Let the work at hand be a plugin's, undone as a whole when it fails."""
    connection.exec_driver_sql("SAVEPOINT grc_privacy")
    scope = Scope(connection)
    try:
        with working(scope):
            yield
            if scope.touched:
                scope.session.commit()
    except (Exception, SystemExit):
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT grc_privacy")
        raise
    finally:
        connection.exec_driver_sql("RELEASE SAVEPOINT grc_privacy")


def fenced(plugin: str, what: str, work: Callable[[], None]) -> str | None:
    """Do a plugin's work; return what went wrong."""
    try:
        work()
    except (Exception, SystemExit) as error:
        log.exception("plugin %s: %s failed", plugin, what)
        return f"{type(error).__name__}: {str(error)[:200]}"
    return None
