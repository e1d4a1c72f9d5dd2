"""Trials of Determined out of what its command line writes.

`det experiment describe ID --json --metrics`, the REST API's `trials`, or the CSV files of
`det experiment describe ID --csv --metrics --outdir DIR`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping

from .foreign_file import Plain, figure, listing, mapping
from .foreign_study import ForeignTrial
from .times import seconds_of

_VALIDATION = "Validation Metric: "
_ENDED = frozenset({"COMPLETED", "STATE_COMPLETED"})


def read_trials(dump: Plain, metric: str, smaller: bool) -> tuple[ForeignTrial, ...]:
    """The completed trials of a dump in JSON.

    Args:
        dump: a list of experiments, one of them, or a list of trials.
        metric: the searcher's; of several validations the one with its best value counts.
        smaller: whether less of it is better.
    """
    found: list[ForeignTrial] = []
    for number, trial in enumerate(_trials(dump)):
        if str(trial.get("state", "COMPLETED")) not in _ENDED:
            continue
        validations = list(_validations(trial))
        best = _best([each for _, each in validations], metric, smaller)
        if best is None:
            continue
        points = {step: each[metric] for step, each in validations if metric in each}
        hparams = trial.get("hparams", trial.get("hyperparameters"))
        found.append(
            ForeignTrial(
                label=str(trial.get("id", number)),
                values=dict(_flat(mapping(hparams), "")),
                metrics=best,
                started=seconds_of(trial.get("startTime", trial.get("start_time"))),
                finished=seconds_of(trial.get("endTime", trial.get("end_time"))),
                curve={metric: points} if points else {},
            )
        )
    return tuple(found)


def is_table(text: str) -> bool:
    """Whether it is one of the CSV files."""
    first = text[:300].lstrip("\ufeff")
    return first.startswith(("Trial ID,", '"Trial ID",'))


def read_tables(texts: list[str], metric: str, smaller: bool) -> tuple[ForeignTrial, ...]:
    """The completed trials of `trials.csv` with the figures of `workloads.csv`."""
    trials: dict[str, Mapping[str, str]] = {}
    validations: dict[str, list[tuple[int, Mapping[str, float]]]] = {}
    for text in texts:
        rows: Iterator[Mapping[str, str]] = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
        for row in rows:
            number = row.get("Trial ID") or ""
            if "H-Params" in row:
                trials[number] = row
                continue
            figures = {
                name.removeprefix(_VALIDATION): figure(value)
                for name, value in row.items()
                if isinstance(name, str) and name.startswith(_VALIDATION)
            }
            known = {name: value for name, value in figures.items() if value is not None}
            step = figure(row.get("# of Batches"))
            if known:
                validations.setdefault(number, []).append((int(step or 0), known))
    found: list[ForeignTrial] = []
    for number, row in trials.items():
        reported = validations.get(number, [])
        best = _best([each for _, each in reported], metric, smaller)
        if row.get("State") not in _ENDED or best is None:
            continue
        try:
            hparams: Plain = json.loads(row["H-Params"])
        except (ValueError, RecursionError):
            continue
        points = {step: each[metric] for step, each in reported if metric in each}
        found.append(
            ForeignTrial(
                label=number,
                values=dict(_flat(mapping(hparams), "")),
                metrics=best,
                started=seconds_of(row.get("Start Time")),
                finished=seconds_of(row.get("End Time")),
                curve={metric: points} if points else {},
            )
        )
    return tuple(found)


def _trials(dump: Plain) -> Iterator[Mapping[str, Plain]]:
    inner = mapping(dump).get("trials")
    for each in listing(inner if inner is not None else dump):
        nested = mapping(each).get("trials")
        if nested is not None:
            yield from map(mapping, listing(nested))
        else:
            yield mapping(each)


def _validations(trial: Mapping[str, Plain]) -> Iterator[tuple[int, Mapping[str, float]]]:
    """Every validation with the number of batches before it."""
    for step in map(mapping, listing(trial.get("steps"))):
        metrics = mapping(mapping(step.get("validation")).get("metrics"))
        yield from _figures(step.get("total_batches"), metrics.get("validation_metrics"))
    for key in ("latestValidation", "bestValidation"):
        validation = mapping(trial.get(key))
        metrics = mapping(validation.get("metrics"))
        yield from _figures(validation.get("totalBatches"), metrics.get("avgMetrics"))


def _figures(step: Plain, metrics: Plain) -> Iterator[tuple[int, Mapping[str, float]]]:
    found = {str(name): figure(value) for name, value in mapping(metrics).items()}
    known = {name: value for name, value in found.items() if value is not None}
    if known:
        yield int(figure(step) or 0), known


def _best(
    validations: list[Mapping[str, float]], metric: str, smaller: bool
) -> Mapping[str, float] | None:
    having = [each for each in validations if metric in each]
    if not having:
        return None
    return min(having, key=lambda each: each[metric] if smaller else -each[metric])


def _flat(values: Mapping[str, Plain], above: str, depth: int = 0) -> Iterator[tuple[str, Plain]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and depth < 20:
            yield from _flat(value, f"{above}{name}.", depth + 1)
        else:
            yield f"{above}{name}", value
