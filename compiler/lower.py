"""A study becomes a program: which steps there are, and who reads whose outputs.

    data, algorithm, search   =>  prepare -> search -> train
    devices: {server: ...}    =>  train -> convert -> measure-server
    deployment: {to: server}  =>  convert -> register -> serve

Lowering decides nothing that a pass decides: it copies what was written. An algorithm of the
library is only its name until `resolve-algorithms`, a strategy may still be `auto`, and no step
has a runner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace

from omniforce.spec.blocks.algorithm import Algorithm, AlgorithmInterface, Argument, ReportedMetric
from omniforce.spec.blocks.deployment import Deployment, LoggerMode
from omniforce.spec.blocks.devices import Device
from omniforce.spec.blocks.study import Study, StudySpec
from omniforce.spec.expression.tree import BestModel, Goal, Objective, ParetoModel
from omniforce.spec.source import Path, Span

from .canonical import content_digest
from .ir.program import (
    Convert,
    Explain,
    Input,
    Measure,
    Prepare,
    Program,
    Ref,
    Register,
    Search,
    Serve,
    Step,
    Train,
    Watch,
)

DATA = Input("data", Ref("prepare", "data"))

PROGRAM = "omniforce.runtime.trial.command:Command"
"""The class of ours that runs a program as a trial."""


def lower(study: Study, spans: Mapping[Path, Span]) -> Program:
    """The program of a study, before any pass.

    Args:
        study: as `load` gives it: checked, with every default.
        spans: the place of every written value; steps and messages point there.
    """
    spec = study.spec
    devices = _devices(spec)
    steps: list[Step] = [
        Prepare(
            name="prepare",
            span=_at(spans, "spec", "data"),
            source=spec.data.source,
            target=spec.data.target,
            split=spec.data.split,
            features=spec.data.features,
        ),
        _search(spec, devices, spans),
        Train(
            name="train",
            inputs=(DATA, Input("parameters", Ref("search", "best"))),
            span=_at(spans, "spec", "algorithm"),
            algorithm=_interface(spec.algorithm, spec.objectives),
            arguments=spec.algorithm.arguments,
            seed=spec.search.seed,
            privacy=spec.data.privacy,
        ),
    ]
    main = _main_device(spec, devices)
    for device in devices:
        convert = "convert" if device == main else f"convert-{device.name}"
        span = _at(spans, "spec", "devices", device.name)
        inputs = (Input("model", Ref("train", "model")), DATA)
        steps.append(Convert(name=convert, inputs=inputs, span=span, device=device))
        inputs = (Input("artifact", Ref(convert, "artifact")), DATA)
        steps.append(
            Measure(name=f"measure-{device.name}", inputs=inputs, span=span, device=device)
        )
    if spec.deployment is not None and main is not None:
        steps += _serving(spec.deployment, main, spans)
    return Program(
        name=study.metadata.name,
        digest=content_digest(study),
        steps=tuple(steps),
        platform=spec.platform,
        labels=study.metadata.labels,
        places=tuple(sorted(_places(spec, spans), key=lambda place: place[0])),
    )


def _places(spec: StudySpec, spans: Mapping[Path, Span]) -> Iterator[tuple[str, Span]]:
    """Where things are said, by dotted path; a parameter by its name alone, however deep it is."""
    space = spec.search_space
    parameters = {c.name for c in space.coordinates} | {d.name for d in space.derived}
    for path, span in spans.items():
        if "params" in path:
            continue
        if "searchSpace" not in path:
            yield ".".join(map(str, path)), span
        elif _declares(path, parameters):
            yield f"spec.searchSpace.{path[-1]}", span
        elif _declares(path[:-1], parameters):
            yield f"spec.searchSpace.{path[-2]}.{path[-1]}", span


def _declares(path: Path, parameters: Set[str]) -> bool:
    """Whether a parameter stands at the end: in the space, a submodule or a branch of one."""
    return path[-1] in parameters and (
        path[-2] in ("searchSpace", "submodule") or path[-3] == "submodule"
    )


def _logger(deployment: Deployment) -> LoggerMode:
    """What is sent to the broker; who looks for drift needs the requests at least."""
    mode = deployment.logger
    if deployment.monitor is None or mode in ("all", "request"):
        return mode
    return "all"


def _at(spans: Mapping[Path, Span], *path: str | int) -> Span | None:
    return spans.get(path)


def _devices(spec: StudySpec) -> tuple[Device, ...]:
    """The devices that an objective, a requirement or the deployment names, in the spec's order."""
    named = {g.metric.device for g in spec.objectives}
    if spec.deployment is not None:
        named.add(spec.deployment.to)
        if isinstance(spec.deployment.model, ParetoModel):
            named |= {r.metric.device for r in spec.deployment.model.requirements}
    return tuple(replace(d, name=name) for name, d in spec.devices if name in named)


def _main_device(spec: StudySpec, devices: tuple[Device, ...]) -> Device | None:
    """The device that serves; without a deployment, the first that is measured."""
    serving = spec.deployment.to if spec.deployment is not None else None
    return next((d for d in devices if serving in (None, d.name)), None)


def _search(spec: StudySpec, devices: tuple[Device, ...], spans: Mapping[Path, Span]) -> Search:
    search = spec.search
    return Search(
        name="search",
        inputs=(DATA,),
        span=_at(spans, "spec", "search"),
        resources=search.trial.resources,
        algorithm=_interface(spec.algorithm, spec.objectives),
        arguments=spec.algorithm.arguments,
        space=spec.search_space,
        goals=spec.objectives,
        strategy=search.strategy,
        budget=search.budget,
        parallelism=search.parallelism,
        seed=search.seed,
        timeout=search.trial.timeout,
        retries=search.trial.retries,
        retry=search.trial.retry,
        backoff=search.trial.backoff,
        waiting=search.waiting,
        stopping=search.stopping,
        warm_start=search.warm_start,
        nodes=search.trial.nodes,
        devices=devices,
        model=spec.deployment.model if spec.deployment is not None else BestModel(),
        privacy=spec.data.privacy,
    )


def _interface(algorithm: Algorithm, goals: tuple[Goal, ...]) -> AlgorithmInterface:
    """What the spec itself says of its algorithm; of one of the library, only its name."""
    if algorithm.use is not None:
        name, _, version = algorithm.use.partition("@")
        return AlgorithmInterface(name=name, version=int(version), estimator="")
    estimator = PROGRAM if algorithm.command else algorithm.estimator or ""
    called = (
        algorithm.command[0].rpartition("/") if algorithm.command else estimator.rpartition(":")
    )
    better = {
        g.metric.name: g.direction
        for g in goals
        if isinstance(g, Objective) and g.metric.device is None
    }
    return AlgorithmInterface(
        name=f"custom/{called[2].lower()}",
        version=0,
        estimator=estimator,
        image=algorithm.image,
        metrics=tuple(
            ReportedMetric(m, "lower" if better.get(m) == "minimize" else "higher")
            for m in algorithm.metrics
        ),
        # Of an estimator of the writer's own only the names are known, never the types.
        arguments=tuple(Argument(p, "choice") for p in algorithm.parameters),
        command=algorithm.command,
    )


def _serving(
    deployment: Deployment, device: Device, spans: Mapping[Path, Span]
) -> tuple[Step, ...]:
    span = _at(spans, "spec", "deployment")
    served = Input("artifact", Ref("register", "artifact"))
    made: list[Step] = [
        Register(
            name="register",
            inputs=(Input("artifact", Ref("convert", "artifact")),),
            after=(f"measure-{device.name}",),
            span=span,
        ),
        Serve(
            name="serve",
            inputs=(served,),
            span=span,
            device=device,
            scale=deployment.scale,
            rollout=deployment.rollout,
            logger=_logger(deployment),
        ),
    ]
    if deployment.explain is not None:
        span = _at(spans, "spec", "deployment", "explain")
        made.append(Explain(name="explain", inputs=(served,), span=span, method=deployment.explain))
    if deployment.monitor is not None:
        span = _at(spans, "spec", "deployment", "monitor")
        endpoint = Input("endpoint", Ref("serve", "endpoint"))
        made.append(Watch(name="watch", inputs=(endpoint,), span=span, monitor=deployment.monitor))
    return tuple(made)
