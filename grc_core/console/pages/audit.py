"""What staff changed."""

import json
from typing import Any

from sqlalchemy import select

from ...storage.audit_models import AuditRow
from ...storage.sessions import current_session
from ..console import Console
from ..rooms import Rooms
from ..tables import Column


def audit(console: Console, rooms: Rooms) -> Any:
    """List the changes, the newest first."""
    del rooms
    columns = (
        Column("at", "When", "time"),
        Column("staff_name", "Who", search=True, value=lambda row: row.staff_name or "(erased)"),
        Column("action", "What", search=True, value=lambda row: console.translate(row.action)),
        Column("subject", "Of what", search=True),
        Column("before", "Before", sort=False, value=lambda row: _words(row.before)),
        Column("after", "After", sort=False, value=lambda row: _words(row.after)),
        Column("plugin", "Plugin", choices=_plugins()),
    )
    table = console.table(columns, select(AuditRow), sort="-at", empty="Nothing was changed yet.")
    return "plugins.html", {"found": table}


def _plugins() -> list[str]:
    query = select(AuditRow.plugin).distinct().order_by(AuditRow.plugin)
    return list(current_session().scalars(query))


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(item)}" for name, item in value.items())
    return "" if value is None else _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
