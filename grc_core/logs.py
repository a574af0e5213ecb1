"""Log records of GRC: what they may say of a request, and how they are written as JSON."""

import json
import logging
from datetime import UTC
from datetime import datetime

from flask import Request

_PREFIX = "grc_"


def rule_of(request: Request) -> str:
    """Return where a request went as logs may keep it: the rule, since a path may hold a token."""
    return str(request.url_rule) if request.url_rule is not None else "an unknown address"


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
