"""`model.json`: what is known of a model beside its numbers."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omniforce.spec.problem import Problem

if TYPE_CHECKING:
    from ..data.dataset import Dataset, Task

FILE = "model.json"
MODEL = "model.onnx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A model that left its study.

    Attributes:
        study: the study's name.
        trial: the number of the trial whose parameters it has.
        algorithm: `area/name@version`, or the class of the writer's own.
        arguments: what the estimator was called with, as JSON.
        classes: in the order of the output's columns; empty for a regression.
        feature_names: in the order of the input's columns, or of its pixels.
        sample_shape: of one row.
        data: the digest of the data that it learnt from.
        steps: the feature steps with what they learnt; the model takes rows that had them.
        metrics: by key, in base units.
    """

    study: str
    trial: int
    algorithm: str
    arguments: str
    task: Task
    classes: tuple[str, ...]
    feature_names: tuple[str, ...]
    sample_shape: tuple[int, ...]
    data: str
    steps: tuple[str, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)


def describe(
    data: Dataset,
    *,
    study: str,
    trial: int,
    algorithm: str,
    arguments: Mapping[str, object],
    metrics: Mapping[str, float],
) -> Description:
    """The description of a model that was trained on `data`."""
    return Description(
        study=study,
        trial=trial,
        algorithm=algorithm,
        arguments=json.dumps(arguments, sort_keys=True),
        task=data.task,
        classes=data.classes,
        feature_names=data.feature_names,
        sample_shape=data.sample_shape,
        data=data.digest,
        steps=data.steps,
        metrics=dict(metrics),
    )


def write(description: Description, directory: Path) -> None:
    """Writes `model.json`, whole or not at all."""
    plain = asdict(description)
    plain["arguments"] = json.loads(description.arguments)
    plain["steps"] = [json.loads(step) for step in description.steps]
    fresh = directory / f".{FILE}.{os.getpid()}"
    fresh.write_text(json.dumps(plain, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(directory / FILE)


def read(directory: Path) -> Description:
    """Reads what `write` wrote.

    Raises:
        Problem: OFC741 where there is none, or one that is no description.
    """
    path = directory / FILE
    try:
        plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        plain["arguments"] = json.dumps(plain["arguments"], sort_keys=True)
        plain["steps"] = tuple(json.dumps(step, sort_keys=True) for step in plain["steps"])
        for name in ("classes", "feature_names", "sample_shape"):
            plain[name] = tuple(plain[name])
        return Description(**plain)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(
            "OFC741",
            f"`{path}` does not describe a model: {error}",
            "train it again with `ofc run`",
        ) from error
