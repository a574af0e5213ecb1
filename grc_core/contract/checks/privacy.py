"""What it stores about people: declared, handed out, and gone when it has to be."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table
from sqlalchemy import inspect

from ...purposes import Personal
from ...storage.readiness import metadata_of
from ...testing.app import ShopApp
from ..acting import SUBJECT
from ..acting import WHO
from ..acting import contents
from ..acting import live
from ..check import Skipped
from ..check import check
from ..stage import Stage


def declarations(stage: Stage) -> list[Personal]:
    """Return what the plugin declares."""
    declare = getattr(stage.plugin, "personal_data", None)
    return list(declare() or ()) if declare else []


@check(
    "declared",
    proves="Each column that it stores is declared, or said to be about nobody.",
    mend="List it in personal_data(), or in __not_personal__ of its model.",
)
def declared(stage: Stage) -> Iterable[str]:
    """Compare columns and declarations."""
    covered: dict[str, set[str]] = {}
    for item in declarations(stage):
        table: Table = inspect(item.model).local_table
        names = {*item.fields, item.by, *filter(None, [getattr(item, "since", None)])}
        covered.setdefault(table.name, set()).update(names)
        for name in sorted(names - _attributes(item.model)):
            yield f"personal_data() names {item.model.__name__}.{name}, which does not exist"
    public = _not_personal(stage)
    for table in metadata_of(stage.loaded).sorted_tables:
        known = covered.get(table.name, set()) | public.get(table.name, set())
        for column in table.columns:
            if column.name not in known and "*" not in known and not _is_number(column):
                yield f"{table.name}.{column.name} is stored, and nothing is said about it"


def _attributes(model: type[Any]) -> set[str]:
    mapper = inspect(model)
    return {*mapper.columns.keys(), *(column.name for column in mapper.columns)}


def _is_number(column: Any) -> bool:
    """Tell whether a column merely counts the rows."""
    return bool(column.primary_key) and column.type.python_type is int


def _not_personal(stage: Stage) -> dict[str, set[str]]:
    models = getattr(type(stage.plugin), "models", None)
    mappers = models.registry.mappers if models is not None else ()
    return {
        mapper.local_table.name: set(getattr(mapper.class_, "__not_personal__", ()))
        for mapper in mappers
    }


def _service(app: ShopApp) -> Any:
    found = getattr(app.extensions["grc"].services, "privacy", None)
    if found is None:
        raise Skipped("this grc-core neither exports nor erases what plugins store")
    return found


@check(
    "exported",
    proves="Who asks for their data gets every declared field of theirs.",
    mend="Let `by` name the column with the person's id, or write export_personal_data().",
    both=True,
)
def exported(stage: Stage) -> Iterable[str]:
    """Let the witness live, and export."""
    app = stage.app()
    live(app, stage.name)
    service = _service(app)
    with app.app_context():
        found = [item for item in service.export(SUBJECT) if item.plugin == stage.name]
    for error in (item.error for item in found if item.error):
        yield f"the export says: {error}"
    handed = " ".join(str(dict(row)) for item in found for row in item.rows)
    for declaration in declarations(stage):
        for row in app.rows(declaration.model):
            if WHO in str(getattr(row, declaration.by)):
                missing = [name for name in declaration.fields if _lacks(handed, row, name)]
                for name in missing:
                    yield f"{declaration.model.__name__}.{name} is not in the export"


def _lacks(handed: str, row: object, name: str) -> bool:
    value = getattr(row, name)
    return isinstance(value, str) and bool(value) and value not in handed


@check(
    "erased",
    proves="Who is to be forgotten is: no column of its tables still holds them.",
    mend="Declare every table that holds a person, or write erase_personal_data().",
    both=True,
)
def erased(stage: Stage) -> Iterable[str]:
    """Let the witness live, erase, and look for them in every row."""
    app = stage.app()
    live(app, stage.name)
    service = _service(app)
    with app.app_context():
        outcomes = service.erase(SUBJECT).outcomes
    kept = [item for item in outcomes if item.plugin == stage.name]
    for item in kept:
        if item.result == "failed" or (item.result == "retained" and not item.reason):
            yield f"the erasure says {item.result}: {item.reason or 'without a reason'}"
    if any(item.result == "retained" and item.reason for item in kept):
        return
    for table, rows in contents(app, stage.name).items():
        if any(WHO in row.lower() for row in rows):
            yield f"{table} still holds the person"


CHECKS = (declared, exported, erased)
