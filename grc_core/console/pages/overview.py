"""The first page of the console: what needs a person, and what there is."""

from typing import Any

from sqlalchemy import func
from sqlalchemy import select

from ...storage.contact_models import ContactRow
from ...storage.sessions import current_session
from ..console import Console
from ..rooms import Rooms
from .figures import events_by_day
from .figures import waiting


def overview(console: Console, rooms: Rooms) -> Any:
    """Show what needs a person first, then the figures."""
    roots = select(func.count()).where(ContactRow.id == ContactRow.root_id)
    days = events_by_day(rooms.clock())
    plot = console.plot("Events a day", [day for day, _ in days],
                        {"Events": [count for _, count in days]}, kind="bars")  # fmt: skip
    loaded = rooms.tables.plugins
    return "overview.html", {
        "waiting": waiting(rooms.clock()),
        "contacts": current_session().scalar(roots.select_from(ContactRow)) or 0,
        "on": sum(item.on for item in loaded),
        "off": [item for item in loaded if not item.on],
        "plot": plot,
    }
