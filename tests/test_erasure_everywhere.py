"""An erasure with all five plugins installed: afterwards the person is nowhere in the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from sqlalchemy import Column
from sqlalchemy import LargeBinary
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import cast
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import text

from grc_core import Money
from grc_core import OrderPlaced
from grc_core import Personal
from grc_core import SignUp
from grc_core import Subject
from grc_core import Visit
from grc_core.privacy.matching import kind_of

PLUGINS = ("faq", "loyalty", "privacy_consent", "recommendations", "shipment_tracking")
PLAIN: dict[type, Any] = {datetime: datetime.now(UTC), float: 1.0, bool: False, dict: {}, list: []}
#: In every id, name, address and text of the person, and in nothing else.
MARKER, OTHER = "marker7731", "bystander"


@pytest.fixture
def shop(mini: Any) -> Any:
    """Return an app with all five plugins, where two people have left something in each."""
    for name in PLUGINS:
        pytest.importorskip(f"grc_{name}", reason=f"the plugin {name} is not installed")
    app = mini.make_app(PLUGINS)
    app.extensions["grc"].runner.wake = lambda sources=frozenset(): None  # one drain will do
    for who in (MARKER, OTHER):
        live(mini, app, who)
    app.extensions["grc"].drain()
    for who in (MARKER, OTHER):
        fill(app, who)
    return app


def live(mini: Any, app: Any, who: str) -> None:
    """Let somebody sign up, agree, look, buy, write and be written to."""
    email = f"{who}@example.com"
    customer = mini.sign_up(who, email=email, name=f"Name {who}", email_verified=True)
    order = mini.place(who, email=email, total=Money(1250, "CAD"))
    grc = app.extensions["grc"]
    with app.app_context():
        for event in (SignUp(customer), OrderPlaced(order)):
            mini.grc.emit(event)
        browser = app.test_client()
        browser.post(f"/sign-in/{who}")
        own = {"Sec-Fetch-Site": "same-origin"}
        browser.post("/grc/privacy/choose", data={"choice": "accept"}, headers=own)
        browser.post("/grc/privacy/data", data={"kind": "export", "email": email}, headers=own)
        contact = grc.contacts.learn(customer)
        grc.timeline.add(contact, "e-mail", "question", None, f"{who} asks")
        grc.contacts.tag(contact, who)
        mini.grc.emit(Visit(f"/product/1?{who}"))


def fill(app: Any, who: str) -> None:
    """Put a row about somebody into every table that a plugin declares, each field saying so."""
    grc = app.extensions["grc"]
    with grc.database.write() as connection:
        for plugin, declared in grc.privacy.declared():
            if plugin in PLUGINS:
                table = declared.model.__table__
                row = {column.name: value(declared, column, who) for column in table.c}
                taken = select(func.count()).where(table.c[declared.by] == row[declared.by])
                if not connection.scalar(taken):
                    connection.execute(table.insert().values(row))


def value(declared: Personal, column: Column[Any], who: str) -> Any:
    """Return what says who it is where the column is declared, and else something plain."""
    if column.name == declared.by:
        if column.name in ("subject", "person"):
            return f"customer:{who}"
        return f"{who}@example.com" if kind_of(declared) == "email" else who
    if column.nullable and column.name not in declared.fields:
        return None
    kind = column.type.python_type
    if kind is str and column.name in declared.fields:
        return f"about {who}"
    if kind is str:
        return f"{len(who)} {column.name}"  # another one for each, as keys have to be
    return PLAIN.get(kind, len(who)) if kind is not bytes else f"raw {who}".encode()


def mentions(app: Any, marker: str) -> set[str]:
    """Return every column of every GRC table in which a text occurs."""
    database, found = app.extensions["grc"].database, set()
    with database.read() as connection:
        for table in tables(database):
            said = [said_in(column, marker, connection.dialect.name) for column in table.c]
            flags = [func.count().filter(one) for one in said]
            for column, number in zip(
                table.c, connection.execute(select(*flags)).one(), strict=True
            ):
                if number:
                    found.add(f"{table.name}.{column.name}")
    return found


@cache
def tables(database: Any) -> list[Table]:
    """Return what is really there, whatever the models say."""
    metadata = MetaData()
    metadata.reflect(database.engine, only=lambda name, _: name.startswith("grc_"))
    return metadata.sorted_tables


def said_in(column: Column[Any], marker: str, dialect: str) -> Any:
    if isinstance(column.type, LargeBinary) and dialect == "postgresql":
        return func.encode(column, "escape").contains(marker)
    return func.lower(cast(column, String)).contains(marker)


@contextmanager
def broken(app: Any, table: str, column: str) -> Iterator[None]:
    """Have a plugin raise whenever it is to erase somebody: a column of it is gone."""
    grc = app.extensions["grc"]

    def rename(old: str, new: str) -> None:
        with grc.database.write() as connection:
            connection.execute(text(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}"))

    rename(column, "hidden")
    yield
    rename("hidden", column)


def test_an_erasure_with_all_plugins_one_of_which_raises_leaves_no_trace_after_the_retry(
    shop: Any,
) -> None:
    grc = shop.extensions["grc"]
    before = mentions(shop, MARKER)
    assert {name.partition("__")[0] for name in before} == {f"grc_{name}" for name in PLUGINS} | {
        "grc_core"
    }
    others = mentions(shop, OTHER)
    with broken(shop, "grc_loyalty__account", "customer_id"):
        done = grc.privacy.erase(Subject("customer", MARKER))
        assert not done.complete
        assert [one.plugin for one in done.outcomes if one.result == "failed"] == ["loyalty"]
        assert {one.plugin for one in done.outcomes} == {*PLUGINS, "core"}
        assert grc.privacy.retry() == 0
    assert grc.privacy.retry() == 1
    assert mentions(shop, MARKER) == set()
    assert mentions(shop, OTHER) == others
    assert [one.complete for one in grc.privacy.erasures()] == [True]
