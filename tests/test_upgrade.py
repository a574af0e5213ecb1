"""Upgrading, going back, purging and writing revisions, with plugins on disk."""

import importlib
import itertools
import re
import subprocess
import sys
import textwrap
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy import select

from grc_core.errors import GRCError
from grc_core.loading import load
from grc_core.storage.authoring import revision
from grc_core.storage.authoring import unwritten
from grc_core.storage.engine import Database
from grc_core.storage.history import core_history
from grc_core.storage.models import DeliveryRow
from grc_core.storage.models import EventRow
from grc_core.storage.models import PluginRow
from grc_core.storage.models import SettingRow
from grc_core.storage.models import VersionRow
from grc_core.storage.purge import purge
from grc_core.storage.purge import purgeable
from grc_core.storage.readiness import apply_states
from grc_core.storage.upgrade import current
from grc_core.storage.upgrade import downgrade
from grc_core.storage.upgrade import upgrade

NOW = datetime(2026, 3, 1, 12, 0, 0, 654321, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
ROOT = Path(__file__).parent.parent
_counter = itertools.count()

PARENT_AND_CHILD = """
    op.create_table("grc_{name}__card", sa.Column("id", sa.Integer, primary_key=True),
                    sa.Column("tier", sa.String(10)))
    op.create_table("grc_{name}__entry", sa.Column("id", sa.Integer, primary_key=True),
                    sa.Column("card_id", sa.Integer, sa.ForeignKey(
                        "grc_{name}__card.id", ondelete="CASCADE", name="fk_{name}")))
    op.execute("INSERT INTO grc_{name}__card VALUES (1, 'gold')")
    op.execute("INSERT INTO grc_{name}__entry VALUES (1, 1), (2, 1)")
"""
ALTER_PARENT = """
    with op.batch_alter_table("grc_{name}__card") as batch:
        batch.alter_column("tier", type_=sa.String(40), nullable=False)
        batch.add_column(sa.Column("points", sa.Integer, server_default="0", nullable=False))
"""
DROP_BOTH = """
    op.drop_table("grc_{name}__entry")
    op.drop_table("grc_{name}__card")
"""
NOTE = """
class Note(Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    at: Mapped[datetime]
"""
MODULE = """
from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from grc_core.plugin import Plugin
from grc_core.storage.base import Model as Base

class Model(Base, plugin="{name}"):
    pass

{models}

class P(Plugin):
    name = "{name}"
    models = Model
"""


@pytest.fixture
def database(grc_databases):
    database = Database(Flask("host"), grc_databases.url())
    yield database
    database.dispose()


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes a plugin's package and imports its class."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, *revisions, models=""):
        package = f"made_{name}_{next(_counter)}"
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").write_text(MODULE.format(name=name, models=models))
        for body in revisions:
            add_revision(folder, name, body)
        importlib.invalidate_caches()
        return importlib.import_module(package).P

    return write


def add_revision(folder, name, up, down=DROP_BOTH):
    migrations = folder / "migrations"
    migrations.mkdir(exist_ok=True)
    number = len(list(migrations.glob("0*.py"))) + 1
    before = repr(f"{number - 1:04d}") if number > 1 else "None"
    lines = [
        "import sqlalchemy as sa\nfrom alembic import op\n\n",
        f"revision = '{number:04d}'\ndown_revision = {before}\n\n",
        f"def upgrade():\n    pass\n{up.format(name=name)}\n",
        f"def downgrade():\n    pass\n{down.format(name=name)}\n",
    ]
    (migrations / f"{number:04d}_step.py").write_text("".join(lines))


def loaded(*plugins):
    return load(plugins, frozenset(), ())


def folder_of(plugin):
    return Path(sys.modules[plugin.__module__].__file__).parent


def rows(database, query):
    with database.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def tables_of(database, prefix):
    names = inspect(database.engine).get_table_names()
    return [name for name in names if name.startswith(prefix)]


def plugin_row(database, name):
    with database.read() as connection:
        query = select(PluginRow.__table__).where(PluginRow.name == name)
        return connection.execute(query).mappings().one()


def test_the_core_comes_first_then_plugins_by_name(database, write):
    tables = loaded(write("zebra", PARENT_AND_CHILD), write("ant", PARENT_AND_CHILD))
    done = upgrade(database, tables, NOW)
    assert [(item.plugin, item.before, item.after) for item in done] == [
        ("core", None, core_history().head()),
        ("ant", None, "0001"),
        ("zebra", None, "0001"),
    ]
    assert sorted(tables_of(database, "grc_ant__")) == [
        "grc_ant__card",
        "grc_ant__entry",
        "grc_ant__version",
    ]


def test_the_baseline_is_the_first_upgrade_floored_to_the_second(database, write):
    tables = loaded(write("ant", PARENT_AND_CHILD))
    upgrade(database, tables, NOW)
    upgrade(database, tables, LATER)
    assert plugin_row(database, "ant")["since"] == NOW.replace(microsecond=0)
    assert plugin_row(database, "core")["since"] == NOW.replace(microsecond=0)


def test_a_plugin_without_models_gets_a_baseline_too(database, write):
    tables = loaded(write("plain"))
    assert upgrade(database, tables, NOW)[1].error is None
    assert plugin_row(database, "plain")["since"] == NOW.replace(microsecond=0)
    assert apply_states(database, tables)
    assert tables.find("plain").on


def test_batch_alterations_keep_the_rows_of_children(database, write):
    plugins = [write("ant", PARENT_AND_CHILD), write("bee", PARENT_AND_CHILD)]
    upgrade(database, loaded(*plugins), NOW)
    for plugin in plugins:
        add_revision(folder_of(plugin), plugin.name, ALTER_PARENT)
    done = upgrade(database, loaded(*plugins), LATER)
    assert [(item.plugin, item.after, item.error) for item in done[1:]] == [
        ("ant", "0002", None),
        ("bee", "0002", None),
    ]
    for name in ("ant", "bee"):
        assert rows(database, f"SELECT id, card_id FROM grc_{name}__entry") == [(1, 1), (2, 1)]
        assert rows(database, f"SELECT tier, points FROM grc_{name}__card") == [("gold", 0)]


def test_a_failing_revision_is_undone_named_and_the_others_go_on(database, write):
    bad = write("bad", PARENT_AND_CHILD, "    op.execute('INSERT INTO nowhere VALUES (1)')")
    tables = loaded(bad, write("good", PARENT_AND_CHILD))
    core, failed, good = upgrade(database, tables, NOW)
    assert (core.error, good.error) == (None, None)
    assert re.match(r"revision 0002: (Operational|Programming)Error: .*nowhere", failed.error)
    assert (failed.before, failed.after) == (None, None)
    assert tables_of(database, "grc_bad__") == []
    assert plugin_row(database, "bad")["error"] == failed.error


@pytest.mark.grc_databases("sqlite", only=True)  # a server looks by itself, at each statement
def test_a_revision_that_orphans_rows_is_undone(database, write):
    bad = write("bad", PARENT_AND_CHILD, "    op.execute('DELETE FROM grc_bad__card')")
    failed = upgrade(database, loaded(bad), NOW)[1]
    assert failed.error.endswith("2 rows of grc_bad__entry point to missing rows of grc_bad__card")
    assert tables_of(database, "grc_bad__") == []


def test_a_plugin_is_off_while_its_upgrade_fails_and_on_once_it_is_mended(database, write):
    bad = write("bad", "    raise KeyError('tier')")
    tables = loaded(bad)
    upgrade(database, tables, NOW)
    assert apply_states(database, tables)
    assert tables.find("bad").off == (
        "its last upgrade failed (revision 0001: KeyError: 'tier'); run: flask grc db upgrade"
    )
    (folder_of(bad) / "migrations" / "0001_step.py").unlink()
    add_revision(folder_of(bad), "bad", PARENT_AND_CHILD)
    upgrade(database, tables, LATER)
    apply_states(database, tables)
    assert tables.find("bad").on
    # it has seen nothing before it worked: that is its baseline
    assert plugin_row(database, "bad")["since"] == LATER.replace(microsecond=0)


@pytest.mark.parametrize(
    "text",
    ["this is not Python", "raise SystemExit(3)", "import no_such_module", "revision = 7 / 0"],
)
def test_a_broken_revision_file_stops_its_plugin_alone(database, write, text):
    bad = write("bad", PARENT_AND_CHILD)
    (folder_of(bad) / "migrations" / "0002_broken.py").write_text(text)
    tables = loaded(bad, write("good", PARENT_AND_CHILD))
    done = {item.plugin: item.error for item in upgrade(database, tables, NOW)}
    assert done["bad"]
    assert done["good"] is None
    assert tables_of(database, "grc_bad__") == []


def test_two_heads_are_refused_in_words(database, write):
    bad = write("bad", PARENT_AND_CHILD)
    other = (folder_of(bad) / "migrations" / "0001_step.py").read_text()
    other = other.replace("'0001'", "'0001b'")
    (folder_of(bad) / "migrations" / "0001b_other.py").write_text(other)
    assert "heads" in upgrade(database, loaded(bad), NOW)[1].error


def test_a_plugin_off_since_loading_gets_no_baseline(database, write):
    plugin = write("needy", PARENT_AND_CHILD)
    plugin.requires = ("orders",)
    tables = loaded(plugin)
    done = upgrade(database, tables, NOW)[1]
    assert done.note == (
        "passed over, because it is off: the shop has no orders (see grc_adapter.py)"
    )
    assert rows(database, "SELECT name FROM grc_core__plugin") == [("core",)]
    apply_states(database, tables)
    assert tables.find("needy").off == "the shop has no orders (see grc_adapter.py)"


def test_without_tables_plugins_with_models_are_off_and_others_are_not(database, write):
    tables = loaded(write("ant", PARENT_AND_CHILD), write("plain"))
    assert not apply_states(database, tables)
    assert tables.find("ant").off.endswith("run: flask grc db upgrade")
    assert tables.find("plain").on


def test_a_new_revision_turns_the_plugin_off_until_it_is_applied(database, write):
    ant = write("ant", PARENT_AND_CHILD)
    tables = loaded(ant)
    upgrade(database, tables, NOW)
    add_revision(folder_of(ant), "ant", ALTER_PARENT)
    apply_states(database, tables)
    assert tables.find("ant").off == "its tables are old; run: flask grc db upgrade"
    assert [(item.plugin, item.pending) for item in current(database, tables)] == [
        ("core", ()),
        ("ant", ("0002",)),
    ]


def test_states_never_raise(write, tmp_path):
    file = tmp_path / "not-a-database"
    file.write_bytes(b"x" * 5000)
    database = Database(Flask("host", instance_path=str(tmp_path)), f"sqlite:///{file}")
    tables = loaded(write("ant", PARENT_AND_CHILD))
    assert not apply_states(database, tables)
    assert "file is not a database" in tables.find("ant").off
    assert "file is not a database" in upgrade(database, tables, NOW)[0].error


def test_other_processes_hear_of_an_upgrade_once(database, write):
    def version():
        with database.read() as connection:
            return connection.scalar(select(VersionRow.value).where(VersionRow.name == "plugins"))

    tables = loaded(write("ant", PARENT_AND_CHILD))
    upgrade(database, tables, NOW)
    first = version()
    upgrade(database, tables, LATER)
    assert version() == first


def test_a_downgrade_goes_back_and_turns_the_plugin_off(database, write):
    drop = "    op.drop_column('grc_ant__card', 'extra')"
    ant = write("ant", PARENT_AND_CHILD)
    add_revision(
        folder_of(ant),
        "ant",
        "    op.add_column('grc_ant__card', sa.Column('extra', sa.Integer))",
        drop,
    )
    tables = loaded(ant)
    upgrade(database, tables, NOW)
    done = downgrade(database, tables, "ant", "-1", LATER)
    assert (done.before, done.after) == ("0002", "0001")
    apply_states(database, tables)
    assert tables.find("ant").off == "its tables are old; run: flask grc db upgrade"
    assert downgrade(database, tables, "ant", "base", LATER).after is None
    assert tables_of(database, "grc_ant__") == ["grc_ant__version"]
    upgrade(database, tables, LATER)
    apply_states(database, tables)
    assert tables.find("ant").on
    assert plugin_row(database, "ant")["since"] == NOW.replace(microsecond=0)


def test_the_core_and_unknown_plugins_are_not_downgraded(database, write):
    tables = loaded(write("ant", PARENT_AND_CHILD))
    with pytest.raises(GRCError, match="core cannot be downgraded"):
        downgrade(database, tables, "core", "base", NOW)
    upgrade(database, tables, NOW)
    for target in ("0007", "0001", "-2"):
        said = f"ant is at 0001 and cannot go back to '{target}', but to base"
        with pytest.raises(GRCError, match=said):
            downgrade(database, tables, "ant", target, NOW)
    with pytest.raises(GRCError, match=r"no plugin 'an' is loaded \(did you mean 'ant'\?\)"):
        downgrade(database, tables, "an", "base", NOW)


def test_a_purge_removes_what_a_plugin_stored_and_nothing_else(database, write):
    tables = loaded(write("ant", PARENT_AND_CHILD), write("ant_farm", PARENT_AND_CHILD))
    upgrade(database, tables, NOW)
    fill_core(database)
    expected = purgeable(database, "ant")
    assert expected.tables == ("grc_ant__card", "grc_ant__entry", "grc_ant__version")
    assert purge(database, "ant") == expected
    assert expected.rows["grc_core__delivery"] == 2
    assert tables_of(database, "grc_ant__") == []
    assert len(tables_of(database, "grc_ant_farm__")) == 3
    assert rows(database, "SELECT type FROM grc_core__event ORDER BY id") == [
        ("on_order",),
        ("task:ant_farm.tell",),
    ]
    assert rows(database, "SELECT subscriber FROM grc_core__delivery") == [("ant_farm",)] * 2
    assert rows(database, "SELECT plugin FROM grc_core__setting") == [("ant_farm",)]
    assert rows(database, "SELECT name FROM grc_core__plugin ORDER BY name") == [
        ("ant_farm",),
        ("core",),
    ]
    with pytest.raises(GRCError, match="nothing is stored of a plugin 'ant'"):
        purgeable(database, "ant")


def fill_core(database):
    at = {"occurred_at": NOW, "accepted_at": NOW}
    with database.write() as connection:
        for id, type in enumerate(("on_order", "task:ant.tell", "task:ant_farm.tell"), 1):
            connection.execute(EventRow.__table__.insert().values(id=id, type=type, key="k", **at))
        for event, subscriber in ((1, "ant"), (1, "ant_farm"), (2, "ant"), (3, "ant_farm")):
            row = {"event_id": event, "subscriber": subscriber, "run_at": NOW}
            connection.execute(DeliveryRow.__table__.insert().values(**row))
        for name in ("ant", "ant_farm"):
            row = {"plugin": name, "values": {}, "changed_at": NOW}
            connection.execute(SettingRow.__table__.insert().values(**row))


def test_a_plugin_that_is_no_longer_installed_can_be_purged(database, write):
    upgrade(database, loaded(write("gone", PARENT_AND_CHILD)), NOW)
    assert len(purge(database, "gone").tables) == 3
    with pytest.raises(GRCError, match="purge a plugin"):
        purge(database, "core")


def test_models_without_revisions_become_tables(database, write):
    tables = loaded(write("draft", models=NOTE))
    done = upgrade(database, tables, NOW)[1]
    assert done.note == "made from the models; it has no revisions"
    assert tables_of(database, "grc_draft__") == ["grc_draft__note"]
    apply_states(database, tables)
    assert tables.find("draft").on
    changed = loaded(write("draft", models=NOTE + "    author: Mapped[str]\n"))
    apply_states(database, changed)
    assert changed.find("draft").off == "its tables are old; run: flask grc db upgrade"
    assert "flask grc db revision draft" in upgrade(database, changed, LATER)[1].error


def test_the_first_revision_takes_tables_over_that_were_made_from_models(database, write):
    draft = write("draft", models=NOTE)
    tables = loaded(draft)
    upgrade(database, tables, NOW)
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO grc_draft__note VALUES (1, 'kept', '2026-01-01')")
    path = revision(database, tables, "draft", "first tables")
    assert path == folder_of(draft) / "migrations" / "0001_first_tables.py"
    text = path.read_text()
    assert text.startswith('"""First tables."""')
    assert "sa.DateTime(timezone=True)" in text
    assert "grc_core" not in text.replace("grc_core__", "")
    done = upgrade(database, tables, LATER)[1]
    assert (done.after, done.error) == ("0001", None)
    assert rows(database, "SELECT text FROM grc_draft__note") == [("kept",)]
    assert revision(database, tables, "draft", "again") is None


def test_the_next_revision_holds_what_changed_in_the_models(database, write):
    first = write("draft", models=NOTE)
    upgrade(database, loaded(first), NOW)
    revision(database, loaded(first), "draft", "first tables")
    upgrade(database, loaded(first), NOW)
    second = write("draft", models=NOTE + "    author: Mapped[str | None]\n")
    (folder_of(first) / "migrations").rename(folder_of(second) / "migrations")
    tables = loaded(second)
    path = revision(database, tables, "draft", "Who wrote it")
    assert path.name == "0002_who_wrote_it.py"
    assert "down_revision = '0001'" in path.read_text()
    with pytest.raises(GRCError, match="database is behind the revisions of draft"):
        revision(database, tables, "draft", "too early")
    assert upgrade(database, tables, LATER)[1].after == "0002"
    assert revision(database, tables, "draft", "nothing") is None


def test_a_revision_is_not_written_beside_a_broken_one(database, write):
    bad = write("bad", PARENT_AND_CHILD, models=NOTE)
    (folder_of(bad) / "migrations" / "0002_broken.py").write_text("revision = tier")
    with pytest.raises(GRCError, match="no revision was written: NameError: "):
        revision(database, loaded(bad), "bad", "more")


def test_a_plugin_without_models_has_no_first_revision(database, write):
    plain = write("plain")
    tables = loaded(plain)
    upgrade(database, tables, NOW)
    assert revision(database, tables, "plain", "nothing") is None
    assert not (folder_of(plain) / "migrations").exists()


def test_the_alembic_folder_of_a_shop_is_not_taken_for_a_plugin_s(database, write):
    plugin = write("inline", "    op.execute('DROP TABLE orders')")
    (folder_of(plugin) / "migrations" / "env.py").write_text("raise SystemExit")
    assert upgrade(database, loaded(plugin), NOW)[1].error is None
    with pytest.raises(GRCError, match="could hold revisions"):
        revision(database, loaded(plugin), "inline", "no")


def test_two_plugins_of_one_package_may_not_share_revisions(database, write):
    one = write("one", PARENT_AND_CHILD)
    exec(MODULE.format(name="two", models=NOTE), vars(sys.modules[one.__module__]))
    two = sys.modules[one.__module__].P
    done = upgrade(database, loaded(one, two), NOW)
    assert "plugins one, two share" in done[1].error
    assert "plugins two, one share" in done[2].error
    assert tables_of(database, "grc_one__") == []


def test_a_table_named_like_alembic_s_own_is_refused(database, write):
    clash = "class Version(Model):\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    error = upgrade(database, loaded(write("clash", models=clash)), NOW)[1].error
    assert error == "GRCError: grc_clash__version is alembic's own table; rename that model"


def test_paths_with_spaces_and_percent_signs_are_fine(write, tmp_path):
    ant = write("ant", PARENT_AND_CHILD)
    odd = tmp_path / "50 %s of it"
    odd.mkdir()
    folder_of(ant).rename(odd / "package")
    sys.modules[ant.__module__].__file__ = str(odd / "package" / "__init__.py")
    database = Database(Flask("host", instance_path=str(odd)), None)
    assert [item.error for item in upgrade(database, loaded(ant), NOW)] == [None, None]
    database.dispose()


def test_two_upgrades_at_once_apply_each_revision_once(database, write, tmp_path):
    slow = "    import time; time.sleep(0.6)\n" + PARENT_AND_CHILD
    package = write("ant", slow).__module__
    script = f"""
        from datetime import UTC, datetime
        from flask import Flask
        from grc_core.loading import load
        from grc_core.storage.engine import Database
        from grc_core.storage.upgrade import upgrade
        from {package} import P
        database = Database(Flask("host"), {str(database.url)!r})
        done = upgrade(database, load([P], frozenset(), ()), datetime.now(UTC))
        print([(item.plugin, item.before, item.after, item.error) for item in done])
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    env = {"PYTHONPATH": f"{ROOT}:{tmp_path}"}
    both = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(str("('ant', None, '0001', None)" in answer) for answer in answers) == [
        "False",
        "True",
    ]
    assert sum("('ant', '0001', '0001', None)" in answer for answer in answers) == 1
    assert rows(database, "SELECT count(*) FROM grc_ant__entry") == [(2,)]


def test_what_waits_for_tables_is_logged_once(database, write, caplog):
    ant = write("ant", PARENT_AND_CHILD)
    tables = loaded(ant)
    for _ in range(2):
        apply_states(database, tables)
    upgrade(database, tables, NOW)
    apply_states(database, tables)
    add_revision(folder_of(ant), "ant", ALTER_PARENT)
    for _ in range(2):
        apply_states(database, tables)
    assert caplog.messages == [
        "GRC is waiting: its tables are missing; run: flask grc db upgrade",
        "plugin ant is off: its tables are old; run: flask grc db upgrade",
    ]


def test_a_plugin_older_than_its_tables_says_what_to_install(database, write):
    ant = write("ant", PARENT_AND_CHILD, ALTER_PARENT)
    tables = loaded(ant)
    upgrade(database, tables, NOW)
    newer = folder_of(ant) / "migrations" / "0002_step.py"
    text = newer.read_text()
    newer.unlink()
    said = "tables are at 0002, which ant 0 does not know: install the newer version"
    for _ in range(2):
        apply_states(database, tables)
        assert tables.find("ant").off == f"its {said}"
        assert upgrade(database, tables, LATER)[1].error == said
    found = current(database, tables)[1]
    assert (found.applied, found.head, found.error) == ("0002", "0001", said)
    with pytest.raises(GRCError, match="install the newer version"):
        downgrade(database, tables, "ant", "base", LATER)
    newer.write_text(text)
    apply_states(database, tables)
    assert tables.find("ant").on


def test_models_that_lack_a_revision_are_found(database, write):
    first = write("draft", models=NOTE)
    upgrade(database, loaded(first), NOW)
    revision(database, loaded(first), "draft", "first tables")
    upgrade(database, loaded(first), NOW)
    apply_states(database, same := loaded(first))
    assert unwritten(database, same) == []
    second = write("draft", models=NOTE + "    author: Mapped[str | None]\n")
    (folder_of(first) / "migrations").rename(folder_of(second) / "migrations")
    apply_states(database, changed := loaded(second))
    assert unwritten(database, changed) == ["draft"]
