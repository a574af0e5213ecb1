"""What staff changed: who, when, what, before and after."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import insert

from ..staff import Staff
from ..storage.audit_models import AuditRow
from ..values import Subject


def record(
    connection: Connection,
    clock: Callable[[], datetime],
    staff: Staff,
    plugin: str,
    action: str,
    subject: str,
    before: Any = None,
    after: Any = None,
    about: Subject | None = None,
) -> None:
    """Record a change in the transaction at hand, with only what differs of two mappings."""
    if isinstance(before, dict) and isinstance(after, dict):
        same = {name for name in before if name in after and before[name] == after[name]}
        before = {name: value for name, value in before.items() if name not in same}
        after = {name: value for name, value in after.items() if name not in same}
    connection.execute(
        insert(AuditRow).values(
            at=clock(),
            staff_id=staff.id,
            staff_name=staff.name,
            plugin=plugin,
            action=action,
            subject=subject,
            about_kind=about.kind if about else None,
            about_id=about.id if about else None,
            before=_plain(before),
            after=_plain(after),
        )
    )


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    return json.loads(json.dumps(value, default=str)) if value is not None else None
