"""The core's migrations, and the way that every plugin's revisions are run."""

import sqlite3
from datetime import UTC
from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import MetaData
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import inspect

from grc_core.errors import GRCError
from grc_core.loading import Tables
from grc_core.storage.autogenerate import include_name
from grc_core.storage.autogenerate import only
from grc_core.storage.core import CoreModel
from grc_core.storage.engine import Database
from grc_core.storage.engine import open_engine
from grc_core.storage.exclusive import check_foreign_keys
from grc_core.storage.exclusive import exclusively
from grc_core.storage.exclusive import tentatively
from grc_core.storage.upgrade import upgrade

NOW = datetime(2026, 3, 1, 12, 0, 0, 654321, tzinfo=UTC)


@pytest.fixture
def database(grc_databases):
    database = Database(Flask("host"), grc_databases.url())
    yield database
    database.dispose()


def schema(engine):
    """Return the text of each statement that made the schema, with equal white space."""
    with engine.connect() as connection:
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name LIKE 'grc_%'"
        rows = connection.exec_driver_sql(query).all()
    return {name: sorted(" ".join(sql.replace(",", " ").split()).split()) for name, sql in rows}


def test_migrations_make_exactly_the_tables_of_the_models(database):
    upgrade(database, Tables(), NOW)
    options = {"version_table": "grc_core__version", "compare_server_default": True}
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, CoreModel.metadata) == []


@pytest.mark.grc_databases("sqlite", only=True)
def test_migrations_keep_names_of_constraints_and_without_rowid(database, tmp_path):
    upgrade(database, Tables(), NOW)
    declared = open_engine(f"sqlite:///{tmp_path / 'declared.sqlite3'}")
    CoreModel.metadata.create_all(declared)
    migrated = schema(database.engine)
    migrated.pop("grc_core__version")
    assert migrated == schema(declared)
    assert "WITHOUT" in migrated["grc_core__backfilled"]
    declared.dispose()


def test_the_host_s_autogenerate_passes_over_our_tables():
    assert not include_name("grc_loyalty__account", "table", {})
    assert include_name("orders", "table", {})
    assert include_name("grc_rating", "column", {"table_name": "orders"})
    assert include_name(None, "schema", {})


def test_a_plugin_sees_its_own_tables_alone():
    own = only("shipment")
    assert own("grc_shipment__parcel", "table", {})
    assert not own("grc_shipment_tracking__parcel", "table", {})
    assert not own("orders", "table", {})
    assert own("state", "column", {})


def test_a_host_s_alembic_drops_nothing_of_ours(database):
    upgrade(database, Tables(), NOW)
    with database.engine.connect() as connection:
        options = {"include_name": include_name}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, MetaData()) == []


def test_a_failure_undoes_changes_of_the_schema(database):
    def fail():
        with exclusively(database) as connection:
            connection.exec_driver_sql("CREATE TABLE grc_x__one (id INTEGER)")
            connection.exec_driver_sql("INSERT INTO grc_x__one VALUES (1)")
            connection.exec_driver_sql("CREATE TABLE grc_x__two (id INTEGER)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert inspect(database.engine).get_table_names() == []


def test_what_is_tried_leaves_nothing_behind(database):
    with tentatively(database) as connection:
        connection.exec_driver_sql("CREATE TABLE grc_x__one (id INTEGER)")
    assert inspect(database.engine).get_table_names() == []


@pytest.mark.grc_databases("sqlite", only=True)
def test_foreign_keys_are_off_during_a_migration_and_on_afterwards(database):
    with exclusively(database) as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000


@pytest.mark.grc_databases("sqlite", only=True)
def test_rows_without_parents_undo_a_migration(database):
    def orphan():
        with exclusively(database) as connection:
            connection.exec_driver_sql("CREATE TABLE grc_x__parent (id INTEGER PRIMARY KEY)")
            connection.exec_driver_sql(
                "CREATE TABLE grc_x__child (parent INTEGER REFERENCES grc_x__parent (id))"
            )
            connection.exec_driver_sql("INSERT INTO grc_x__child VALUES (7)")
            check_foreign_keys(connection, "grc_x__")

    with pytest.raises(GRCError, match="1 rows of grc_x__child point to missing rows of grc_x__p"):
        orphan()
    assert inspect(database.engine).get_table_names() == []


@pytest.mark.grc_databases("sqlite", only=True)
def test_broken_rows_of_the_shop_are_not_our_business(database):
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE line (product INTEGER REFERENCES product (id))")
        connection.exec_driver_sql("CREATE TABLE product (id INTEGER PRIMARY KEY)")
    with sqlite3.connect(database.engine.url.database) as driver:
        driver.execute("INSERT INTO line VALUES (7)")
    driver.close()
    assert [item.error for item in upgrade(database, Tables(), NOW)] == [None]


@pytest.fixture(params=["plain", "own PRAGMAs", "own BEGIN"])
def host_engine(request, tmp_path):
    """Yield engines as shops have them: the driver's defaults, PRAGMAs, SQLAlchemy's recipe."""
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    if request.param != "plain":

        @event.listens_for(engine, "connect")
        def prepare(connection, _record):
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA busy_timeout=777")
            if request.param == "own BEGIN":
                connection.isolation_level = None

    if request.param == "own BEGIN":

        @event.listens_for(engine, "begin")
        def begin(connection):
            connection.exec_driver_sql("BEGIN")

    yield engine
    engine.dispose()


def test_a_shared_engine_keeps_its_own_pragmas(host_engine, tmp_path):
    pragmas = ("foreign_keys", "busy_timeout", "journal_mode", "synchronous")

    def settings():
        with host_engine.connect() as connection:
            return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]

    before = settings()
    app = Flask("host", instance_path=str(tmp_path))
    database = Database(app, None, shared=lambda: host_engine)
    assert [item.error for item in upgrade(database, Tables(), NOW)] == [None]
    assert settings() == before
    assert "grc_core__event" in inspect(host_engine).get_table_names()


def test_a_shared_engine_rolls_a_failed_migration_back(host_engine, tmp_path):
    app = Flask("host", instance_path=str(tmp_path))
    database = Database(app, None, shared=lambda: host_engine)

    def fail():
        with exclusively(database) as connection:
            connection.exec_driver_sql("CREATE TABLE grc_x__one (id INTEGER)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert inspect(host_engine).get_table_names() == []
