"""The declarative base that each plugin derives its own from."""

import re
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import ClassVar

from sqlalchemy import DateTime
from sqlalchemy import Dialect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator

from ..errors import PluginRefused

#: Names for constraints, so that a migration can find them on every database.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time, stored as UTC and given back as UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """Return what its values are, for whoever has to fill a column with something."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times and turn others into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; store aware times")
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware time, also from SQLite, which keeps no zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Model(DeclarativeBase):
    """Derive a plugin's own base with `class Model(grc_core.Model, plugin="name")`.

    Each base has its own registry and MetaData; its classes get tables `grc_<plugin>__<class>`.
    """

    __abstract__ = True
    __grc_plugin__: ClassVar[str]

    def __init_subclass__(cls, plugin: str | None = None, **options: Any) -> None:
        if plugin is not None:
            cls._become_base(plugin)
        elif not hasattr(cls, "__grc_plugin__"):
            raise PluginRefused(
                f"{cls.__name__} derives from grc_core.Model itself; first write "
                'class Model(grc_core.Model, plugin="<name>") and derive from that'
            )
        elif "__tablename__" not in cls.__dict__ and "__table__" not in cls.__dict__:
            cls.__tablename__ = table_prefix(cls.__grc_plugin__) + _snake(cls.__name__)
        super().__init_subclass__(**options)

    @classmethod
    def _become_base(cls, plugin: str) -> None:
        cls.__grc_plugin__ = plugin
        cls.__abstract__ = True
        cls.registry = registry(
            metadata=MetaData(naming_convention=NAMING),
            type_annotation_map={datetime: UTCDateTime()},
        )
        cls._sa_registry = cls.registry
        cls.metadata = cls.registry.metadata


def table_prefix(plugin: str) -> str:
    """Return what the names of a plugin's tables start with."""
    return f"grc_{plugin}__"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
