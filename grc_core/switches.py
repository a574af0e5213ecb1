"""Plugins that the shop has switched off; every process follows within a second."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .errors import GRCError
from .errors import nearest
from .loading import Tables
from .settings import Counters
from .settings import SettingsStore
from .storage.engine import Database

#: How the reason of such a plugin starts.
SWITCHED_OFF = "switched off in the console"
_STORED = "switched_off"


class Switches:
    """Switch plugins off and on; what waits for a plugin meanwhile is delivered afterwards."""

    def __init__(
        self, tables: Tables, settings: SettingsStore, counters: Counters, database: Database
    ) -> None:
        self._tables = tables
        self._settings = settings
        self._counters = counters
        self._database = database

    @property
    def off(self) -> Mapping[str, Any]:
        """Return what is stored of each plugin that is switched off: by whom and when."""
        found = self._settings.stored("core").get(_STORED)
        return dict(found) if isinstance(found, Mapping) else {}

    def lift(self) -> None:
        """Let plugins be on that are switched off no longer, if nothing else keeps them off."""
        off = self.off
        for loaded in self._tables.plugins:
            if (loaded.off or "").startswith(SWITCHED_OFF) and loaded.name not in off:
                loaded.off = None

    def apply(self) -> None:
        """Turn plugins off that are switched off."""
        off = self.off
        for loaded in self._tables.plugins:
            if loaded.off is None and loaded.name in off:
                loaded.off = SWITCHED_OFF

    def switch(self, name: str, on: bool, by: str, at: datetime) -> None:
        """Switch a plugin on or off, in every process; raise GRCError where there is none."""
        known = [item.name for item in self._tables.plugins]
        if name not in known:
            raise GRCError(f"there is no plugin {name!r}{nearest(name, known)}")
        stored = self._settings.stored("core")
        off = dict(self.off)
        off.pop(name, None)
        if not on:
            off[name] = {"by": by, "at": at.isoformat()}
        self._settings.store("core", {**stored, _STORED: off})
        with self._database.write() as connection:
            self._counters.bump(connection, "plugins")
