"""Tables of the console: sorted, searched, chosen from, paged and given away as a file."""

from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from grc_core import Action
from grc_core import Column
from grc_core import Money
from grc_core.console.formats import plain
from grc_core.console.formats import shown
from grc_core.console.formats import tone
from grc_core.console.tables import Table
from grc_core.rendering import speaking
from grc_core.storage.models import VersionRow
from grc_core.storage.sessions import ReadScope
from grc_core.storage.sessions import working

ROWS = [
    {"id": 1, "name": "Écharpe", "uses": 5, "state": "on"},
    {"id": 2, "name": "ball", "uses": None, "state": "off"},
    {"id": 3, "name": "Tent", "uses": 40, "state": "on"},
]
COLUMNS = (
    Column("name", "Name", search=True),
    Column("uses", "Uses", "number"),
    Column("state", "State", "state", choices=("on", "off")),
    Column("link", "Link", sort=False, value=lambda row: f"/{row['id']}"),
)


def table(rows: Any = ROWS, columns: Sequence[Column] = COLUMNS, **asked: str) -> Table:
    return Table(columns, rows, "/here", MultiDict(asked), size=2)


def names(found: Table) -> list[str]:
    return [row["name"] for row in found.shown]


def test_rows_come_in_pages_in_their_own_order() -> None:
    found = table()
    assert names(found) == ["Écharpe", "ball"]
    assert (found.first, found.total, found.pages) == (1, 3, 2)
    assert names(table(page="2")) == ["Tent"]


@pytest.mark.parametrize("page", ["0", "-1", "9999999999", "x", "²"])
def test_an_odd_page_is_the_nearest_that_is_there(page: str) -> None:
    assert 1 <= table(page=page).page <= 2


def test_rows_are_sorted_with_nothing_last() -> None:
    assert names(table(sort="uses", page="2")) == ["ball"]
    assert names(table(sort="-name"))[0] in ("Écharpe", "Tent")
    assert table(sort="link").order == ("", False)
    assert table(sort="nothing").order == ("", False)


def test_a_heading_sorts_and_sorts_back() -> None:
    assert table().sort_url(COLUMNS[0]) == "/here?sort=name"
    assert table(sort="name").sort_url(COLUMNS[0]) == "/here?sort=-name"
    assert table(sort="-name", page="2").sort_url(COLUMNS[0]) == "/here?sort=name"


def test_rows_are_searched_by_every_word_in_columns_that_say_so() -> None:
    assert names(table(q="TEN")) == ["Tent"]
    assert names(table(q="te nt")) == ["Tent"]
    assert table(q="40").total == 0


def test_rows_are_chosen_by_value() -> None:
    found = table(state="off")
    assert names(found) == ["ball"]
    assert found.is_filtered
    assert found.kept("q", "chosen") == []
    assert found.url(q=None, **found.no_choice) == "/here?"


def test_tables_of_one_page_do_not_disturb_each_other() -> None:
    asked = MultiDict({"a.q": "tent", "q": "ball", "note": "signed"})
    found = Table(COLUMNS, ROWS, "/here", asked, name="a")
    assert found.total == 1
    assert found.url(page=2) == "/here?a.q=tent&q=ball&a.page=2"


def test_a_file_holds_every_row_and_no_formula() -> None:
    rows = [{"name": "=1+1"}, {"name": "-2"}, {"name": '<b>"x",\n'}, {"name": None}]
    text = table(rows, COLUMNS[:1]).csv()
    assert text == '\ufeffName\r\n\'=1+1\r\n\'-2\r\n"<b>""x"",\n"\r\n""\r\n'


def test_files_hold_plain_values() -> None:
    at = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    assert plain(at) == "2026-02-03T04:05:00+00:00"
    assert plain(Money(1250, "CAD")) == "12.50"
    assert plain(-3) == "-3"
    assert plain(Markup("<b>bold</b> text")) == "bold text"
    assert plain(["a", "b"]) == "a, b"


def test_values_are_written_in_the_language_of_the_page() -> None:
    at = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    with speaking("fr"):
        assert shown(1234.5) == "1\u202f234,5"
        assert "févr. 2026" in shown(at)
        assert shown(0.125, "percent").replace("\u202f", "\xa0") == "12,5\xa0%"
        assert shown(90, "duration").replace("\xa0", " ") == "2 minutes"
    with speaking("en"):
        assert shown(at, "time", "America/Toronto").startswith(
            '<time datetime="2026-02-03T04:05:00+00:00">Feb 2, 2026, 11:05'
        )
        assert shown(7, "id") == "7"
        assert shown({"a": 1, "b": None}) == "a: 1, b: –"
        assert shown(None) == "–"


def test_markup_of_a_plugin_stays_and_text_does_not_become_it() -> None:
    assert shown(Markup("<b>x</b>")) == Markup("<b>x</b>")
    assert not hasattr(shown("<b>x</b>"), "__html__")


def test_words_have_a_tone() -> None:
    assert [tone(word) for word in ("on", "dead", "pending", "word", True, None)] == [
        "good", "bad", "busy", "plain", "good", "plain",
    ]  # fmt: skip


def test_actions_know_rows_by_key_or_attribute() -> None:
    assert table().id_of(ROWS[0]) == "1"
    assert table().id_of(type("Row", (), {"id": 7})()) == "7"
    assert Action("drop", "Drop").confirm is None


@pytest.fixture
def session(mini: Any) -> Any:
    """Make a session the one at hand, over a table of twelve rows."""
    app: Flask = mini.make_app()
    database = app.extensions["grc"].database
    with database.write() as connection:
        connection.execute(VersionRow.__table__.delete())
        rows = [{"name": f"100%_{number:02}", "value": number % 3} for number in range(12)]
        connection.execute(VersionRow.__table__.insert(), rows)
    with working(ReadScope(database)):
        yield


QUERIED = (Column("name", "Name", search=True), Column("value", "Value", choices=("0", "1")))


def queried(**asked: str) -> Table:
    return table(select(VersionRow), QUERIED, **asked)


@pytest.mark.usefixtures("session")
def test_a_select_is_sorted_searched_chosen_from_and_paged_by_the_database() -> None:
    assert queried().total == 12
    assert [row.name for row in queried(sort="-name").shown] == ["100%_11", "100%_10"]
    assert [row.name for row in queried(sort="value", page="2").shown] == ["100%_06", "100%_09"]
    assert queried(q="%_1").total == 2
    assert queried(q="%_1 11").total == 1
    assert queried(q="_%").total == 0
    assert queried(value="1").total == 4
    assert queried(value="9").total == 0


@pytest.mark.usefixtures("session")
def test_a_select_of_columns_gives_rows_by_their_names() -> None:
    found = table(select(VersionRow.name, VersionRow.value), QUERIED, sort="name")
    assert [(row.name, row.value) for row in found.shown] == [("100%_00", 0), ("100%_01", 1)]
    assert len(found.csv().splitlines()) == 13
