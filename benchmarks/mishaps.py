"""Errors that GRC logs while it is measured: work that failed fast must not look cheap."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from .results import Budget
from .results import Line


class Mishaps(logging.Handler):
    """Keep the messages of errors instead of printing them."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message, with the error that it is about."""
        error = record.exc_info[1] if record.exc_info else None
        about = str(error).partition("\n")[0] if error else ""
        self.messages.append(f"{record.getMessage()} {about}".strip())

    def line(self) -> Line:
        """Return how many there were, which must be none."""
        first = self.messages[0] if self.messages else ""
        return Line("errors that GRC logged meanwhile", len(self.messages), "",
                    budget=Budget(0), detail=first)  # fmt: skip


@contextmanager
def watched() -> Iterator[Mishaps]:
    """Collect the errors of GRC's logger while the block runs."""
    logger, mishaps = logging.getLogger("grc"), Mishaps()
    logger.addHandler(mishaps)
    propagated, logger.propagate = logger.propagate, False
    try:
        yield mishaps
    finally:
        logger.removeHandler(mishaps)
        logger.propagate = propagated
