"""Log records of GRC as JSON, with the ids of what they are about."""

import json
import logging
from datetime import UTC
from datetime import datetime

_PREFIX = "grc_"


class JSONFormatter(logging.Formatter):
    """Write a record as one line of JSON.

    `time` (ISO 8601, UTC), `level`, `logger`, `message`, `error` (a traceback), and what GRC adds
    to its records: `grc_plugin`, `grc_event`, `grc_event_id`, `grc_delivery`, `grc_attempt`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name.startswith(_PREFIX)}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
