"""The blocks whose every value has one fate: data, algorithm, search, deployment, platform.

To add one, add its row. The reasons are those that docs/diff.md gives.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from omniforce.spec.expression.print import duration_to_text, rule_to_text, to_text
from omniforce.spec.frozen import dataclass

from ..capabilities import CUSTOM
from ..ir.program import Explain, Prepare, Program, Search, Serve, Step, Watch
from .change import Change, Fate
from .leaves import Leaves, leaf, leaves

S = TypeVar("S", bound=Step)


@dataclass(frozen=True, slots=True)
class Row:
    """Values that have one fate.

    Attributes:
        where: the block, as docs/diff.md calls it.
        read: the values of a program.
        fate: of finished trials where one of them changes.
        why: the reason.
    """

    where: str
    read: Callable[[Program], Leaves]
    fate: Fate
    why: str


def step(program: Program, kind: type[S]) -> S | None:
    """The first step of a kind."""
    return next((s for s in program.steps if isinstance(s, kind)), None)


def _name(program: Program) -> Leaves:
    return leaf("metadata.name", program.name)


def _labels(program: Program) -> Leaves:
    return {f"metadata.labels.{key}": value for key, value in program.labels}


def _data(program: Program) -> Leaves:
    prepare = step(program, Prepare)
    if prepare is None:
        return {}
    target = leaf("spec.data.target", prepare.target)
    return {**leaf("spec.data.source", prepare.source), **target}


def _split(program: Program) -> Leaves:
    prepare = step(program, Prepare)
    return leaves("spec.data.split", prepare.split) if prepare is not None else {}


def _features(program: Program) -> Leaves:
    prepare = step(program, Prepare)
    if prepare is None:
        return {}
    made: dict[str, str] = {}
    for place, feature in enumerate(prepare.features):
        made |= leaves(f"spec.data.features.{place}", feature)
    return made


def _privacy(program: Program) -> Leaves:
    search = step(program, Search)
    return leaves("spec.data.privacy", search.privacy) if search is not None else {}


def _algorithm(program: Program) -> Leaves:
    search = step(program, Search)
    if search is None:
        return {}
    algorithm = search.algorithm
    if not algorithm.name.startswith(CUSTOM):
        return leaf("spec.algorithm.use", f"{algorithm.name}@{algorithm.version}")
    image = leaf("spec.algorithm.image", algorithm.image)
    if algorithm.command:
        return {**leaf("spec.algorithm.command", shlex.join(algorithm.command)), **image}
    return {**leaf("spec.algorithm.estimator", algorithm.estimator), **image}


def _reported(program: Program) -> Leaves:
    search = step(program, Search)
    if search is None or not search.algorithm.name.startswith(CUSTOM):
        return {}
    metrics = ", ".join(sorted(m.name for m in search.algorithm.metrics))
    parameters = ", ".join(sorted(a.name for a in search.algorithm.arguments))
    return {
        **leaf("spec.algorithm.metrics", f"[{metrics}]"),
        **leaf("spec.algorithm.parameters", f"[{parameters}]"),
    }


def _strategy(program: Program) -> Leaves:
    search = step(program, Search)
    return leaves("spec.search.strategy", search.strategy) if search is not None else {}


def _budget(program: Program) -> Leaves:
    search = step(program, Search)
    if search is None:
        return {}
    parallelism = leaf("spec.search.parallelism", search.parallelism)
    return {**leaves("spec.search.budget", search.budget), **parallelism}


def _seed(program: Program) -> Leaves:
    search = step(program, Search)
    return leaf("spec.search.seed", search.seed) if search is not None else {}


def _limits(program: Program) -> Leaves:
    search = step(program, Search)
    if search is None:
        return {}
    return {
        **leaf("spec.search.trial.timeout", duration_to_text(search.timeout)),
        **leaf("spec.search.trial.retries", search.retries),
        **leaves("spec.search.trial.resources", search.resources),
        **{f"spec.search.trial.retry.{name}": str(count) for name, count in search.retry},
        **leaf("spec.search.trial.backoff", duration_to_text(search.backoff)),
    }


def _waiting(program: Program) -> Leaves:
    search = step(program, Search)
    return leaves("spec.search.waiting", search.waiting) if search is not None else {}


def _stopping(program: Program) -> Leaves:
    search = step(program, Search)
    if search is None or search.stopping is None:
        return {}
    return leaves("spec.search.stopping", search.stopping)


def _warm_start(program: Program) -> Leaves:
    search = step(program, Search)
    return leaf("spec.search.warmStart", str(search.warm_start)) if search is not None else {}


def _nodes(program: Program) -> Leaves:
    search = step(program, Search)
    return leaf("spec.search.trial.nodes", str(search.nodes)) if search is not None else {}


def _model(program: Program) -> Leaves:
    search = step(program, Search)
    served = step(program, Serve) is not None
    return leaf("spec.deployment.model", to_text(search.model)) if search and served else {}


def _deployment(program: Program) -> Leaves:
    serve, watch = step(program, Serve), step(program, Watch)
    explain = step(program, Explain)
    made: dict[str, str] = {}
    if serve is not None:
        made |= leaf("spec.deployment.to", serve.device.name)
        made |= leaves("spec.deployment.scale", serve.scale)
        made |= leaves("spec.deployment.rollout", serve.rollout)
        made |= leaf("spec.deployment.logger", serve.logger)
    if explain is not None:
        made |= leaf("spec.deployment.explain", explain.method)
    if watch is not None:
        made |= leaf("spec.deployment.monitor.drift", rule_to_text(watch.monitor.drift))
        made |= leaf("spec.deployment.monitor.then", watch.monitor.then)
    return made


def _platform(program: Program) -> Leaves:
    return leaves("spec.platform", program.platform)


ROWS: Final[tuple[Row, ...]] = (
    Row(
        "`metadata.name`",
        _name,
        "invalidated",
        "trials are kept under the study's name, and another name begins with none",
    ),
    Row("`metadata.labels`", _labels, "kept", "labels change no result"),
    Row(
        "`data.source`, `data.target`",
        _data,
        "invalidated",
        "figures on other data cannot be compared",
    ),
    Row(
        "`data.split`",
        _split,
        "invalidated",
        "other rows are in each part, by other shares or another seed, and figures on other rows "
        "cannot be compared",
    ),
    Row("`data.features`", _features, "invalidated", "models learn from other columns"),
    Row(
        "`data.privacy`",
        _privacy,
        "invalidated",
        "training adds another noise, and what was spent was spent under another promise",
    ),
    Row(
        "`algorithm.use`, `image`, `estimator`, `command`",
        _algorithm,
        "invalidated",
        "other code trains the models",
    ),
    Row(
        "`algorithm.metrics`, `parameters`",
        _reported,
        "kept",
        "it says what the code does, and changes nothing of it",
    ),
    Row(
        "`search.strategy`",
        _strategy,
        "kept",
        "a strategy is rebuilt from the trials at every round, whoever proposed them",
    ),
    Row(
        "`search.budget`, `parallelism`",
        _budget,
        "kept",
        "it says how many trials there will be, and nothing of those that were",
    ),
    Row(
        "`search.seed`",
        _seed,
        "kept",
        "it draws what is tried next and the noise of a training; figures of another seed are as "
        "good, though the same trials would not come again",
    ),
    Row(
        "`search.trial`",
        _limits,
        "kept",
        "a finished trial stayed within its limits, and its figures do not hang on them",
    ),
    Row(
        "`search.waiting`",
        _waiting,
        "kept",
        "it says how long a round waits, and a trial that came late counts as well",
    ),
    Row(
        "`search.stopping`",
        _stopping,
        "kept",
        "it says when a trial ends early, and one that did has the figures of its last step",
    ),
    Row(
        "`search.warmStart`",
        _warm_start,
        "kept",
        "it says where the search begins, and nothing of the trials that there are",
    ),
    Row(
        "`search.trial.nodes`",
        _nodes,
        "invalidated",
        "training over more or fewer nodes takes other batches, and gives other figures",
    ),
    Row("`deployment.model`", _model, "kept", "it chooses between the trials that there are"),
    Row("`deployment`", _deployment, "kept", "what is served is trained anew after the search"),
    Row("`platform`", _platform, "kept", "where it runs changes no result"),
)
"""In the order of the file."""


def block_changes(before: Program, after: Program) -> Iterator[Change]:
    """The values that differ, in the order of `ROWS`."""
    for row in ROWS:
        old, new = row.read(before), row.read(after)
        for path in dict.fromkeys((*old, *new)):
            if old.get(path) != new.get(path):
                yield Change(path, old.get(path), new.get(path), row.fate, row.why)
