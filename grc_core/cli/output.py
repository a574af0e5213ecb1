"""What commands print: tables for people, plain lines for pipes, JSON for machines."""

import json
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import asdict
from dataclasses import is_dataclass
from datetime import datetime
from typing import Any
from typing import TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
#: Words that stand out on a terminal.
_STYLES = {
    "ok": "green",
    "on": "green",
    "done": "green",
    "off": "yellow",
    "absent": "yellow",
    "empty": "yellow",
    "warning": "yellow",
    "dropped": "yellow",
    "dead": "bold red",
    "error": "bold red",
    "failed": "bold red",
}
#: Told how far a long piece of work has come: what, and how many.
Progress = Callable[[str, int], None]


def json_option(function: F) -> F:
    """Add `--json` to a command, as its argument `as_json`."""
    option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
    return option(function)


def print_json(value: object) -> None:
    """Print a value as JSON; dataclasses become objects, times ISO 8601."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: Any) -> Any:
    """Return a value as JSON types."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print rows of cells: in a frame as wide as the terminal, or aligned where it is a pipe."""
    cells = [[_cell(item) for item in row] for row in rows]
    if not sys.stdout.isatty():
        _print_aligned(columns, cells, title)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", title_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    Console().print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:.2f}"
    return str(value)


def _print_aligned(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    """Print one line per row, nothing cut off, so that `grep` and `awk` can work on it."""
    if title:
        click.echo(title)
    lines = [list(columns), *([" ".join(cell.split()) for cell in row] for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


@contextmanager
def progress_bar(verb: str) -> Iterator[Progress]:
    """Yield a function that shows how many were done of what; silent where it is a pipe.

    It writes to the standard error stream, so that `--json` stays clean.
    """
    if not sys.stderr.isatty():
        yield lambda what, count: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import SpinnerColumn
    from rich.progress import TextColumn
    from rich.progress import TimeElapsedColumn

    text = TextColumn("{task.description} {task.completed:,.0f}")
    with Bars(SpinnerColumn(), text, TimeElapsedColumn(), console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def show(what: str, count: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(f"{verb} {what}", total=None)
            bars.update(tasks[what], completed=count)

        yield show


def one_of(count: int, singular: str, plural: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {singular if count == 1 else plural}"
