"""Katib's Trials, as `kubectl get trials -o yaml` writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .foreign_file import Plain, figure, listing, mapping
from .foreign_study import ForeignTrial
from .times import seconds_of


def read_trials(dump: Plain, experiment: str | None, maximum: bool) -> tuple[ForeignTrial, ...]:
    """The Trials that succeeded.

    Args:
        dump: what `kubectl get trials -o yaml` or `-o json` writes, or a list of such objects.
        experiment: whose; a Trial that names another is passed over.
        maximum: whether Katib's own choice, where its strategies say none, is the greatest value.
    """
    found: list[ForeignTrial] = []
    for plain in map(mapping, _objects(dump)):
        if plain.get("kind") != "Trial":
            continue
        labels = mapping(mapping(plain.get("metadata")).get("labels"))
        if labels.get("katib.kubeflow.org/experiment", experiment) != experiment:
            continue
        status = mapping(plain.get("status"))
        conditions = map(mapping, listing(status.get("conditions")))
        if not any(
            c.get("type") == "Succeeded" and str(c.get("status")) == "True" for c in conditions
        ):
            continue
        spec = mapping(plain.get("spec"))
        metrics: dict[str, float] = {}
        chosen = {
            str(mapping(s).get("name")): str(mapping(s).get("value"))
            for s in listing(mapping(spec.get("objective")).get("metricStrategies"))
        }
        for each in map(mapping, listing(mapping(status.get("observation")).get("metrics"))):
            metric = str(each.get("name"))
            which = chosen.get(metric, "max" if maximum else "min")
            value = figure(each.get(which))
            value = figure(each.get("latest")) if value is None else value
            if value is not None:
                metrics[metric] = value
        assigned = map(mapping, listing(spec.get("parameterAssignments")))
        found.append(
            ForeignTrial(
                label=str(mapping(plain.get("metadata")).get("name") or len(found)),
                values={str(a.get("name")): a.get("value") for a in assigned},
                metrics=metrics,
                started=seconds_of(status.get("startTime")),
                finished=seconds_of(status.get("completionTime")),
            )
        )
    return tuple(found)


def _objects(dump: Plain) -> Iterator[Plain]:
    items = mapping(dump).get("items")
    if items is not None:
        yield from listing(items)
    elif isinstance(dump, Mapping):
        yield dump
    else:
        for each in listing(dump):
            yield from _objects(each)
