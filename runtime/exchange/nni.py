"""An experiment of NNI: its configuration, of the versions 1 to 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from omniforce.spec.expression.parse import parse
from omniforce.spec.expression.syntax_problem import SyntaxProblem
from omniforce.spec.expression.tree import Quantity
from omniforce.spec.expression.units import UNITS, to_base
from omniforce.spec.nodes import MappingNode, Node, Scalar

from .command import estimator_of
from .findings import Findings
from .foreign_block import ForeignBlock
from .foreign_study import ForeignStudy, Strategy, Wish
from .naming import Naming, study_name
from .nni_space import read_space
from .nni_trials import METRIC

N = TypeVar("N", int, float)


_SAME: Mapping[str, Strategy] = {"random": "random"}
_LIKE: Mapping[str, Strategy] = {
    "tpe": "bayesian",
    "smac": "bayesian",
    "gp": "bayesian",
    "gptuner": "bayesian",
    "metis": "bayesian",
    "metistuner": "bayesian",
    "dngo": "bayesian",
    "dngotuner": "bayesian",
    "bohb": "bayesian",
    "anneal": "evolution",
    "evolution": "evolution",
    "pbttuner": "evolution",
    "gridsearch": "random",
    "batchtuner": "random",
}


def is_config(node: Node) -> bool:
    """Whether a document is a configuration of NNI."""
    if not isinstance(node, MappingNode):
        return False
    keys = {entry.key.text for entry in node.entries}
    return bool(
        keys & {"trialCommand", "searchSpaceFile", "searchSpacePath", "trainingServicePlatform"}
    ) or ("trainingService" in keys and "searchSpace" in keys)


def is_space(node: Node) -> bool:
    """Whether a document is a search space alone."""
    if not isinstance(node, MappingNode) or not node.entries:
        return False
    values = [entry.value for entry in node.entries]
    return all(isinstance(each, MappingNode) and each.get("_type") for each in values)


def space_file(node: MappingNode) -> str | None:
    """The file with the search space that a configuration names."""
    for key in ("searchSpaceFile", "searchSpacePath"):
        found = node.get(key)
        if isinstance(found, Scalar) and found.text:
            return found.text
    return None


def read_config(
    node: MappingNode, space: MappingNode | None, findings: Findings
) -> ForeignStudy | None:
    """The configuration as a study.

    Args:
        node: the configuration.
        space: the search space of its file; None where it stands in the configuration, or is
            missing.
        findings: gets what a spec cannot say.
    """
    top = ForeignBlock(node, "", findings)
    top.passed_over("searchSpaceFile", "searchSpacePath", "authorName", "debug", "logLevel")
    top.passed_over("experimentWorkingDirectory", "logDir", "useAnnotation", "multiThread")
    inside = top.block("searchSpace")
    if inside is None and space is None:
        findings.wrong(
            "the search space is missing",
            node.span,
            "no `searchSpace`",
            "name its file with `--search-space search_space.json`",
        )
        return None
    naming = Naming(findings)
    written = inside.node if inside is not None else space
    parameters, constants = read_space(written or node, naming, findings)
    tuner = _tuner(top, findings)
    direction = tuner.direction
    name = naming.metric("score", None)
    findings.lacking(
        "NNI's trials report one figure without a name: the spec calls it `score`",
        "give it the name that `metrics()` of your estimator uses",
    )
    trial = _trial(top, findings)
    gpus = top.whole("trialGpuNumber")
    study = ForeignStudy(
        system="nni",
        name=study_name(top.text("experimentName"), "nni"),
        parameters=parameters,
        constants=constants,
        wishes=(Wish(direction, name, METRIC),),
        strategy=tuner.strategy,
        seed=tuner.seed,
        trials=_first(top.whole("maxTrialNumber"), top.whole("maxTrialNum")),
        wall_clock=_first(
            _duration(top, "maxExperimentDuration", findings),
            _duration(top, "maxExecDuration", findings),
        ),
        timeout=_duration(top, "maxTrialDuration", findings),
        parallelism=top.whole("trialConcurrency"),
        gpu=_first(gpus, trial.gpus),
        estimator=trial.estimator,
    )
    for key in ("assessor", "advisor"):
        if (found := top.node_of(key)) is not None:
            findings.unsaid(
                f"`{key}`, which ends trials early, has no counterpart",
                found.span,
                "`strategy: {name: hyperband, options: {fidelity: epochs}}` spends less on what "
                "is bad",
            )
    for key in ("trainingService", "trainingServicePlatform"):
        if (found := top.node_of(key)) is not None:
            findings.unsaid(
                f"`{key}` says where trials run, and a spec runs anywhere",
                found.span,
                "`ofc run` runs it here, `ofc compile` makes it for a cluster",
            )
    top.finish()
    return study


@dataclass(frozen=True, slots=True)
class _Tuner:
    strategy: Strategy
    direction: Literal["maximize", "minimize"]
    seed: int | None


def _tuner(top: ForeignBlock, findings: Findings) -> _Tuner:
    block = top.block("tuner")
    if block is None:
        return _Tuner("auto", "maximize", None)
    own = block.text("name")
    name = own if own is not None else block.text("builtinTunerName")
    strategy: Strategy = "auto"
    if name is not None:
        known = name.lower()
        strategy = _SAME.get(known) or _LIKE.get(known, "auto")
        if known not in _SAME:
            findings.otherwise(
                f"NNI's `{name}` is not ours: the spec says `{strategy}`",
                block.place("name") or block.place("builtinTunerName"),
                f"`{strategy}` in the spec",
                "docs/strategies.md says what there is",
            )
    for key in ("className", "classFileName", "codeDirectory", "codeDir"):
        if (found := block.node_of(key)) is not None:
            findings.unsaid(
                f"`tuner.{key}` is code of your own, which is not run here",
                found.span,
                "a package adds a strategy by the entry point `omniforce.strategies`",
            )
    arguments = block.block("classArgs")
    mode = arguments.text("optimize_mode") if arguments else None
    seed = arguments.whole("seed") if arguments else None
    if arguments is not None:
        arguments.finish("options of ours stand under `search.strategy.options`")
    block.finish()
    if mode is None:
        findings.lacking(
            "the tuner does not say whether more is better: the objective is `maximize`",
            "write `minimize` where the figure is a loss",
            block.span,
        )
    return _Tuner(
        strategy,
        "minimize" if mode == "minimize" else "maximize",
        None if seed is None else seed % 2**32,
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    estimator: str | None
    gpus: int | None


def _trial(top: ForeignBlock, findings: Findings) -> _Trial:
    """What runs a trial: `trialCommand`, or the block `trial` of the first version."""
    command, place = top.text("trialCommand"), top.place("trialCommand")
    directory = top.node_of("trialCodeDirectory")
    gpus = None
    block = top.block("trial")
    if block is not None:
        command, place = block.text("command"), block.place("command")
        directory = block.node_of("codeDir")
        gpus = block.whole("gpuNum")
        block.finish()
    estimator = estimator_of(command or "")
    if command is not None:
        findings.unsaid(
            "the trial's command is not taken over",
            place,
            f"wrap the training in a class; the spec names it `{estimator}`"
            if estimator
            else "wrap the training in a class, and name it as `algorithm.estimator`",
        )
    if directory is not None and getattr(directory, "text", ".") not in (".", "./"):
        findings.unsaid(
            "the folder of the trial's code is not taken over",
            directory.span,
            "put the estimator's module beside the spec, or into the image",
        )
    return _Trial(estimator, gpus)


def _duration(top: ForeignBlock, key: str, findings: Findings) -> float | None:
    node = top.node_of(key)
    if node is None:
        return None
    text = node.text.strip() if isinstance(node, Scalar) else ""
    try:
        found = parse("quantity", text if not text.isdigit() else f"{text}s")
    except SyntaxProblem:
        found = None
    if isinstance(found, Quantity) and UNITS[found.unit].dimension == "time" and found.value > 0:
        return to_base(found.value, found.unit)
    findings.wrong(f"`{key}` is no duration", node.span, "expected a duration", "write `24h`")
    return None


def _first(one: N | None, other: N | None) -> N | None:
    return one if one is not None else other
