"""Print what was found, as a table or as JSON."""

import json
from collections.abc import Mapping
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from .results import MET
from .results import MISSED
from .results import NOISY
from .results import Budget
from .results import Found
from .results import Line

_WIDTH = 168
_NUMBERS = ("measured", "ratio", "budget")
_COLOURS = {MET: "green", MISSED: "bold red", NOISY: "yellow"}
_DIGITS = {"ms": 3, "s": 2, "KB": 2, "MB": 1}


def print_json(found: Mapping[str, Sequence[Found]]) -> None:
    """Print every number for a program to read."""
    plain = {name: [item.as_json() for item in items] for name, items in found.items()}
    print(json.dumps(plain, indent=2, ensure_ascii=False))


def print_section(name: str, about: str, items: Sequence[Found]) -> None:
    """Print the table of one benchmark."""
    console = _console()
    table = Table(title=f"[bold]{name}[/]: {about}", title_justify="left", expand=True)
    for title in ("what", "measured", "anchor", "ratio", "budget", "verdict", "detail"):
        table.add_column(title, justify="right" if title in _NUMBERS else "left")
    for item in items:
        table.add_row(*(_cells(item) if isinstance(item, Line) else _gap(item.what, item.why)))
    console.print(table)


def print_summary(found: Mapping[str, Sequence[Found]]) -> None:
    """Count the budgets; a missed one is for a person to judge and changes no exit status."""
    lines = [item for items in found.values() for item in items if isinstance(item, Line)]
    met = sum(line.verdict == MET for line in lines)
    missed = [line.what for line in lines if line.verdict == MISSED]
    console = _console()
    noisy = sum(line.verdict == NOISY for line in lines)
    counts = f"{met} budgets met, {len(missed)} missed, {noisy} not judged for noise"
    console.print(f"{counts}. The exit status is 0 either way.")
    for what in missed:
        console.print(f"  [bold red]{MISSED}[/] {what}")


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _cells(line: Line) -> tuple[str, ...]:
    anchor = line.anchor
    colour = _COLOURS.get(line.verdict, "default")
    return (
        line.what,
        _number(line.measured, line.unit),
        f"{_number(anchor.value, line.unit)} {anchor.name}" if anchor else "",
        f"{line.ratio:.1%}" if line.ratio is not None else "",
        _allowed(line.budget, line.unit),
        f"[{colour}]{line.verdict}[/]",
        line.detail,
    )


def _gap(what: str, why: str) -> tuple[str, ...]:
    return (what, "", "", "", "", "not measured", why)


def _allowed(budget: Budget | None, unit: str) -> str:
    if budget is None:
        return ""
    sign = "≥" if budget.least else "≤"
    limit = f"{budget.limit:.0%}" if budget.of_ratio else _number(budget.limit, unit)
    return f"{sign} {limit}"


def _number(value: float, unit: str) -> str:
    digits = _DIGITS.get(unit, 0)
    return f"{value:,.{digits}f} {unit}".replace(" /s", "/s").strip()
