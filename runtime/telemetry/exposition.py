"""Prometheus' metrics of a process and of its study's store, in the text form that it scrapes.

Functions sleep, and their counters with them: what must be seen of a study at any time is read
from the store when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .study_figures import StudyFigures
from .tally import BUCKETS, Tally

if TYPE_CHECKING:
    from prometheus_client.core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(tally: Tally | None, figures: tuple[StudyFigures, ...]) -> bytes:
    """The text.

    Args:
        tally: of this process; None leaves it out.
        figures: of the studies.
    """
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import generate_latest
    from prometheus_client.registry import Collector

    class Everything(Collector):
        def collect(self) -> Iterator[Metric]:
            if tally is not None:
                yield from _of_process(tally)
            yield from _of_studies(figures)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Everything())
    return generate_latest(registry)


def _of_process(tally: Tally) -> Iterator[Metric]:
    from prometheus_client.core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    yield GaugeMetricFamily(
        "ofc_function_start_time_seconds", "When this process woke.", value=tally.started
    )
    answers = CounterMetricFamily(
        "ofc_events_handled", "Events answered, by type and status.", labels=("type", "status")
    )
    for (type_, status), count in sorted(tally.answers.items()):
        answers.add_metric((type_, str(status)), count)
    yield answers
    took = HistogramMetricFamily(
        "ofc_event_seconds", "Seconds from an event to its answer.", labels=("type",)
    )
    for type_, durations in sorted(tally.durations.items()):
        buckets, running = [], 0
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), durations.counts, strict=True):
            running += count
            buckets.append((bound, float(running)))
        took.add_metric((type_,), buckets, durations.total)
    yield took


def _of_studies(figures: tuple[StudyFigures, ...]) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    labels = ("project", "study")
    state = GaugeMetricFamily(
        "ofc_study_state", "1 for the state that the study is in.", labels=(*labels, "state")
    )
    trials = GaugeMetricFamily("ofc_trials", "Trials by state.", labels=(*labels, "state"))
    failures = CounterMetricFamily(
        "ofc_trial_failures", "Trials without a result, by class.", labels=(*labels, "failure")
    )
    best = GaugeMetricFamily(
        "ofc_study_best", "The best trial's objectives, in base units.", labels=(*labels, "metric")
    )
    budget = GaugeMetricFamily(
        "ofc_budget_used_ratio", "What is spent of each bound.", labels=(*labels, "bound")
    )
    seconds = CounterMetricFamily(
        "ofc_trial_seconds", "Seconds that attempts have taken.", labels=labels
    )
    unsent = GaugeMetricFamily(
        "ofc_outbox_unsent", "Events committed and not yet sent.", labels=labels
    )
    oldest = GaugeMetricFamily(
        "ofc_outbox_oldest_seconds", "How long the oldest of them has waited.", labels=labels
    )
    dead = CounterMetricFamily("ofc_dead_letters", "Events that nobody would take.", labels=())
    for each in figures:
        key = (each.project, each.study)
        state.add_metric((*key, each.state), 1.0)
        for name, count in each.trials:
            trials.add_metric((*key, name), count)
        for name, count in each.failures:
            failures.add_metric((*key, name), count)
        for name, value in each.best:
            best.add_metric((*key, name), value)
        for name, share in each.budget:
            budget.add_metric((*key, name), share)
        seconds.add_metric(key, each.seconds)
        unsent.add_metric(key, each.unsent)
        oldest.add_metric(key, each.oldest)
    yield from (state, trials, failures, best, budget, seconds, unsent, oldest)
    if figures:
        dead.add_metric((), figures[0].dead_letters)
        yield dead
