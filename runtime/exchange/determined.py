"""An experiment configuration of Determined."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from omniforce.spec.nodes import MappingNode, Node, Scalar

from .command import estimator_of
from .determined_space import read_space
from .findings import Findings
from .foreign_block import ForeignBlock
from .foreign_study import ForeignStudy, Strategy, Wish
from .naming import Naming, study_name

_SAME: Mapping[str, Strategy] = {"random": "random"}
_CLASS = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


def is_config(node: Node) -> bool:
    """Whether a document is a configuration of Determined."""
    if not isinstance(node, MappingNode):
        return False
    keys = {entry.key.text for entry in node.entries}
    return {"searcher", "hyperparameters"} <= keys or {"searcher", "entrypoint"} <= keys


def read_config(node: MappingNode, findings: Findings) -> ForeignStudy | None:
    """The configuration as a study."""
    top = ForeignBlock(node, "", findings)
    searcher = top.block("searcher")
    space = top.block("hyperparameters")
    if searcher is None or space is None:
        missing = "searcher" if searcher is None else "hyperparameters"
        findings.wrong(
            f"the configuration has no `{missing}`",
            node.span,
            f"no `{missing}`",
            "`det experiment config ID` writes all of it",
        )
        return None
    naming = Naming(findings)
    read = _searcher(searcher, naming, findings)
    parameters, constants = read_space(space.node, naming, findings, grid=read.name == "grid")
    resources = _resources(top, findings)
    reproducibility = top.block("reproducibility")
    seed = reproducibility.whole("experiment_seed") if reproducibility else None
    if reproducibility is not None:
        reproducibility.finish()
    study = ForeignStudy(
        system="determined",
        name=study_name(top.text("name") or top.text("description"), "determined"),
        parameters=parameters,
        constants=constants,
        wishes=() if read.wish is None else (read.wish,),
        strategy=read.strategy,
        trials=read.trials,
        parallelism=read.parallelism,
        seed=None if seed is None else seed % 2**32,
        gpu=resources,
        image=_image(top, findings),
        estimator=_estimator(top, findings),
    )
    restarts = top.whole("max_restarts")
    if restarts is not None:
        findings.otherwise(
            "`max_restarts` tries a failed trial again; here a lost one is, and a failed one where "
            "`trial.retry` says so",
            top.place("max_restarts"),
            "not in the spec",
            f"write `retry: {{exit: {restarts}}}` under `search.trial`",
        )
    top.passed_over("description", "labels", "workspace", "project", "debug")
    top.finish()
    return study


@dataclass(frozen=True, slots=True)
class _Searcher:
    name: str
    wish: Wish | None
    strategy: Strategy
    trials: int | None
    parallelism: int | None


def _searcher(block: ForeignBlock, naming: Naming, findings: Findings) -> _Searcher:
    name, metric = block.text("name") or "", block.text("metric")
    smaller = block.truth("smaller_is_better")
    wish = None
    if metric is None:
        findings.wrong(
            "`searcher.metric` is missing",
            block.span,
            "nothing to make best",
            "write `metric: validation_loss`",
        )
    else:
        direction: Literal["maximize", "minimize"] = "maximize" if smaller is False else "minimize"
        wish = Wish(direction, naming.metric(metric, block.place("metric")), metric)
    strategy: Strategy = _SAME.get(name, "random" if name in ("grid", "single") else "auto")
    trials = block.whole("max_trials")
    if name == "single":
        trials = 1
    if name not in _SAME and name != "single":
        findings.otherwise(
            f"Determined's `{name}` is not ours: the spec says `{strategy}`",
            block.place("name") or block.span,
            f"`{strategy}` in the spec",
            "on a finite space `random` tries each point once, and ends with the last"
            if name == "grid"
            else "`strategy: {name: hyperband, options: {fidelity: epochs}}` has one of the "
            "parameters say how long a trial trains",
        )
    for key in ("max_length", "max_time", "time_metric"):
        if (found := block.node_of(key)) is not None:
            findings.unsaid(
                f"`searcher.{key}`, how long a trial trains, is the estimator's own here",
                found.span,
                "set it under `algorithm.arguments`, as in `arguments: {epochs: 10}`",
            )
    parallelism = block.whole("max_concurrent_trials")
    if parallelism is None and name not in ("single", ""):
        parallelism = 16  # Determined's default
    if parallelism == 0:
        findings.otherwise(
            "`max_concurrent_trials: 0` means as many as possible; the spec says 16",
            block.place("max_concurrent_trials"),
            "16 in the spec",
        )
        parallelism = 16
    block.finish()
    return _Searcher(name, wish, strategy, trials, parallelism)


def _resources(top: ForeignBlock, findings: Findings) -> int | None:
    block = top.block("resources")
    if block is None:
        return None
    slots = block.whole("slots_per_trial")
    if slots is not None and slots > 64:
        findings.unsaid(
            f"a trial on {slots} slots is on several machines",
            block.place("slots_per_trial"),
            "write `search.trial.resources.gpu` for what one machine has",
        )
        slots = 64
    block.finish()
    return slots


def _image(top: ForeignBlock, findings: Findings) -> str | None:
    block = top.block("environment")
    if block is None:
        return None
    node = block.node_of("image")
    image = node.text if isinstance(node, Scalar) else None
    if isinstance(node, MappingNode):
        by_device = ForeignBlock(node, "environment.image", findings)
        image = by_device.text("cuda") or by_device.text("gpu")
        cpu = by_device.text("cpu")
        image = image or cpu
        by_device.finish()
    block.finish()
    if image is not None and not re.fullmatch(r"[A-Za-z0-9./:@_-]+", image):
        findings.unsaid("the image's name is none", block.place("image"))
        return None
    return image


def _estimator(top: ForeignBlock, findings: Findings) -> str | None:
    node = top.node_of("entrypoint")
    if node is None:
        return None
    text = node.text if isinstance(node, Scalar) else ""
    if _CLASS.fullmatch(text):
        findings.otherwise(
            f"`{text}` is a trial of Determined's; an estimator has `run()` and `metrics()`",
            node.span,
            "an estimator in the spec",
            "see docs/running-here.md for what is asked of it",
        )
        return text
    estimator = estimator_of(text)
    findings.unsaid(
        "the entrypoint is a command, which is not taken over",
        node.span,
        f"wrap the training in a class; the spec names it `{estimator}`"
        if estimator
        else "wrap the training in a class, and name it as `algorithm.estimator`",
    )
    return estimator
