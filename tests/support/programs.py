"""Programs written by hand, as the compiler would make them of `examples/digits-edge`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from omniforce.compiler.ir.program import (
    Convert,
    Input,
    Measure,
    Permission,
    Prepare,
    Program,
    Ref,
    Register,
    Search,
    Serve,
    Train,
)
from omniforce.spec.blocks.algorithm import AlgorithmInterface, ReportedMetric
from omniforce.spec.blocks.data import Split
from omniforce.spec.blocks.deployment import Rollout, ScaleTo
from omniforce.spec.blocks.devices import Device
from omniforce.spec.blocks.platform import Kubernetes, Platform
from omniforce.spec.blocks.search import Budget, Resources, StrategyChoice
from omniforce.spec.expression.tree import (
    BestModel,
    Compare,
    Literal_,
    Metric,
    Name,
    Objective,
    Quantity,
    Requirement,
)
from omniforce.spec.space import Choice, Coordinate, FloatRange, IntRange, Space

DIGEST = f"sha256:{'ab' * 32}"
SERVER = Device(runtime="onnx", name="server")
ALGORITHM = AlgorithmInterface(
    name="vision/classifier",
    version=1,
    estimator="omniforce.stdlib_algorithms.vision.classifier:Classifier",
    task="classification",
    metrics=(ReportedMetric("accuracy", "higher"),),
)
SPACE = Space(
    (
        Coordinate("family", (), Choice(("cnn", "mlp"))),
        Coordinate(
            "channels",
            (),
            IntRange(8, 64, "log"),
            (Compare("==", Name("family"), Literal_("cnn")),),
        ),
        Coordinate("learning_rate", (), FloatRange(1e-4, 1e-1, "log")),
    )
)
GOALS = (
    Objective("maximize", Metric("accuracy")),
    Objective("minimize", Metric("latency", "p95", "server")),
    Requirement(Metric("size", None, "server"), "<=", Quantity(2.0, "MiB")),
)
DATA = Input("data", Ref("prepare", "data"))
SMALL = Resources(cpu=0.5, memory=2**29)
TRIAL = Resources(cpu=1.0, memory=2 * 2**30)


def search(**changes: Any) -> Search:
    """The search of `digits-edge`, with changes."""
    made = Search(
        name="search",
        inputs=(DATA,),
        algorithm=ALGORITHM,
        arguments=(),
        space=SPACE,
        goals=GOALS,
        strategy=StrategyChoice("bayesian"),
        budget=Budget(trials=24),
        parallelism=2,
        seed=7,
        timeout=600.0,
        retries=1,
        devices=(SERVER,),
        model=BestModel(),
        resources=TRIAL,
        runner="function",
        permissions=(
            Permission("sources.knative.dev", "pingsources", ("create",)),
            Permission(
                "sources.knative.dev", "pingsources", ("get", "delete"), ("digits-edge-tick",)
            ),
        ),
    )
    return replace(made, **changes)


def serve(**changes: Any) -> Serve:
    """The server of `digits-edge`: asleep while nobody asks, a new model on a tenth."""
    made = Serve(
        name="serve",
        inputs=(Input("artifact", Ref("register", "artifact")),),
        device=SERVER,
        scale=ScaleTo(min=0, max=4, concurrency=8),
        rollout=Rollout(canary=0.1),
        logger="all",
        mode="Knative",
        resources=TRIAL,
        runner="service",
    )
    return replace(made, **changes)


SEARCH = search()
SERVE = serve()
KUBERNETES = Kubernetes()


def program(
    *,
    name: str = "digits-edge",
    source: str = "sklearn://digits",
    search: Search = SEARCH,
    serve: Serve | None = SERVE,
    kubernetes: Kubernetes = KUBERNETES,
    labels: tuple[tuple[str, str], ...] = (),
) -> Program:
    """A whole study; without a server it ends with the trained and measured model."""
    steps: list[Any] = [
        Prepare(
            name="prepare",
            source=source,
            target="label",
            split=Split(stratify=True, seed=7),
            resources=TRIAL,
            runner="pipeline",
        ),
        search,
        Train(
            name="train",
            inputs=(DATA, Input("parameters", Ref("search", "best"))),
            algorithm=ALGORITHM,
            arguments=(),
            seed=7,
            resources=TRIAL,
            runner="pipeline",
        ),
        Convert(
            name="convert",
            inputs=(Input("model", Ref("train", "model")), DATA),
            device=SERVER,
            resources=TRIAL,
            runner="pipeline",
        ),
        Measure(
            name="measure-server",
            inputs=(Input("artifact", Ref("convert", "artifact")), DATA),
            device=SERVER,
            resources=TRIAL,
            runner="pipeline",
        ),
    ]
    if serve is not None:
        group, kind = "serving.kserve.io", "inferenceservices"
        steps += [
            Register(
                name="register",
                inputs=(Input("artifact", Ref("convert", "artifact")),),
                after=("measure-server",),
                resources=SMALL,
                runner="pipeline",
                permissions=(
                    Permission(group, kind, ("create",)),
                    Permission(group, kind, ("get", "patch"), (name,)),
                ),
            ),
            serve,
        ]
    return Program(name, DIGEST, tuple(steps), Platform(kubernetes), labels)
