"""A metric of a device says on which device, and by which statistic; one of the training neither.

This holds wherever a metric stands: in objectives and requirements, and in `pareto(...)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..blocks.algorithm import Algorithm
from ..blocks.devices import DEVICE_METRICS, STATISTICS
from ..expression.tree import Metric, ParetoModel
from ..fix import is_sure
from ..readers import nearest, or_list
from ..source import Path
from .finding import Finding, Place, Readable, figure

MODEL = ("spec", "deployment", "model")


def metrics(document: Readable) -> Iterator[Finding]:
    """Asks of every metric that somebody reports it."""
    for path, metric in _metrics(document):
        place = Place(path, metric.at)
        if metric.name in DEVICE_METRICS:
            yield from _of_device(document, metric, place, complete=path != MODEL)
        elif metric.device is not None:
            yield _not_measured(metric, place)
        elif metric.statistic is not None:
            yield Finding(
                "OFC314",
                f"`{metric.name}` is a figure of the training, it has no `{metric.statistic}`",
                place,
                "one figure",
                f"write `{metric.name}`",
                instead=metric.name,
            )
        else:
            yield from _of_training(document, metric, place)


def _metrics(document: Readable) -> Iterator[tuple[Path, Metric]]:
    for path, goal in document.goals():
        yield path, goal.metric
    model = document.value(ParetoModel, *MODEL)
    for requirement in model.requirements if model is not None else ():
        yield MODEL, requirement.metric


def _of_device(
    document: Readable, metric: Metric, place: Place, complete: bool
) -> Iterator[Finding]:
    statistic = metric.statistic
    if metric.name == "latency" and statistic is None:
        yield Finding(
            "OFC309",
            "`latency` is many figures, one for each call",
            place,
            "which of them?",
            f"write {or_list(tuple(f'latency.{s}' for s in STATISTICS))}",
        )
    elif metric.name == "latency" and statistic not in STATISTICS:
        meant = nearest(statistic or "", STATISTICS)
        yield Finding(
            "OFC309",
            f"`{statistic}` is no statistic of a latency",
            place,
            f"did you mean `{meant}`?" if meant else "unknown statistic",
            f"write {or_list(tuple(f'latency.{s}' for s in STATISTICS))}",
            instead=figure(replace(metric, statistic=meant)) if meant else "",
        )
    elif metric.name != "latency" and statistic is not None:
        yield Finding(
            "OFC309",
            f"`{metric.name}` is one figure, it has no `{statistic}`",
            place,
            "one figure",
            f"write `{metric.name}`",
            instead=figure(replace(metric, statistic=None)),
        )
    known = document.devices()
    if metric.device is None and complete:
        device = known[0] if known else "server"
        yield Finding(
            "OFC309",
            f"`{metric.name}` is measured on a device, and none is named",
            place,
            "on which device?",
            f"write `on {device}` behind it"
            + ("" if known else ", and `devices: {server: {runtime: onnx}}`"),
            instead=figure(replace(metric, device=device)) if len(known) == 1 else "",
            sure=True,
        )


def _not_measured(metric: Metric, place: Place) -> Finding:
    meant = nearest(metric.name, DEVICE_METRICS)
    return Finding(
        "OFC314",
        f"`{metric.name}` is not measured on a device",
        place,
        f"did you mean `{meant}`?" if meant else "not a figure of a device",
        f"write `{meant}`"
        if meant
        else f"a device gives {or_list(DEVICE_METRICS)}; for a figure of the training, "
        f"write `{metric.name}` without `on {metric.device}`",
        instead=figure(replace(metric, name=meant)) if meant else "",
        sure=meant is not None and is_sure(metric.name, meant, DEVICE_METRICS),
    )


def _of_training(document: Readable, metric: Metric, place: Place) -> Iterator[Finding]:
    """What an estimator of the writer's own reports is known only from `algorithm.metrics`."""
    algorithm = document.value(Algorithm, "spec", "algorithm")
    if algorithm is None or metric.name in algorithm.metrics:
        return
    if algorithm.estimator is None and not algorithm.command:
        return
    meant = nearest(metric.name, algorithm.metrics)
    yield Finding(
        "OFC314",
        f"the algorithm does not say that it reports `{metric.name}`",
        place,
        f"did you mean `{meant}`?" if meant else "not under `algorithm.metrics`",
        f"write `{meant}`" if meant else f"add `metrics: [{metric.name}]` to `algorithm`",
        (Place(("spec", "algorithm", "metrics")), "what it reports") if algorithm.metrics else None,
        instead=meant or "",
    )
