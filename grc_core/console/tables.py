"""Tables of the console: sorted, filtered and paged on the server, and given away as CSV."""

import csv
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select
from werkzeug.datastructures import MultiDict

from .formats import plain
from .sources import Choice
from .sources import Source
from .sources import source_of

_SIZES = (25, 100)
#: A file holds so many rows at the most.
CSV_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the attribute or key of a row that it shows, and its title in English.

    `kind` is one of `text number money time duration percent state id`. `search` says that the
    search box looks into it, `choices` make a list to choose rows by. `value` computes what is
    shown, `link` where it leads. `sql` is what a table of a SELECT sorts and filters by, where it
    is not the column of that name.
    """

    key: str
    title: str
    kind: str = "text"
    sort: bool = True
    search: bool = False
    choices: Sequence[str] = ()
    value: Callable[[Any], Any] | None = None
    link: Callable[[Any], str | None] | None = None
    sql: Any = None

    def of(self, row: Any) -> Any:
        """Return what the column shows of a row."""
        if self.value is not None:
            return self.value(row)
        return row.get(self.key) if isinstance(row, Mapping) else getattr(row, self.key, None)


@dataclass(frozen=True, slots=True)
class Action:
    """A button for the chosen rows; `confirm` is a question to answer first."""

    name: str
    label: str
    confirm: str | None = None
    dangerous: bool = False


@dataclass
class Table:
    """Rows as the query of the page asks for them.

    `rows` are a sequence, or a SELECT that the session of the page runs. `name` tells tables of
    one page apart; `row_id` is the key of what an action is told of a row.
    """

    columns: Sequence[Column]
    rows: Sequence[Any] | Select[Any]
    path: str
    arguments: MultiDict[str, str]
    name: str = ""
    title: str = ""
    empty: str = ""
    actions: Sequence[Action] = ()
    row_id: str = "id"
    sort: str = ""
    size: int = _SIZES[0]
    _prefix: str = field(init=False)

    def __post_init__(self) -> None:
        self._prefix = f"{self.name}." if self.name else ""

    @property
    def html_id(self) -> str:
        """Return what the table's element is called."""
        return f"table-{self.name or 'main'}"

    def parameter(self, name: str) -> str:
        """Return the name of one of the table's own query parameters."""
        return self._prefix + name

    def _asked(self, name: str) -> str:
        return self.arguments.get(self.parameter(name), "").strip()[:200]

    @property
    def search(self) -> str:
        """Return what is searched for."""
        return self._asked("q")

    @cached_property
    def order(self) -> tuple[str, bool]:
        """Return by which column the rows are sorted, and whether backwards."""
        for wanted in (self._asked("sort"), self.sort):
            key = wanted.removeprefix("-")
            if any(item.key == key and item.sort for item in self.columns):
                return key, wanted.startswith("-")
        return "", False

    @cached_property
    def chosen(self) -> dict[str, str]:
        """Return the values that rows are chosen by, per column."""
        found = {item.key: self._asked(item.key) for item in self.columns if item.choices}
        return {key: value for key, value in found.items() if value}

    @property
    def is_filtered(self) -> bool:
        """Tell whether rows may be hidden by a search or a choice."""
        return bool(self.search or self.chosen)

    @property
    def choices(self) -> list[Column]:
        """Return the columns whose values rows may be chosen by."""
        return [item for item in self.columns if item.choices]

    @property
    def no_choice(self) -> dict[str, None]:
        """Return what takes every choice away again."""
        return dict.fromkeys(item.key for item in self.choices)

    @property
    def has_search(self) -> bool:
        """Tell whether there is anything to search in."""
        return any(item.search for item in self.columns)

    @cached_property
    def _source(self) -> Source:
        choice = Choice(self.columns, self.search, self.chosen, *self.order)
        return source_of(self.rows, choice)

    @cached_property
    def total(self) -> int:
        """Return how many rows there are that fit."""
        return self._source.count()

    @property
    def pages(self) -> int:
        """Return how many pages that makes."""
        return max(1, -(-self.total // self.size))

    @cached_property
    def page(self) -> int:
        """Return the number of the page that shows."""
        asked = self._asked("page")
        number = int(asked) if asked.isdecimal() and len(asked) < 9 else 1
        return min(max(1, number), self.pages)

    @cached_property
    def shown(self) -> Sequence[Any]:
        """Return the rows of the page."""
        return self._source.rows((self.page - 1) * self.size, self.size)

    @property
    def first(self) -> int:
        """Return the number of the first row that shows."""
        return (self.page - 1) * self.size + 1 if self.total else 0

    def url(self, **changes: object) -> str:
        """Return the address of the page with the table's query changed; None takes one away."""
        own = {self.parameter(name): value for name, value in changes.items()}
        kept = [pair for pair in self.arguments.items(multi=True) if pair[0] not in own]
        added = [(name, str(value)) for name, value in own.items() if value is not None]
        return f"{self.path}?{urlencode([*_lasting(kept), *added])}"

    def sort_url(self, column: Column) -> str:
        """Return the address that sorts by a column, backwards if it does so already."""
        key, backwards = self.order
        forwards = key != column.key or backwards
        return self.url(sort=column.key if forwards else f"-{column.key}", page=None)

    def kept(self, *own: str) -> list[tuple[str, str]]:
        """Return what a form of the table repeats of the query, save some of its parameters."""
        out = {self.parameter(name) for name in (*own, "page")}
        out |= {self.parameter(item.key) for item in self.choices if "chosen" in own}
        return [pair for pair in _lasting(self.arguments.items(multi=True)) if pair[0] not in out]

    @property
    def wants_csv(self) -> bool:
        """Tell whether the request asks for the table as a file."""
        return self._asked("csv") == "1"

    def csv(self) -> str:
        """Return all rows that fit as a file for a spreadsheet, each text made harmless."""
        out = StringIO()
        writer = csv.writer(out)
        writer.writerow([item.title for item in self.columns])
        for row in self._source.rows(0, CSV_ROWS):
            writer.writerow([plain(item.of(row)) for item in self.columns])
        return "\ufeff" + out.getvalue()

    def id_of(self, row: Any) -> str:
        """Return what an action is told of a row."""
        found = row.get(self.row_id) if isinstance(row, Mapping) else getattr(row, self.row_id)
        return str(found)


def _lasting(pairs: Any) -> list[tuple[str, str]]:
    """Leave out what a request says once: its note."""
    return [pair for pair in pairs if pair[0] != "note"]
