"""`flask grc events`, `sync` and `backfill`."""

import json
from datetime import timedelta

import pytest

from grc_core import Plugin
from grc_core import hookimpl

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")


class Moody(Plugin):
    """Fails while it is told to."""

    name = "moody"
    fails = False

    @hookimpl(history=True)
    def on_order(self, order):
        if self.fails:
            raise ValueError("not today")


class Calm(Plugin):
    name = "calm"

    @hookimpl
    def on_order(self, order):
        pass


@pytest.fixture
def app(mini, monkeypatch):
    monkeypatch.setattr(Moody, "fails", False)
    return mini.make_app(plugins=[Moody, Calm])


@pytest.fixture
def grc(app):
    """Return a function that runs `flask grc …`."""

    def run(*arguments, code=0):
        result = app.test_cli_runner().invoke(args=["grc", *arguments])
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def dead(app, grc, mini, monkeypatch):
    """Return the id of a delivery that had all its attempts."""
    monkeypatch.setattr(Moody, "fails", True)
    mini.place(id="700")
    runtime = app.extensions["grc"]
    now = runtime.clock()
    for attempt in range(10):
        runtime.set_clock(lambda hours=attempt * 9: now + timedelta(hours=hours))
        runtime.intake.sync()
        runtime.drain()
    (found,) = json.loads(grc("events", "--state", "dead", "--json").stdout)["deliveries"]
    return str(found["id"])


def test_before_anything_happened_events_says_what_to_do(grc):
    assert grc("events").stdout == (
        "No event was delivered yet; place an order, or run: flask grc sync\n"
    )


def test_sync_pulls_delivers_and_counts(grc, mini):
    mini.place()
    answer = json.loads(grc("sync", "--json").stdout)
    assert (answer["events"], answer["deliveries"], answer["unreadable"]) == (1, 3, 0)
    lines = grc("sync").stdout.splitlines()
    assert [line.rsplit(maxsplit=1)[1] for line in lines[3:]] == ["0", "0", "0"]


def test_events_lists_totals_and_the_latest_deliveries(grc, mini):
    mini.place(id="700")
    grc("sync")
    answer = json.loads(grc("events", "--json").stdout)
    assert [(item["subscriber"], item["state"], item["count"]) for item in answer["totals"]] == [
        ("calm", "done", 1),
        ("core", "done", 1),
        ("moody", "done", 1),
    ]
    assert {item["hook"] for item in answer["deliveries"]} == {"on_order"}
    assert " ".join(sorted(answer["deliveries"][0])) == (
        "accepted_at attempts error finished_at hook id key occurred_at run_at state subject "
        "subscriber"
    )
    text = grc("events").stdout
    assert "moody" in text
    assert "700" in text
    assert (
        json.loads(grc("events", "--plugin", "calm", "--limit", "5", "--json").stdout)[
            "deliveries"
        ][0]["subscriber"]
        == "calm"
    )


def test_a_delivery_is_shown_with_its_payload(grc, dead):
    found = json.loads(grc("events", "show", dead, "--json").stdout)
    assert found["delivery"]["error"].endswith("not today")
    assert json.loads(found["payload"])["order"]["id"] == "700"
    assert "payload" in grc("events", "show", dead).stdout
    missing = grc("events", "show", "99", code=1).stderr
    assert missing == "Error: there is no delivery 99; list them with: flask grc events\n"


def test_what_is_dead_can_be_retried(grc, dead, monkeypatch):
    monkeypatch.setattr(Moody, "fails", False)
    assert grc("events", "retry", dead).stdout == "1 delivery waits.\n"
    grc("sync")
    assert json.loads(grc("events", "--state", "dead", "--json").stdout)["deliveries"] == []
    answer = json.loads(grc("events", "retry", "--all", "--json").stdout)
    assert answer == {"retried": 0}


def test_retry_wants_ids_or_all(grc):
    assert "name the deliveries to retry, or --all" in grc("events", "retry", code=1).stderr
    assert grc("events", "retry", "1", "--all", code=1).stderr.startswith("Error: ")
    assert grc("events", "drop", code=1).stderr.startswith("Error: name the deliveries")


def test_what_is_dead_can_be_dropped(grc, dead):
    assert grc("events", "drop", dead).stdout == "1 delivery dropped.\n"
    states = [item["state"] for item in json.loads(grc("events", "--json").stdout)["totals"]]
    assert "dead" not in states
    assert "dropped" in states


def test_old_deliveries_are_purged(grc, app, mini):
    mini.place()
    grc("sync")
    purged = json.loads(grc("events", "purge", "--json").stdout)
    assert purged == {"deliveries": 0, "payloads": 0, "texts": 0}
    now = app.extensions["grc"].clock()
    app.extensions["grc"].set_clock(lambda: now + timedelta(days=9))
    assert grc("events", "purge", "--days", "8").stdout == (
        "Removed 3 deliveries, 1 payload, 0 texts of mail.\n"
    )


def test_backfill_gives_the_past_to_plugins_that_ask(mini, long_ago):
    for _ in range(3):
        mini.place(placed_at=long_ago)
    runner = mini.make_app(plugins=[Moody, Calm]).test_cli_runner()
    answer = json.loads(runner.invoke(args=["grc", "backfill", "--json"]).stdout)
    assert [item for item in answer if item["plugin"] != "core"] == [
        {"plugin": "moody", "hook": "on_order", "count": 3, "failed": 0}
    ]
    assert "no plugin" in runner.invoke(args=["grc", "backfill", "mody"]).stderr.lower()


def test_where_no_plugin_asks_for_the_past_the_core_does(mini):
    runner = mini.make_app(plugins=[Calm]).test_cli_runner()
    answer = json.loads(runner.invoke(args=["grc", "backfill", "--json"]).stdout)
    assert {item["plugin"] for item in answer} == {"core"}


@pytest.mark.parametrize("command", ["sync", "backfill"])
def test_without_tables_nothing_is_pulled(mini, command):
    app = mini.make_app(plugins=[Calm], upgrade=False)
    result = app.test_cli_runner().invoke(args=["grc", command])
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "Error: the GRC tables are missing or old; run: flask grc db upgrade"
    )
