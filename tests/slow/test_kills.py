"""Processes that die at the worst moment: nothing is lost, nothing happens twice."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SHOP = '''
import sys, time, os
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Mapped, mapped_column

import grc_core
from grc_core import GRC, Money, Order, OrderLine, Plugin, Shop, hookimpl

FOLDER = Path(os.environ["FOLDER"])
engine = sa.create_engine(f"sqlite:///{FOLDER}/shop.sqlite3")
with engine.begin() as connection:
    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, at TEXT NOT NULL)")

shop = Shop(currency="CAD")

@shop.orders
def orders(*, after=None, id=None, customer_id=None):
    where, values = "", ()
    if id is not None:
        where, values = "WHERE id = ?", (int(id),)
    elif after is not None:
        where, values = "WHERE at >= ?", (after,)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT id, at FROM orders {where} ORDER BY at, id",
                                          values).all()
    for number, at in rows:
        yield Order(number, [OrderLine(1, 1, Money(100, "CAD"))], datetime.fromisoformat(at),
                    "placed", at)

shop.on("order", endpoints="buy")

class Model(grc_core.Model, plugin="ledger"): ...
class Entry(Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str]

class Ledger(Plugin):
    """Write each order down, slowly enough to be killed in between."""
    name, models = "ledger", Model

    @hookimpl
    def on_order(self, order: Order) -> None:
        self.session.add(Entry(order_id=order.id))
        self.session.flush()
        time.sleep(float(os.environ.get("SLOW", "0")))

def place():
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO orders (at) VALUES (?)",
                                   (datetime.now(UTC).isoformat(),))

def create_app():
    app = Flask("killed", instance_path=str(FOLDER / "instance"))
    app.config.update(GRC_SETTLE=0)
    GRC(shop, plugins=[Ledger]).init_app(app)

    @app.post("/buy")
    def buy():
        place()
        if os.environ.get("DIE_AFTER_COMMIT"):
            os.kill(os.getpid(), 9)
        return "bought"
    return app
'''


class Shop:
    """A shop in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "killed_shop.py").write_text(textwrap.dedent(SHOP))

    def run(self, code: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a process that runs code in the shop."""
        own = {"FOLDER": str(self.folder), "PYTHONPATH": str(self.folder), **environment}
        script = "from killed_shop import *\napp = create_app()\n" + textwrap.dedent(code)
        return subprocess.Popen([sys.executable, "-c", script], env={**os.environ, **own})

    def upgrade(self) -> None:
        """Make the tables."""
        code = 'assert not app.test_cli_runner().invoke(args=["grc", "db", "upgrade"]).exit_code'
        assert self.run(code).wait(60) == 0

    def entries(self) -> list[str]:
        """Return the orders that the plugin wrote down."""
        import sqlite3

        with sqlite3.connect(self.folder / "instance" / "grc.sqlite3") as connection:
            rows = connection.execute("SELECT order_id FROM grc_ledger__entry ORDER BY id")
            return [row[0] for row in rows]

    def states(self) -> list[str]:
        """Return the states of all deliveries."""
        import sqlite3

        with sqlite3.connect(self.folder / "instance" / "grc.sqlite3") as connection:
            return [row[0] for row in connection.execute("SELECT state FROM grc_core__delivery")]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    found = Shop(tmp_path)
    found.upgrade()
    return found


SERVE_UNTIL_DONE = """
    client = app.test_client()
    client.get("/").close()
    time.sleep({seconds})
"""


def test_a_kill_between_commit_and_delivery_loses_nothing(shop: Shop) -> None:
    dying = shop.run('app.test_client().post("/buy")', DIE_AFTER_COMMIT="1")
    assert dying.wait(60) == -signal.SIGKILL
    assert shop.entries() == []
    assert shop.run(SERVE_UNTIL_DONE.format(seconds=4)).wait(60) == 0
    assert shop.entries() == ["1"]
    assert shop.run(SERVE_UNTIL_DONE.format(seconds=3)).wait(60) == 0
    assert shop.entries() == ["1"]


def test_kills_in_the_middle_of_handlers_leave_each_effect_once(shop: Shop) -> None:
    """Ten orders, a handler of 50 ms each, a kill every 0.4 s: the marks and effects agree."""
    assert shop.run("for _ in range(10): place()").wait(60) == 0
    drain = """
        app.extensions["grc"].intake.sync()
        (FOLDER / "begun").touch()
        app.extensions["grc"].drain()
    """
    begun = shop.folder / "begun"
    for _ in range(12):
        begun.unlink(missing_ok=True)
        process = shop.run(drain, SLOW="0.05")
        while process.poll() is None and not begun.exists():
            time.sleep(0.01)
        try:
            process.wait(0.4)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
    # what died with a worker is taken up when its lease has expired
    patient = """
        from datetime import timedelta
        runtime = app.extensions["grc"]
        for hours in range(1, 40):
            runtime.set_clock(lambda: datetime.now(UTC) + timedelta(hours=hours))
            runtime.drain()
    """
    assert shop.run(patient).wait(120) == 0
    assert sorted(shop.entries(), key=int) == [str(number) for number in range(1, 11)]
    assert set(shop.states()) == {"done"}


def test_four_processes_at_once_deliver_each_order_once(shop: Shop) -> None:
    code = """
        client = app.test_client()
        for _ in range(25):
            client.post("/buy").close()
        time.sleep(8)
    """
    processes = [shop.run(code) for _ in range(4)]
    assert [process.wait(120) for process in processes] == [0, 0, 0, 0]
    assert sorted(shop.entries(), key=int) == [str(number) for number in range(1, 101)]


def test_a_process_that_ends_in_order_finishes_its_work(shop: Shop) -> None:
    code = """
        app.test_client().post("/buy").close()
        time.sleep(1.5)
    """
    assert shop.run(code).wait(60) == 0
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not shop.entries():
        time.sleep(0.1)
    assert shop.entries() == ["1"]
    assert set(shop.states()) == {"done"}
