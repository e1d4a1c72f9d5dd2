"""An experiment of another system as a spec, in house form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from omniforce.spec.blocks.study import API_VERSION, KIND
from omniforce.spec.expression.print import number_to_text, value_to_text
from omniforce.spec.formatting.formatter import format_source
from omniforce.spec.source import Source
from omniforce.spec.yaml.text import Plain, to_yaml

from .findings import Findings
from .foreign_study import Bounds, ForeignStudy, Searched

ESTIMATOR = "estimator:Estimator"
DATA = "file://data.csv"
SCHEMA = "# yaml-language-server: $schema=https://omniforce.dev/schema/v1alpha2.json\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the command line says in the place of what no other system's file does."""

    name: str | None = None
    source: str | None = None
    target: str | None = None
    estimator: str | None = None
    image: str | None = None
    trials: int | None = None


def spec_text(study: ForeignStudy, filled: Filled, findings: Findings) -> str:
    """The spec; what had to be made up for it is a finding."""
    tree: dict[str, Plain] = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": filled.name or study.name},
        "spec": {
            "data": _data(filled, findings),
            "algorithm": _algorithm(study, filled, findings),
            "searchSpace": {p.name: parameter(p) for p in study.parameters},
            "objectives": [f"{wish.direction} {wish.metric}" for wish in study.wishes],
            "search": dict(_search(study, filled, findings)),
        },
    }
    made = format_source(Source("spec", SCHEMA + to_yaml(tree)))
    return made if isinstance(made, str) else to_yaml(tree)


def _data(filled: Filled, findings: Findings) -> dict[str, Plain]:
    if filled.source is None:
        findings.lacking(
            f"the file does not say what is learnt from: `data.source` is `{DATA}` for now",
            "write where the data is, or give it as `--source sklearn://digits --target label`",
        )
    data: dict[str, Plain] = {"source": filled.source or DATA}
    if filled.target is not None:
        data["target"] = filled.target
    return data


def _algorithm(study: ForeignStudy, filled: Filled, findings: Findings) -> dict[str, Plain]:
    estimator = filled.estimator or study.estimator
    if estimator is None:
        findings.lacking(
            f"the file runs a program, a spec a class: `algorithm.estimator` is `{ESTIMATOR}` "
            "for now",
            "wrap the training in a class with `run()` and `metrics()`, see docs/running-here.md, "
            "and name it, or give it as `--estimator my_model:Classifier`",
        )
    algorithm: dict[str, Plain] = {}
    image = filled.image or study.image
    if image is not None:
        algorithm["image"] = image
    algorithm["estimator"] = estimator or ESTIMATOR
    if study.constants:
        algorithm["arguments"] = dict(study.constants)
    names = (*(wish.metric for wish in study.wishes), *(name for name, _ in study.metrics))
    algorithm["metrics"] = list(dict.fromkeys(names))
    return algorithm


def parameter(searched: Searched) -> dict[str, Plain]:
    """A parameter in the long form."""
    made: dict[str, Plain] = {}
    match searched.range:
        case Bounds(low=low, high=high):
            whole = isinstance(low, int) and isinstance(high, int)
            made["type"] = "int" if whole else "float"
            ends = (low, high) if whole else (float(low), float(high))
            made["range"] = "...".join(map(number_to_text, ends))
        case (value,):
            made["value"] = value_to_text(value)
        case (False, True) | (True, False):
            made["type"] = "bool"
        case values:
            made["type"] = "ordinal" if searched.ordered else "choice"
            made["range"] = f"{{{', '.join(map(value_to_text, values))}}}"
    if searched.log:
        made["scale"] = "log"
    said: dict[str, Plain] = {
        "step": searched.step,
        "prior": searched.prior,
        "when": searched.when,
    }
    return made | {key: value for key, value in said.items() if value is not None}


def _search(study: ForeignStudy, filled: Filled, findings: Findings) -> Iterator[tuple[str, Plain]]:
    strategy: Plain = study.strategy
    if study.options:
        strategy = {"name": study.strategy, "options": dict(study.options)}
    yield "strategy", strategy
    budget: dict[str, Plain] = {}
    trials = filled.trials or study.trials
    if trials is not None:
        budget["trials"] = trials
    if study.wall_clock is not None:
        budget["wallClock"] = _seconds(study.wall_clock)
    if not budget:
        budget["trials"] = 100
        findings.lacking(
            "the file bounds nothing: `search.budget.trials` is 100 for now",
            "write how many are wanted, or give it as `--budget 40`",
        )
    yield "budget", budget
    if study.parallelism is not None:
        yield "parallelism", study.parallelism
    if study.seed is not None:
        yield "seed", study.seed
    trial: dict[str, Plain] = {}
    if study.timeout is not None:
        trial["timeout"] = _seconds(study.timeout)
    if study.retries is not None:
        trial["retries"] = study.retries
    named: dict[str, Plain] = {"cpu": study.cpu, "gpu": study.gpu}
    resources = {key: value for key, value in named.items() if value is not None}
    if study.memory is not None:
        resources["memory"] = _bytes(study.memory)
    if resources:
        trial["resources"] = resources
    if trial:
        yield "trial", trial


def _seconds(value: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if value >= size and value % size == 0:
            return f"{int(value // size)}{unit}"
    return f"{value:g}s"


def _bytes(value: int) -> str:
    for unit, size in (("GiB", 2**30), ("MiB", 2**20)):
        if value % size == 0:
            return f"{value // size}{unit}"
    return f"{value}B"
