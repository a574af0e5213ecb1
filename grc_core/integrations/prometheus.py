"""Metrics of GRC for Prometheus.

Needs the extra `grc-core[prometheus]`. Call `instrument(grc, app)` once; the shop serves its
registry as it does already, or with `prometheus_client.make_wsgi_app()`.
"""

from collections.abc import Iterator

from flask import Flask
from prometheus_client import REGISTRY
from prometheus_client import CollectorRegistry
from prometheus_client import Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from ..extension import GRC
from ..outbox.ledger import totals
from ..runtime import Runtime
from ..watching import Work

#: Seconds: a widget has to be done in milliseconds, a task may take a while.
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0)


def instrument(grc: GRC, app: Flask, registry: CollectorRegistry = REGISTRY) -> None:
    """Measure each widget, handler and task, and let the outbox be looked at when scraped.

    `grc_work_seconds{kind, plugin, name, about, outcome}` is a histogram of this process;
    `grc_deliveries{subscriber, state}`, `grc_oldest_delivery_seconds{subscriber}` and
    `grc_plugin_on{plugin}` are read at each scrape, with two statements.
    """
    labels = ("kind", "plugin", "name", "about", "outcome")
    spent = Histogram(
        "grc_work_seconds", "What calls of plugins took", labels, buckets=_BUCKETS,
        registry=registry,
    )  # fmt: skip

    def record(work: Work) -> None:
        outcome = "failed" if work.error else "done"
        spent.labels(work.kind, work.plugin, work.name, work.about, outcome).observe(work.seconds)

    with app.app_context():
        grc.watch(record)
    registry.register(_Outbox(app.extensions["grc"]))


class _Outbox(Collector):
    """What waits in the outbox, and which plugins are on."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def describe(self) -> Iterator[Metric]:
        """Name the metrics without asking the database."""
        return iter(self._families())

    def collect(self) -> Iterator[Metric]:
        """Read the metrics; without the GRC tables there is nothing to read."""
        runtime = self._runtime
        deliveries, oldest, on = self._families()
        for loaded in runtime.tables.plugins:
            on.add_metric([loaded.name], float(loaded.on))
        yield on
        if not runtime.ready():
            return
        now = runtime.clock()
        for total in totals(runtime.database):
            deliveries.add_metric([total.subscriber, total.state], total.count)
            if total.oldest is not None:
                waited = (now - total.oldest).total_seconds()
                oldest.add_metric([total.subscriber], max(0.0, waited))
        yield deliveries
        yield oldest

    def _families(self) -> tuple[GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily]:
        family = GaugeMetricFamily
        return (
            family("grc_deliveries", "Deliveries by state", labels=["subscriber", "state"]),
            family("grc_oldest_delivery_seconds", "How long the oldest has been waiting",
                   labels=["subscriber"]),
            family("grc_plugin_on", "Whether a plugin takes part", labels=["plugin"]),
        )  # fmt: skip
