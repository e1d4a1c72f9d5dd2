"""What those who watch over a study see: lines, metrics, traces, and health that is true."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from omniforce.compiler.events import PING, STUDY_STARTED, TRIAL_COMPLETED, TRIAL_REQUESTED
from omniforce.compiler.ir.program import Program
from omniforce.runtime.events import Event, study_started
from omniforce.runtime.functions.prompt import Prompt
from omniforce.runtime.functions.search import Search
from omniforce.runtime.functions.server import DONE, LONGEST_HANDLING, EventServer, Reply
from omniforce.runtime.telemetry import tracing
from omniforce.runtime.telemetry.exposition import exposition
from omniforce.runtime.telemetry.log_lines import set_up_logs
from omniforce.runtime.telemetry.study_figures import study_figures
from omniforce.runtime.telemetry.tally import Tally
from tests.runtime.fake_study import Cluster

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def lines() -> Iterator[Callable[..., list[str]]]:
    """Has records written as a process would, and gives the lines."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()

    def write(environment: dict[str, str], *messages: Any) -> list[str]:
        set_up_logs(environment, stream)
        for message in messages:
            if isinstance(message, BaseException):
                try:
                    raise message
                except BaseException:
                    logging.getLogger("omniforce.test").exception("it failed")
            else:
                logging.getLogger("omniforce.test").info("%s", message)
        return stream.getvalue().splitlines()

    yield write
    root.handlers[:], root.level = before, level


def test_a_record_is_one_json_object_with_what_collectors_look_for(
    lines: Callable[..., list[str]],
) -> None:
    environment = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "OFC_STUDY": "digits"}
    (line,) = lines(environment | {"OFC_FUNCTION": "search"}, "trial t3 is over")
    found = json.loads(line)
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "info",
        "logger": "omniforce.test",
        "message": "trial t3 is over",
        "study": "digits",
        "function": "search",
    }


@pytest.mark.parametrize("style", ["json", "text"])
def test_what_a_stranger_wrote_begins_no_line_and_moves_no_cursor(
    style: str, lines: Callable[..., list[str]]
) -> None:
    hostile = 'a\nERROR root hacked\r\x1b[2J\x00 \u2028 {"level": "error"}'
    written = lines({"OFC_LOG": style}, hostile, RuntimeError(hostile))
    assert len(written) == 2
    assert all(c.isprintable() for line in written for c in line)


def test_an_endless_message_is_cut(lines: Callable[..., list[str]]) -> None:
    (line,) = lines({}, "x" * 1_000_000)
    assert len(line) < 20_000


def families(text: bytes) -> dict[str, dict[tuple[str, ...], float]]:
    return {
        family.name: {
            tuple(sample.labels[name] for name in sorted(sample.labels)): sample.value
            for sample in family.samples
            if not sample.name.endswith(("_created", "_bucket", "_sum"))
        }
        for family in text_string_to_metric_families(text.decode())
    }


@pytest.fixture
def cluster(
    sqlite_address: str, tmp_path: Path, make_program: Callable[..., Program], counting: Any
) -> Iterator[Cluster]:
    cluster = Cluster(sqlite_address, tmp_path, counting)
    cluster.mount(make_program())
    yield cluster
    cluster.close()


def test_a_function_shows_what_it_did_and_how_its_study_stands(cluster: Cluster) -> None:
    search = cluster.search()
    cluster.sink()
    assert search.send(study_started("s", 0.0)).status == 202
    cluster.await_end()
    text = search.get("metrics").body.encode()
    found = families(text)
    assert found["ofc_events_handled"]["202", STUDY_STARTED] == 1.0
    assert found["ofc_event_seconds"][(STUDY_STARTED,)] == 1.0

    for _ in range(500):  # the event that ended it is marked as sent a moment after it was sent
        own = families(exposition(Tally(), study_figures(cluster.store())))
        if own["ofc_outbox_unsent"] == {("default", "s"): 0.0}:
            break
        time.sleep(0.01)
    assert own["ofc_trials"] == {("default", "completed", "s"): 6.0}
    assert own["ofc_study_state"] == {("default", "completed", "s"): 1.0}
    assert own["ofc_study_best"] == {("accuracy", "default", "s"): 0.5}
    assert own["ofc_budget_used_ratio"] == {("trials", "default", "s"): 1.0}
    assert own["ofc_outbox_unsent"] == {("default", "s"): 0.0}
    assert own["ofc_dead_letters"] == {(): 0.0}


def test_metrics_of_a_function_whose_store_is_away_are_its_own(
    cluster: Cluster, tmp_path: Path
) -> None:
    cluster.address = f"sqlite:///{tmp_path / 'later' / 'study.db'}"
    answer = cluster.search().get("metrics")
    assert answer.status == 200
    assert "ofc_function_start_time_seconds" in families(answer.body.encode())


class _Hanging:
    def start(self, _: object) -> None: ...
    def stop(self) -> None: ...
    def ready(self) -> None: ...


def test_a_function_that_hangs_is_not_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    server = EventServer(_Hanging())  # type: ignore[arg-type]
    assert server.alive() == (True, "alive")
    monkeypatch.setattr(Tally, "longest", lambda _: LONGEST_HANDLING + 1.0)
    assert server.alive() == (False, "an event hangs for 901 s")


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Spans that were finished, in this process."""
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry import trace
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from opentelemetry.util._once import Once

    exporter = InMemorySpanExporter()
    monkeypatch.setattr(tracing, "_on", False)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", Once())
    tracing.set_up_traces({}, exporter)
    yield exporter
    tracing.flush_traces()


@pytest.mark.parametrize("prompt", [False, True])
def test_a_trace_goes_from_the_start_through_events_to_the_search_again(
    spans: Any, cluster: Cluster, prompt: bool
) -> None:
    if prompt:  # as `new()` puts it together: the work is behind the answer
        handler = Prompt(Search(lambda _: cluster.strategy()))
        search = cluster.serve(handler, STUDY_STARTED, TRIAL_COMPLETED, PING)
    else:
        search = cluster.search()
    cluster.sink()
    assert search.send(study_started("s", 0.0)).status == 202
    cluster.await_end()
    tracing.flush_traces()
    finished = spans.get_finished_spans()
    assert {span.name for span in finished} >= {STUDY_STARTED}
    assert len({span.context.trace_id for span in finished}) == 1
    requested = [event for event in cluster.broker.events if event.type == TRIAL_REQUESTED]
    assert all(dict(event.extensions)["traceparent"].startswith("00-") for event in requested)


class _Stuck:
    """Work that never ends of itself."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def start(self, _: object) -> None: ...
    def stop(self) -> None: ...
    def ready(self) -> None: ...
    def note(self, _: object) -> None: ...

    def work(self, _: object) -> Reply:
        self.let_go.wait(60)
        return DONE


def test_work_that_hangs_behind_its_answer_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    tally, worker = Tally(), _Stuck()
    prompt = Prompt(worker, tally)  # type: ignore[arg-type]
    server = EventServer(prompt, tally=tally)
    assert prompt.receive(study_started("s", 0.0)).status == 202
    while not tally.longest():
        time.sleep(0.001)
    monkeypatch.setattr("omniforce.runtime.functions.server.LONGEST_HANDLING", 0.0)
    assert not server.alive()[0]
    worker.let_go.set()
    prompt.stop()
    assert server.alive()[0]
    assert families(exposition(tally, ()))["ofc_events_handled"]["202", "work"] == 1.0


def test_a_forged_context_is_left_alone(spans: Any) -> None:
    forged = Event(id="1", source="/s", type="t", data={}, extensions=(("traceparent", "00-x"),))
    with tracing.span("handled", forged):
        assert tracing.current_ids() is not None
    tracing.flush_traces()
    assert spans.get_finished_spans()[-1].parent is None


def test_without_a_wish_nothing_is_traced_or_imported() -> None:
    import subprocess

    code = (
        "import sys; from omniforce.runtime.telemetry import tracing; tracing.set_up_traces({});"
        "from omniforce.runtime.functions.server import EventServer;"
        "sys.exit(any(m.startswith(('opentelemetry', 'prometheus')) for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_dashboard_asks_for_metrics_that_there_are(cluster: Cluster) -> None:
    import re

    assert cluster.search().send(study_started("s", 0.0)).status == 202
    there = set(families(exposition(Tally(), study_figures(cluster.store()))))
    there |= {f"{name}_total" for name in there} | {"ofc_event_seconds_bucket"}
    dashboard = json.loads((ROOT / "docs" / "observability" / "grafana.json").read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel.get("targets", ())
        for name in re.findall(r"\bofc_\w+", target["expr"])
    }
    assert asked
    assert asked <= there
    assert DONE.status == 202
