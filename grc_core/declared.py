"""What the plugins of one app say about privacy: cookies, what they ask for, their words."""

from collections.abc import Callable
from functools import reduce
from operator import or_

from .decisions import HookCalls
from .loading import Tables
from .purposes import Cookie
from .purposes import Purpose


class Declared:
    """Collect declarations, each with the name of its plugin; one that fails is left out."""

    def __init__(
        self, tables: Tables, calls: HookCalls, translated: Callable[[str, str, str], str]
    ) -> None:
        self._tables = tables
        self._calls = calls
        self._translated = translated

    def cookies(self) -> list[tuple[str, Cookie]]:
        """Return which cookies plugins have a browser keep."""
        return [
            (name, item)
            for name, items in self._calls.collect_named("cookies")
            for item in items or ()
        ]

    def said(self, plugin: str, text: str, locale: str) -> str:
        """Return what a declaration says, in a language that its plugin is translated into."""
        return self._translated(plugin, text, locale)

    def needs(self) -> Purpose:
        """Return the purposes that a hook or widget of a plugin, or the core, asks for."""
        groups = (*self._tables.hooks.values(), *self._tables.slots.values())
        asked = (item.options.needs for group in groups for item in group)
        return reduce(or_, asked, Purpose.NECESSARY)
