"""Count the SQL statements that an engine is given."""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy import event


class Statements:
    """Count an engine's statements, SAVEPOINT and `BEGIN IMMEDIATE` included.

    A BEGIN for reading is not: SQLite answers it without looking at the file.
    """

    def __init__(self, engine: Engine) -> None:
        self._count = 0
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, *_: Any) -> None:
        self._count += 1

    def take(self) -> int:
        """Return how many there were since the last time."""
        count, self._count = self._count, 0
        return count
