"""What commands print: tables for people, plain lines for pipes, JSON for machines."""

import json
import sys
from collections.abc import Callable
from collections.abc import Collection
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
#: Widths of a terminal's columns (what is elided, at 80; a time), and lines of what is brief.
_ELIDED, _TIME, _BRIEF = 12, 19, 2
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


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    title: str = "",
    *,
    elided: Collection[str] = (),
    brief: Collection[str] = (),
) -> None:
    """Print rows of cells: as wide as the terminal, or aligned and whole where it is a pipe.

    On a terminal the columns named in `elided` get one line and those in `brief` two, times
    are not broken, and columns in which nothing stands are left out.
    """
    values = [list(row) for row in rows]
    cells = [[_cell(item) for item in row] for row in values]
    if not sys.stdout.isatty():
        _print_aligned(columns, cells, title)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    elision = _ELIDED + max(0, console.width - 80)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True,
                  title=title or None, title_justify="left", title_style="bold")  # fmt: skip
    shown = [
        index for index in range(len(columns)) if not cells or any(row[index] for row in cells)
    ]
    for index in shown:
        name = columns[index]
        fixed = any(isinstance(row[index], datetime) for row in values)
        if name in elided:
            table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=elision)
        elif fixed:
            table.add_column(name, no_wrap=True, min_width=_TIME)
        else:
            table.add_column(name, overflow="fold")
    for row in cells:
        texts = {index: Text(row[index], style=_STYLES.get(row[index], "")) for index in shown}
        table.add_row(*(
            _Brief(text) if columns[index] in brief else text for index, text in texts.items()
        ))  # fmt: skip
    console.print(table)


class _Brief:
    """Text of which a cell shows two lines."""

    def __init__(self, text: Any) -> None:
        self._text = text

    def __rich_measure__(self, console: Any, options: Any) -> Any:
        from rich.measure import Measurement

        return Measurement.get(console, options, self._text)

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        lines = self._text.wrap(console, options.max_width, overflow="fold")
        if len(lines) > _BRIEF:
            lines[_BRIEF - 1].truncate(options.max_width - 1)
            lines[_BRIEF - 1].append("…")
        yield from lines[:_BRIEF]


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
