"""Seeing inside: Server-Timing, notes for staff, structured logs, OpenTelemetry, Prometheus."""

import io
import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import CollectorRegistry
from prometheus_client import generate_latest

from grc_core import Event
from grc_core import Order
from grc_core import Page
from grc_core import Plugin
from grc_core import Purpose
from grc_core import hookimpl
from grc_core import widget
from grc_core.integrations import opentelemetry
from grc_core.integrations import prometheus
from grc_core.logs import JSONFormatter
from grc_core.watching import Work

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


class Busy(Plugin):
    """Do a little of everything."""

    name = "busy"

    @widget("cart.below")
    def box(self, page: Page) -> str:
        return "[box]"

    @widget("cart.below")
    def nothing(self, page: Page) -> None:
        return None

    @widget("cart.below", needs=Purpose.MARKETING)
    def offer(self, page: Page) -> str:
        return "[offer]"

    @widget("product.below")
    def broken(self, page: Page) -> str:
        raise KeyError("price")

    @hookimpl
    def on_order(self, order: Order, event: Event) -> None:
        if order.id == "bad":
            raise ValueError("no")
        self.defer(self.later, key=order.id)

    def later(self) -> None:
        """Do it later."""


@pytest.fixture
def done(mini: Any) -> list[Work]:
    """Make an app, and return what its watcher is told."""
    found: list[Work] = []
    app = mini.make_app([Busy])
    with app.app_context():
        mini.grc.watch(found.append)
    return found


def place(mini: Any, **order: Any) -> None:
    mini.place("ann", **order)
    runtime = mini.apps[-1].extensions["grc"]
    runtime.intake.pull(frozenset({"orders"}))
    runtime.drain()


def said(done: list[Work]) -> list[tuple[Any, ...]]:
    return [(item.kind, item.plugin, item.name, item.about, item.error) for item in done]


def test_a_watcher_is_told_of_widgets_handlers_and_tasks(mini: Any, done: list[Work]) -> None:
    client = mini.apps[-1].test_client()
    client.get("/cart")
    client.get("/product/1")
    assert said(done) == [
        ("widget", "busy", "box", "cart.below", None),
        ("widget", "busy", "nothing", "cart.below", None),
        ("widget", "busy", "broken", "product.below", "KeyError"),
    ]
    done.clear()
    place(mini)
    mine = [item for item in done if item.plugin == "busy"]
    assert said(mine) == [
        ("event", "busy", "on_order", "on_order", None),
        ("task", "busy", "later", "task:busy.later", None),
    ]
    assert all(item.seconds >= 0 for item in done)
    assert mine[0].event_id


def test_a_handler_that_fails_is_told_with_its_error(mini: Any, done: list[Work]) -> None:
    place(mini, id="bad")
    mine = [item for item in done if item.plugin == "busy"]
    assert [item.error for item in mine] == ["ValueError"]


def test_a_watcher_that_fails_is_left_out_and_harms_nobody(
    mini: Any, done: list[Work], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(work: Work) -> None:
        raise RuntimeError("disk full")

    app = mini.apps[-1]
    with app.app_context():
        mini.grc.watch(broken)
    assert "[box]" in app.test_client().get("/cart").text
    assert "[box]" in app.test_client().get("/cart").text
    assert caplog.text.count("is left out") == 1
    assert len(done) == 4


def test_in_debug_mode_a_page_says_what_each_widget_took(mini: Any) -> None:
    app = mini.make_app([Busy], GRC_DEBUG=True)
    header = app.test_client().get("/cart").headers["Server-Timing"]
    assert 'busy.box;desc="cart.below";dur=' in header
    assert 'busy.nothing;desc="cart.below";dur=' in header
    quiet = mini.make_app([Busy]).test_client().get("/cart")
    assert "Server-Timing" not in quiet.headers


def test_in_debug_mode_staff_read_why_a_widget_is_not_there(mini: Any) -> None:
    app = mini.make_app([Busy], GRC_DEBUG=True)
    rule = {"busy.box": {"cart.below": {"kinds": ["supplier"]}}}
    app.extensions["grc"].settings.store("core", {"widgets": rule})
    mini.sign_up("boss")
    client = app.test_client()
    client.post("/sign-in/boss")
    page = client.get("/cart").text
    assert "<!-- grc: busy.offer lacks consent in cart.below -->" in page
    assert "<!-- grc: busy.nothing has nothing to show in cart.below -->" in page
    assert "<!-- grc: busy.box is limited to others in cart.below -->" in page
    assert "<!-- grc" not in app.test_client().get("/cart").text, "others read nothing"


def test_a_failed_delivery_is_logged_with_its_ids(mini: Any, done: list[Work]) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JSONFormatter())
    log = logging.getLogger("grc")
    log.addHandler(handler)
    try:
        place(mini, id="bad")
    finally:
        log.removeHandler(handler)
    (line,) = [json.loads(text) for text in stream.getvalue().splitlines() if "busy" in text]
    assert line["level"] == "WARNING"
    assert line["time"].endswith("+00:00")
    assert line["grc_plugin"] == "busy"
    assert line["grc_event"] == "on_order"
    assert line["grc_event_id"].isdigit()
    assert line["grc_attempt"] == 1
    assert "ValueError: no" in line["error"]


def test_opentelemetry_gets_a_span_for_each_call(mini: Any) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    app = mini.make_app([Busy])
    with app.app_context():
        opentelemetry.instrument(mini.grc, provider)
    with provider.get_tracer("shop").start_as_current_span("GET /product") as outer:
        app.test_client().get("/product/1")
    place(mini)
    spans = {span.attributes["grc.name"]: span for span in exporter.get_finished_spans()
             if "grc.name" in span.attributes}  # fmt: skip
    broken = spans["broken"]
    assert broken.name == "grc.widget"
    assert broken.status.status_code is StatusCode.ERROR
    assert broken.attributes["error.type"] == "KeyError"
    assert broken.parent.span_id == outer.get_span_context().span_id
    assert spans["later"].name == "grc.task"
    assert spans["on_order"].attributes["grc.event_id"]
    assert all(span.start_time <= span.end_time for span in spans.values())


def test_prometheus_reads_work_and_the_outbox(mini: Any) -> None:
    registry = CollectorRegistry()
    app = mini.make_app([Busy])
    prometheus.instrument(mini.grc, app, registry)
    app.test_client().get("/product/1")
    place(mini, id="bad")
    text = generate_latest(registry).decode()
    labels = 'about="product.below",kind="widget",name="broken",outcome="failed",plugin="busy"'
    assert f"grc_work_seconds_count{{{labels}}} 1.0" in text
    assert 'grc_deliveries{state="pending",subscriber="busy"} 1.0' in text
    assert 'grc_oldest_delivery_seconds{subscriber="busy"}' in text
    assert 'grc_plugin_on{plugin="busy"} 1.0' in text


def test_prometheus_can_be_scraped_before_the_tables_are_there(mini: Any) -> None:
    registry = CollectorRegistry()
    app = mini.make_app([Busy], upgrade=False)
    prometheus.instrument(mini.grc, app, registry)
    text = generate_latest(registry).decode()
    assert "grc_plugin_on" in text
    assert "grc_deliveries{" not in text


def test_neither_is_imported_unless_it_is_asked_for() -> None:
    code = "import sys, grc_core; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "grc_core.runtime" in ran.stdout
    assert "opentelemetry" not in ran.stdout
    assert "prometheus" not in ran.stdout
