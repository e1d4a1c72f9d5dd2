"""NNI's trials: what `nnictl experiment export`, its REST API and its web page write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from .foreign_file import Plain, figure, listing, mapping
from .foreign_study import ForeignTrial

METRIC = "default"
"""What NNI calls the one figure that a trial reports."""


def read_trials(dump: Plain) -> tuple[ForeignTrial, ...]:
    """The trials of `nnictl experiment export`, of the REST API, or of the web page's download."""
    found: list[ForeignTrial] = []
    for number, record in enumerate(_records(dump)):
        parameters = _loaded(record.get("parameter", record.get("hyperParameters")))
        if isinstance(parameters, list) and parameters:  # one a restart; the last counts
            parameters = _loaded(parameters[-1])
        inner = mapping(parameters).get("parameters")
        values = mapping(inner if isinstance(inner, Mapping) else parameters)
        metrics = _metrics(record)
        status = record.get("status")
        if not metrics or (status is not None and status not in ("SUCCEEDED", "EARLY_STOPPED")):
            continue
        started, finished = figure(record.get("startTime")), figure(record.get("endTime"))
        found.append(
            ForeignTrial(
                label=str(record.get("trialJobId", record.get("id", number))),
                values=dict(_flat(values, "")),
                metrics=metrics,
                started=None if started is None else started / 1000,  # NNI's are milliseconds
                finished=None if finished is None else finished / 1000,
                curve=_curve(record),
            )
        )
    return tuple(found)


def _records(dump: Plain) -> Iterator[Mapping[str, Plain]]:
    messages = mapping(dump).get("trialMessage")
    yield from map(mapping, listing(messages if messages is not None else dump))


def _metrics(record: Mapping[str, Plain]) -> dict[str, float]:
    value = _loaded(record.get("value"))
    if value is None:
        final = listing(record.get("finalMetricData"))
        last = mapping(final[-1]) if final else {}
        value = _loaded(_loaded(last.get("data")))
    if isinstance(value, Mapping):
        found = {str(name): figure(each) for name, each in value.items()}
    else:
        found = {METRIC: figure(value)}
    return {name: each for name, each in found.items() if each is not None}


def _curve(record: Mapping[str, Plain]) -> Mapping[str, Mapping[int, float]]:
    points: dict[int, float] = {}
    for step, each in enumerate(listing(record.get("intermediate"))):
        value = _loaded(each)
        number = figure(mapping(value).get(METRIC) if isinstance(value, Mapping) else value)
        if number is not None:
            points[step] = number
    return {METRIC: points} if points else {}


def _loaded(value: Plain) -> Plain:
    """NNI writes JSON in texts of JSON."""
    if not isinstance(value, str):
        return value
    try:
        found: Plain = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found


def _flat(values: Mapping[str, Plain], above: str, depth: int = 0) -> Iterator[tuple[str, Plain]]:
    """Nested choices by their way: `layer` is `Conv`, `layer.Conv.kernel` is 3."""
    for name, value in values.items():
        if isinstance(value, Mapping) and depth < 20:
            chosen = value.get("_name")
            if chosen is not None:
                yield f"{above}{name}", chosen
                rest = {key: each for key, each in value.items() if key != "_name"}
                yield from _flat(rest, f"{above}{name}.{chosen}.", depth + 1)
                continue
        yield f"{above}{name}", value
