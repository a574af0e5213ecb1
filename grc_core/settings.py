"""Plugins' settings: stored as JSON, validated, and seen by every process within a second."""

import logging
import time
from collections.abc import Callable
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import marshmallow
from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from .errors import GRCError
from .errors import nearest
from .plugin import Plugin
from .plugin import SettingsValues
from .storage.engine import Database
from .storage.models import SettingRow
from .storage.models import VersionRow

log = logging.getLogger("grc")
_LOOK_EVERY = 1.0
_SECRET_WORDS = ("secret", "password", "token", "api_key", "private_key")


def is_secret(name: str, field: marshmallow.fields.Field[Any]) -> bool:
    """Tell whether a setting is one that nobody may read back."""
    stated = field.load_only or field.metadata.get("secret")
    return bool(stated or any(word in name.lower() for word in _SECRET_WORDS))


class Counters:
    """Version counters of shared state, read in one statement at most once a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._values: dict[str, int] = {}
        self._looked = float("-inf")

    def value(self, name: str) -> int:
        """Return a counter; a change in another process shows after a second at most."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY:
            self._looked = now
            self._look()
        return self._values.get(name, 0)

    def _look(self) -> None:
        try:
            with self._database.read() as connection:
                rows = connection.execute(select(VersionRow.name, VersionRow.value))
                self._values = {row.name: row.value for row in rows}
        except Exception:
            log.debug("the GRC tables cannot be read yet", exc_info=True)

    def bump(self, connection: Connection, name: str) -> None:
        """Tell every process that something changed."""
        query = update(VersionRow).where(VersionRow.name == name)
        if not connection.execute(query.values(value=VersionRow.value + 1)).rowcount:
            connection.execute(insert(VersionRow).values(name=name, value=1))
        self._looked = float("-inf")


class SettingsStore:
    """Read and change the stored settings of plugins."""

    def __init__(
        self, database: Database, counters: Counters, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._counters = counters
        self._clock = clock
        self._stored: dict[str, dict[str, Any]] = {}
        self._version = -1
        self._values: dict[str, SettingsValues] = {}

    def of(self, plugin: Plugin) -> SettingsValues:
        """Return a plugin's settings: what is stored, else the schema's defaults."""
        self.refresh()
        found = self._values.get(plugin.name)
        if found is None:
            found = self._values[plugin.name] = self._load(plugin)
        return found

    def stored(self, name: str) -> Mapping[str, Any]:
        """Return what is stored under a name, without defaults."""
        self.refresh()
        return self._stored.get(name, {})

    def refresh(self) -> None:
        """Read again what changed since."""
        version = self._counters.value("settings")
        if version == self._version:
            return
        try:
            with self._database.read() as connection:
                rows = connection.execute(select(SettingRow.plugin, SettingRow.values))
                self._stored = {name: dict(values) for name, values in rows}
        except Exception:
            log.debug("the stored settings cannot be read now", exc_info=True)
            return  # what was known stays in force
        self._version, self._values = version, {}

    def change(self, plugin: Plugin, changes: Mapping[str, Any]) -> SettingsValues:
        """Validate and store changed settings; raise GRCError naming each bad one."""
        schema = plugin.Settings()
        for name in changes:
            if name not in schema.fields:
                hint = nearest(name, schema.fields)
                raise GRCError(f"plugin {plugin.name} has no setting {name!r}{hint}")
        self.refresh()
        stored = self._stored.get(plugin.name, {})
        kept = {name: value for name, value in stored.items() if name in schema.fields}
        merged = {**kept, **changes}
        try:
            values = schema.load(merged)
        except marshmallow.ValidationError as error:
            raise GRCError(f"settings of {plugin.name}: {_sentence(error.messages)}") from None
        dumped = schema.dump(values)
        # what was not given goes on following the plugin's defaults
        self.store(plugin.name, {name: dumped.get(name, merged[name]) for name in merged})
        return SettingsValues(values)

    def store(self, name: str, values: Mapping[str, Any]) -> None:
        """Replace what is stored under a name and tell every process."""
        with self._database.write() as connection:
            connection.execute(delete(SettingRow).where(SettingRow.plugin == name))
            row = {"plugin": name, "values": dict(values), "changed_at": self._clock()}
            connection.execute(insert(SettingRow).values(**row))
            self._counters.bump(connection, "settings")

    def _load(self, plugin: Plugin) -> SettingsValues:
        stored = self._stored.get(plugin.name, {})
        schema = plugin.Settings(unknown=marshmallow.EXCLUDE)
        try:
            return SettingsValues(schema.load(stored))
        except marshmallow.ValidationError as error:
            said = _sentence(error.messages)
            log.warning("settings of %s: %s Defaults are used.", plugin.name, said)
            bad = error.messages_dict
            good = {name: value for name, value in stored.items() if name not in bad}
            return SettingsValues(schema.load(good))


def _sentence(messages: object, name: str = "") -> str:
    """Return what marshmallow found wrong as words: `most: Must be less than 10.`"""
    if isinstance(messages, Mapping):
        inner = (_sentence(item, f"{name}.{key}".lstrip(".")) for key, item in messages.items())
        return " ".join(inner)
    said = " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)
    return f"{name}: {said}" if name else said
