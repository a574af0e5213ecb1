"""`flask grc db`, as people and as machines read it."""

import json
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from grc_core import Model
from grc_core import Plugin
from grc_core import hookimpl
from grc_core import storage
from grc_core.storage.history import core_history

VERSIONS = Path(storage.__file__).parent / "migrations" / "versions"


class NotesModel(Model, plugin="notes"):
    pass


class Note(NotesModel):
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


class Notes(Plugin):
    name = "notes"
    models = NotesModel


class Seen(Plugin):
    name = "seen"
    orders: list[str] = []  # noqa: RUF012 - shared by the test on purpose

    @hookimpl
    def on_order(self, order):
        self.orders.append(order.id)


@pytest.fixture
def grc(mini):
    """Return a function that runs `flask grc …` in an app that is not upgraded yet."""
    Seen.orders.clear()
    app = mini.make_app(plugins=[Notes, Seen], upgrade=False)

    def run(*arguments, code=0, input=None):
        result = app.test_cli_runner().invoke(args=["grc", *arguments], input=input)
        assert result.exit_code == code, result.output
        return result

    run.app = app
    return run


def test_upgrade_prints_a_line_per_plugin(grc):
    lines = grc("db", "upgrade").stdout.splitlines()
    assert lines[0].split() == ["plugin", "from", "to", "seconds", "result"]
    assert [line.split()[0] for line in lines[1:4]] == ["core", "notes", "seen"]
    newest = max(path.stem[:4] for path in VERSIONS.glob("[0-9]*.py"))
    assert lines[1].split()[1:3] == ["-", newest]
    assert lines[1].endswith("upgraded")
    assert lines[2].endswith("made from the models; it has no revisions")
    assert lines[3].endswith("has no tables")
    assert grc("db", "upgrade").stdout.splitlines()[1].endswith("up to date")


def test_upgrade_as_json_has_stable_keys(grc, mini):
    mini.place()
    mini.sign_up("ann")
    answer = json.loads(grc("db", "upgrade", "--json").stdout)
    assert sorted(answer) == ["known", "problem", "upgraded"]
    assert sorted(answer["upgraded"][0]) == [
        "after",
        "before",
        "error",
        "note",
        "plugin",
        "seconds",
    ]
    assert answer["known"] == {"orders": 1, "customers": 1}
    assert answer["problem"] is None


def test_what_was_placed_before_the_upgrade_is_the_past(grc, mini, long_ago):
    mini.place(placed_at=long_ago)
    assert "1 order was there before GRC: history from now on." in grc("db", "upgrade").stdout
    new = mini.place()
    grc("sync")
    assert Seen.orders == [new.id]


def test_a_shop_that_cannot_be_read_does_not_stop_the_upgrade(grc, mini):
    mini.shop.orders(lambda **_: None)
    result = grc("db", "upgrade")
    assert "the shop cannot be read yet" in result.stderr
    assert "flask grc check" in result.stderr


def test_a_failing_plugin_makes_upgrade_exit_with_1_and_a_sentence(grc, monkeypatch):
    class Clash(Model, plugin="notes"):
        pass

    class Version(Clash):
        id: Mapped[int] = mapped_column(primary_key=True)

    monkeypatch.setattr(Notes, "models", Clash)
    result = grc("db", "upgrade", code=1)
    assert result.stderr == "Error: not upgraded: notes; the others are up to date\n"
    assert "rename that model" in result.stdout
    plugins = json.loads(grc("plugins", "--json").stdout)
    assert [item["on"] for item in plugins] == [False, True]
    assert plugins[0]["reason"].startswith("its last upgrade failed")


def test_current_names_what_is_applied_and_pending(grc):
    before = json.loads(grc("db", "current", "--json").stdout)
    head = core_history().head()
    assert before[0] == {
        "plugin": "core",
        "applied": None,
        "head": head,
        "pending": [f"{number:04d}" for number in range(1, int(head) + 1)],
        "error": None,
    }
    grc("db", "upgrade")
    lines = grc("db", "current").stdout.splitlines()
    assert lines[1].split() == ["core", head, head, "-"]


def test_revision_writes_a_file_and_says_where(grc, tmp_path, monkeypatch):
    package = tmp_path / "package"
    package.mkdir()
    monkeypatch.setattr("grc_core.loading.package_folder", lambda kind: package)
    grc("db", "upgrade")
    out = grc("db", "revision", "notes", "-m", "First tables").stdout
    assert out.splitlines()[0] == str(package / "migrations" / "0001_first_tables.py")
    grc("db", "upgrade")
    assert "Nothing changed" in grc("db", "revision", "notes", "-m", "again").stdout
    answer = json.loads(grc("db", "revision", "notes", "-m", "again", "--json").stdout)
    assert answer == {"plugin": "notes", "file": None}
    wrong = grc("db", "downgrade", "notes", "0007", code=1)
    assert "cannot go back to '0007', but to base" in wrong.stderr
    assert "Take the tables" not in wrong.output
    down = grc("db", "downgrade", "notes", "base", "--yes").stdout
    assert down == "notes went from 0001 to base.\n"


def test_revision_of_an_unknown_plugin_names_the_nearest(grc):
    result = grc("db", "revision", "note", "-m", "x", code=1)
    assert result.stderr == "Error: no plugin 'note' is loaded (did you mean 'notes'?)\n"


def test_purge_asks_and_then_removes(grc):
    grc("db", "upgrade")
    refused = grc("db", "purge", "notes", code=1, input="n\n")
    assert "grc_notes__note" in refused.stdout
    engine = grc.app.extensions["grc"].database.engine
    assert "grc_notes__note" in inspect(engine).get_table_names()
    answer = json.loads(grc("db", "purge", "notes", "--yes", "--json").stdout)
    assert answer["tables"] == ["grc_notes__note"]
    assert "grc_notes__note" not in inspect(engine).get_table_names()
    off = json.loads(grc("plugins", "--json").stdout)[0]
    assert off["reason"] == "its tables are missing; run: flask grc db upgrade"


def test_purge_of_nothing_says_so(grc):
    grc("db", "upgrade")
    result = grc("db", "purge", "notse", "--yes", code=1)
    assert "nothing is stored of a plugin 'notse' (did you mean 'notes'?)" in result.stderr


@pytest.mark.parametrize("command", [["events"], ["db", "purge", "notes", "--yes"]])
def test_without_tables_a_command_says_what_to_run(grc, command):
    result = grc(*command, code=1)
    assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert result.stderr.endswith("run: flask grc db upgrade\n")
    assert "Traceback" not in result.output
