"""A span for each widget, handler and task, below the request's own span where there is one.

Needs the extra `grc-core[otel]`. Call `instrument(grc)` once, after the tracer provider is set.
"""

import time

from opentelemetry import trace
from opentelemetry.trace import StatusCode
from opentelemetry.trace import TracerProvider

from ..extension import GRC
from ..watching import Work

_NANOSECONDS = 1_000_000_000


def instrument(grc: GRC, tracer_provider: TracerProvider | None = None) -> None:
    """Record finished work as spans `grc.widget`, `grc.event` and `grc.task`.

    Attributes: `grc.plugin`, `grc.name`, `grc.about` (the slot or hook), `grc.event_id`; a call
    that raised has the status ERROR and `error.type`.
    """
    tracer = trace.get_tracer("grc_core", tracer_provider=tracer_provider)

    def record(work: Work) -> None:
        end = time.time_ns()
        span = tracer.start_span(
            f"grc.{work.kind}",
            start_time=end - int(work.seconds * _NANOSECONDS),
            attributes={
                "grc.plugin": work.plugin,
                "grc.name": work.name,
                "grc.about": work.about,
                **({"grc.event_id": work.event_id} if work.event_id else {}),
                **({"error.type": work.error} if work.error else {}),
            },
        )
        if work.error:
            span.set_status(StatusCode.ERROR)
        span.end(end_time=end)

    grc.watch(record)
