"""The background thread: started lazily, one drainer per file, cut off when it hangs."""

import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect
from sqlalchemy import select

from grc_core import Order
from grc_core import Plugin
from grc_core import hookimpl
from grc_core.outbox import thread as runner_module
from grc_core.outbox.leases import Lease
from grc_core.storage.models import DeliveryRow


class Listener(Plugin):
    """Remember orders, and the thread they came in."""

    name = "listener"

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    @hookimpl
    def on_order(self, order: Order) -> None:
        self.seen.append((order.id, threading.current_thread().name))


def until(condition: Callable[[], object], seconds: float = 15) -> bool:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("grc")]


@pytest.fixture
def app(mini: Any) -> Any:
    found = mini.make_app([Listener], GRC_RUNNER="thread", GRC_SETTLE=0)
    found.testing = False
    return found


def test_nothing_runs_before_the_first_request_nor_in_the_cli(app: Any) -> None:
    assert threads() == []
    app.test_cli_runner().invoke(args=["grc", "plugins"])
    assert threads() == []
    app.test_client().get("/").close()
    assert sorted(threads()) == ["grc-runner", "grc-watchdog"]


def test_an_order_is_delivered_in_the_background(app: Any) -> None:
    app.test_client().post("/checkout").close()
    listener = app.extensions["grc"].tables.find("listener").plugin
    assert until(lambda: listener.seen)
    assert listener.seen == [("1", "grc-runner")]


def test_the_thread_ends_with_the_app(app: Any) -> None:
    app.test_client().get("/").close()
    assert until(threads)
    app.extensions["grc"].close()
    assert until(lambda: not threads())


def test_a_forked_child_gets_threads_of_its_own(app: Any) -> None:
    client = app.test_client()
    client.get("/").close()
    runner = app.extensions["grc"].runner
    first, parents = runner._thread, runner._stopping
    runner._pid = os.getpid() - 1  # as a child sees the runner of its parent
    client.get("/").close()
    assert runner._thread is not first
    assert runner._thread.is_alive()
    parents.set()  # here the parent's threads are there too, and no other test may meet them
    first.join(10)
    assert not first.is_alive()


def test_an_order_too_young_to_be_read_is_read_when_it_is_old_enough(mini: Any) -> None:
    app = mini.make_app([Listener], GRC_RUNNER="thread", GRC_SETTLE=0.5)
    app.testing = False
    app.test_client().post("/checkout").close()
    listener = app.extensions["grc"].tables.find("listener").plugin
    assert until(lambda: listener.seen)


def test_one_process_at_a_time_drains_a_file(app: Any) -> None:
    database, clock = app.extensions["grc"].database, app.extensions["grc"].clock
    one = Lease(database, "drain", "one", timedelta(seconds=15))
    two = Lease(database, "drain", "two", timedelta(seconds=15))
    now = clock()
    assert one.hold(now)
    assert not two.hold(now)
    assert one.hold(now + timedelta(seconds=10))
    assert not two.hold(now + timedelta(seconds=20))
    assert two.hold(now + timedelta(seconds=40))
    assert not one.hold(now + timedelta(seconds=41))
    two.give_up()
    assert one.hold(now + timedelta(seconds=42))


class Hanging(Plugin):
    """Hang on the first order, with the write lock in hand."""

    name = "hanging"
    release = threading.Event()

    def __init__(self) -> None:
        self.calls = 0

    @hookimpl
    def on_order(self, order: Order) -> None:
        self.calls += 1
        if self.calls == 1:
            self.session.connection().exec_driver_sql("CREATE TABLE grc_hanging__mess (id INTEGER)")
            Hanging.release.wait(20)
            self.session.connection().exec_driver_sql("CREATE TABLE grc_hanging__late (id INTEGER)")


def test_a_hanging_handler_is_cut_off_and_delays_nobody(
    mini: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(runner_module, "HANDLER_SECONDS", 1)
    monkeypatch.setattr(Hanging, "release", threading.Event())
    app = mini.make_app([Hanging, Listener], GRC_RUNNER="thread", GRC_SETTLE=0)
    app.testing = False
    runtime = app.extensions["grc"]
    app.test_client().post("/checkout").close()
    listener = runtime.tables.find("listener").plugin
    assert until(lambda: listener.seen)
    assert until(lambda: "plugin hanging hangs on on_order" in caplog.text)
    Hanging.release.set()

    def rows() -> dict[str, Any]:
        with runtime.database.read() as connection:
            found = connection.execute(select(DeliveryRow.__table__))
            return {row.subscriber: row for row in found}

    assert until(lambda: rows()["listener"].state == "done")
    hanging = rows()["hanging"]
    assert hanging.state == "pending"
    assert "cut off" in hanging.error
    time.sleep(0.3)  # the handler that was cut off goes on, and must not count
    tables = inspect(runtime.database.engine).get_table_names()
    assert not [table for table in tables if table.startswith("grc_hanging")]


class SlowTask(Plugin):
    """Keep the write lock in deferred work, as a careless author would."""

    name = "slowtask"
    release = threading.Event()

    @hookimpl
    def on_order(self, order: Order) -> None:
        if order.id == "1":
            self.defer(self.slow, order.id)

    def slow(self) -> None:
        self.session.connection().exec_driver_sql("CREATE TABLE grc_slowtask__mess (id INTEGER)")
        SlowTask.release.wait(20)


def test_deferred_work_that_keeps_the_lock_is_cut_off(
    mini: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(runner_module, "HANDLER_SECONDS", 1)
    monkeypatch.setattr(SlowTask, "release", threading.Event())
    app = mini.make_app([SlowTask, Listener], GRC_RUNNER="thread", GRC_SETTLE=0)
    app.testing = False
    runtime = app.extensions["grc"]
    app.test_client().post("/checkout").close()
    listener = runtime.tables.find("listener").plugin
    assert until(lambda: len(listener.seen) == 1)
    time.sleep(0.5)
    app.test_client().post("/checkout").close()
    assert until(lambda: len(listener.seen) == 2)
    assert until(lambda: "slowtask hangs on task:slowtask.slow" in caplog.text)
    SlowTask.release.set()
    time.sleep(0.3)
    tables = inspect(runtime.database.engine).get_table_names()
    assert not [table for table in tables if table.startswith("grc_slowtask")]
