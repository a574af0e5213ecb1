"""Tables on a terminal of 80 columns."""

import io
from contextlib import redirect_stdout
from datetime import UTC
from datetime import datetime

import pytest

from grc_core.cli.output import print_table

AT = datetime(2026, 3, 1, 12, 30, 59, tzinfo=UTC)


class Terminal(io.StringIO):
    """Collect what is printed to somebody."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return what stands in for a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    return Terminal()


def lines_of(terminal: Terminal) -> list[str]:
    return [line for line in terminal.getvalue().splitlines() if line.strip()]


def test_deliveries_fit(terminal: Terminal) -> None:
    columns = ("id", "happened", "event", "key", "plugin", "state", "attempts", "error")
    row = (123, AT, "on_order", "order:" + "9" * 60, "loyalty", "done", 1, None)
    with redirect_stdout(terminal):
        print_table(columns, [row], elided=("key",))
    head, _, first, *rest = lines_of(terminal)
    assert rest == []
    assert "error" not in head
    assert "2026-03-01 12:30:59" in first
    assert "9…" in first
    assert len(first) <= 80


def test_samples_have_two_lines(terminal: Terminal) -> None:
    rows = [("orders", "word " * 100)]
    with redirect_stdout(terminal):
        print_table(("part", "for example"), rows, brief=("for example",))
    lines = lines_of(terminal)
    assert len(lines) == 4
    assert lines[-1].rstrip().endswith("…")
