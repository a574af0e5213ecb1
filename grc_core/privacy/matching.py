"""Which rows of a declared table are about a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Integer
from sqlalchemy import and_
from sqlalchemy import false
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy.orm import Mapper

from ..errors import PluginRefused
from ..errors import nearest
from ..purposes import IDENTITY_KINDS
from ..purposes import Personal
from .person import Person


def column_of(declared: Personal, name: str) -> Column[Any]:
    """Return a column by its name in the model; raises PluginRefused if there is none."""
    mapper: Mapper[Any] = declared.model.__mapper__
    if name not in mapper.columns:
        known = list(mapper.columns.keys())
        raise PluginRefused(
            f"personal_data names {name!r}, which {declared.model.__name__} does not have"
            f"{nearest(name, known)}"
        )
    found: Column[Any] = mapper.columns[name]
    return found


def kind_of(declared: Personal) -> str:
    """Return whose id the declared column holds: as declared, else as its name says."""
    if declared.kind is not None:
        return declared.kind
    name = declared.by.lower()
    return next((kind for kind in IDENTITY_KINDS if kind in name), "customer")


def about(declared: Personal, person: Person) -> ColumnElement[bool]:
    """Return the condition that a row is about a person; false for nobody."""
    column = column_of(declared, declared.by)
    beside = _kind_beside(declared)
    parts: list[ColumnElement[bool]] = []
    if beside is not None:
        names = [(one.kind, one.id) for one in person.subjects]
        names += [("contact", id) for id in person.ids("contact")]
        parts += [and_(beside == kind, column == id) for kind, id in names]
    elif isinstance(column.type, Integer):
        ids = [int(id) for id in person.ids(kind_of(declared)) if id.isascii() and id.isdigit()]
        parts += [column.in_(ids)] if ids else []
        return or_(*parts) if parts else false()
    else:
        kind = kind_of(declared)
        ids_of_kind = person.ids(kind)
        if ids_of_kind:
            side = func.lower(column) if kind == "email" else column
            parts.append(side.in_(ids_of_kind))
    if person.subjects:
        parts.append(column.in_(person.names()))
    return or_(*parts) if parts else false()


def _kind_beside(declared: Personal) -> Column[Any] | None:
    """Return the column that says of what kind the id is, such as `subject_kind`."""
    stem, _, last = declared.by.rpartition("_")
    mapper: Mapper[Any] = declared.model.__mapper__
    return mapper.columns.get(f"{stem}_kind") if stem and last == "id" else None


def older(declared: Personal, now: datetime) -> ColumnElement[bool] | None:
    """Return the condition that a row was kept long enough; None where nothing says so."""
    if declared.keep is None or declared.since is None:
        return None
    return column_of(declared, declared.since) < now - declared.keep
