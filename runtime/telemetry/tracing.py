"""Traces across events: from `study.started` to the last trial, through functions that slept.

The context travels as CloudEvents' extension `traceparent` (W3C Trace Context), so it lies in the
outbox with its event and survives whoever wrote it. Nothing is imported, and nothing is done,
unless `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_TRACES_EXPORTER=console` asks for traces and the
extra `telemetry` is there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

    from ..events import Event

EXTENSION = "traceparent"
_PARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

log = logging.getLogger(__name__)

_on = False  # set once, at the start of a process: nothing of a trace is passed from hand to hand


def set_up_traces(environment: Mapping[str, str], exporter: SpanExporter | None = None) -> None:
    """Begins to trace in this process, where the environment asks for it in OpenTelemetry's words.

    Args:
        environment: `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_EXPORTER`, `OTEL_SERVICE_NAME`,
            `OTEL_SDK_DISABLED`, and what the exporter itself reads.
        exporter: takes the spans in place of the one that the environment names.
    """
    global _on  # noqa: PLW0603
    wanted = environment.get("OTEL_TRACES_EXPORTER", "otlp")
    asked = "OTEL_EXPORTER_OTLP_ENDPOINT" in environment or wanted == "console"
    off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or wanted == "none"
    if exporter is None and (off or not asked):
        return
    try:
        from opentelemetry import trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        sink = exporter or _exporter(wanted)
    except ImportError as error:
        log.warning("no traces: %s; pip install 'omniforce[telemetry]'", error)
        return
    name = environment.get("OTEL_SERVICE_NAME") or "-".join(
        filter(None, ("omniforce", environment.get("OFC_FUNCTION", "trial")))
    )
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    # a function may sleep soon after it has answered
    provider.add_span_processor(BatchSpanProcessor(sink, schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    _on = True


def _exporter(wanted: str) -> SpanExporter:
    if wanted == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


def flush_traces(seconds: float = 2.0) -> None:
    """Sends what is still here, for at most so long: a process that ends loses the rest."""
    if not _on:
        return
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.force_flush(int(seconds * 1000))


@contextmanager
def span(name: str, parent: Event | None = None, **facts: str | int) -> Generator[None]:
    """A span around the block; the child of the event that caused it, where one did.

    An error that leaves the block is written down in the span.
    """
    if not _on:
        yield
        return
    from opentelemetry import trace
    from opentelemetry.propagate import extract

    carried = {} if parent is None else dict(parent.extensions)
    carried = {k: v for k, v in carried.items() if k == EXTENSION and _PARENT.fullmatch(v)}
    context = extract(carried) if carried else None
    tracer = trace.get_tracer("omniforce")
    with tracer.start_as_current_span(name, context, attributes=dict(facts)):
        yield


def traced(event: Event) -> Event:
    """The event with the context of the span that it is made in."""
    ids = current_ids()
    if ids is None or any(name == EXTENSION for name, _ in event.extensions):
        return event
    parent = (EXTENSION, f"00-{ids[0]}-{ids[1]}-01")
    return replace(event, extensions=tuple(sorted((*event.extensions, parent))))


def current_ids() -> tuple[str, str] | None:
    """The ids of the trace and the span that this thread is in, in hexadecimal digits."""
    if not _on:
        return None
    from opentelemetry import trace

    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"{context.trace_id:032x}", f"{context.span_id:016x}"
