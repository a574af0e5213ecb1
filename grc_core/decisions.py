"""Decisions and answers asked of plugins while a page or an order is made, each call fenced."""

import logging
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from .loading import Contribution
from .loading import Tables
from .loading import providers_of
from .purposes import Purpose
from .storage.engine import Database
from .storage.sessions import ReadScope
from .storage.sessions import working
from .storage.sessions import writing

log = logging.getLogger("grc")


class HookCalls:
    """Call decision hooks of the plugins that are on, from the compiled tables."""

    def __init__(self, tables: Tables, database: Database, providers: Mapping[str, str]) -> None:
        self._tables = tables
        self._database = database
        self._providers = providers
        self._complaints: set[str] = set()

    def collect(
        self, hook: str, consents: Purpose = Purpose.NECESSARY, **arguments: Any
    ) -> list[Any]:
        """Call every plugin, each fenced, and return the answers of those that worked.

        What needs more than `consents` is not called.
        """
        return [answer for _, answer in self.collect_named(hook, consents, **arguments)]

    def collect_named(
        self, hook: str, consents: Purpose = Purpose.NECESSARY, **arguments: Any
    ) -> list[tuple[str, Any]]:
        """Return plugin names with their answers."""
        asked = self.ask_each(hook, consents, **arguments)
        return [(name, answer) for name, done, answer in asked if done]

    def ask_each(
        self, hook: str, consents: Purpose = Purpose.NECESSARY, **arguments: Any
    ) -> Iterator[tuple[str, bool, Any]]:
        """Yield of every plugin whether its call worked, and its answer; failures are logged."""
        for item in self._tables.hooks.get(hook, ()):
            if item.on and consents.allows(item.options.needs):
                yield item.loaded.name, *self._fenced(item, arguments, self._scope(hook))

    def provide(self, hook: str, consents: Purpose = Purpose.NECESSARY, **arguments: Any) -> Any:
        """Ask the one provider of a decision; None where there is none or it fails."""
        provider, complaint = providers_of(self._tables, hook, self._providers)
        if complaint and complaint not in self._complaints:
            self._complaints.add(complaint)
            log.error("%s", complaint)
        if provider is None or not consents.allows(provider.options.needs):
            return None
        return self._fenced(provider, arguments, self._scope(hook))[1]

    def demand(self, hook: str, **arguments: Any) -> None:
        """Call every plugin and let the first error through."""
        for item in self._tables.hooks.get(hook, ()):
            if item.on:
                with self._scope(hook)():
                    item.call(**_wanted(item, arguments))

    def _scope(self, hook: str) -> Callable[[], AbstractContextManager[Any]]:
        if hook in ("reserve", "release", "erase_personal_data"):
            return lambda: writing(self._database)
        return lambda: working(ReadScope(self._database))

    def _fenced(
        self,
        item: Contribution,
        arguments: Mapping[str, Any],
        scope: Callable[[], AbstractContextManager[Any]],
    ) -> tuple[bool, Any]:
        try:
            with scope():
                answer = item.call(**_wanted(item, arguments))
                return True, list(answer) if hasattr(answer, "__next__") else answer
        except (Exception, SystemExit):
            log.exception("plugin %s %s: %s failed", item.loaded.name, item.loaded.version,
                          item.name)  # fmt: skip
            return False, None


def _wanted(item: Contribution, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in item.arguments if name in arguments}
