"""Small programs and catalogues that the tests of the passes start from."""

from dataclasses import replace
from typing import Any

from omniforce.compiler.catalogue import Catalogue
from omniforce.compiler.ir.program import (
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
from omniforce.compiler.passes.context import Context
from omniforce.spec.blocks.algorithm import AlgorithmInterface, Argument, ReportedMetric
from omniforce.spec.blocks.data import Split
from omniforce.spec.blocks.deployment import Monitor, ScaleTo
from omniforce.spec.blocks.devices import Device
from omniforce.spec.blocks.platform import Platform
from omniforce.spec.blocks.search import Budget, Resources, StrategyChoice
from omniforce.spec.expression.tree import (
    BestModel,
    Literal_,
    Metric,
    Objective,
    Requirement,
)
from omniforce.spec.source import Path, Span
from omniforce.spec.space import Choice, Coordinate, FloatRange, IntRange, Space

NAME_ONLY = AlgorithmInterface(name="vision/cnn", version=1, estimator="")

CNN = AlgorithmInterface(
    name="vision/cnn",
    version=1,
    estimator="library.cnn:Cnn",
    metrics=(ReportedMetric("accuracy", "higher"), ReportedMetric("loss", "lower")),
    arguments=(
        Argument("depth", "int"),
        Argument("rate", "float", default=0.001),
        Argument("pool", "choice", values=("max", "mean"), default="max"),
        Argument("wide", "bool", default=False),
    ),
)

SERVER = Device(name="server", runtime="onnx", threads=2)

SPACE = Space((Coordinate("depth", (), IntRange(1, 8)), Coordinate("rate", (), FloatRange(0, 1))))

DATA = Input("data", Ref("prepare", "data"))


def catalogue(**changes: Any) -> Catalogue:
    known = {"vision/cnn@1": CNN}
    strategies = ("bayesian", "random", "sobol")
    made = Catalogue(known.get, lambda: tuple(known), lambda n: n in strategies, lambda: strategies)
    return replace(made, **changes)


def span(line: int) -> Span:
    return Span("spec.yaml", line, 1, line, 9)


def context(*paths: Path, **changes: Any) -> Context:
    """A context in which the given paths were written, the first in line 1."""
    return Context(catalogue(**changes), {p: span(i) for i, p in enumerate(paths, 1)})


def search(**changes: Any) -> Search:
    made = Search(
        name="search",
        inputs=(DATA,),
        resources=Resources(cpu=2.0, memory=2**30),
        algorithm=CNN,
        arguments=(),
        space=SPACE,
        goals=(
            Objective("maximize", Metric("accuracy")),
            Objective("minimize", Metric("latency", "p95", "server")),
            Requirement(Metric("size", None, "server"), "<=", Literal_(1000)),
        ),
        strategy=StrategyChoice("random"),
        budget=Budget(trials=24),
        parallelism=2,
        seed=0,
        timeout=60.0,
        retries=1,
        devices=(SERVER,),
        model=BestModel(),
    )
    return replace(made, **changes)


def program(**changes: Any) -> Program:
    """The whole chain from data to a server; `changes` are of the search."""
    found = search(**changes)
    served = Input("artifact", Ref("register", "artifact"))
    steps: tuple[Step, ...] = (
        Prepare(name="prepare", source="sklearn://digits", target=None, split=Split()),
        found,
        Train(
            name="train",
            inputs=(DATA, Input("parameters", Ref("search", "best"))),
            algorithm=found.algorithm,
            arguments=found.arguments,
            seed=0,
        ),
        Convert(
            name="convert", inputs=(Input("model", Ref("train", "model")), DATA), device=SERVER
        ),
        Measure(
            name="measure-server",
            inputs=(Input("artifact", Ref("convert", "artifact")), DATA),
            device=SERVER,
        ),
        Register(
            name="register",
            inputs=(Input("artifact", Ref("convert", "artifact")),),
            after=("measure-server",),
        ),
        Serve(name="serve", inputs=(served,), device=SERVER, scale=ScaleTo()),
    )
    return Program("digits", "sha256:0", steps, Platform())


def watched(made: Program) -> Program:
    """With an explainer and a watch, which come later in the language's life."""
    drift = Requirement(Metric("psi"), ">", Literal_(0.2))
    more: tuple[Step, ...] = (
        Explain(
            name="explain", inputs=(Input("artifact", Ref("register", "artifact")),), method="shap"
        ),
        Watch(
            name="watch",
            inputs=(Input("endpoint", Ref("serve", "endpoint")),),
            monitor=Monitor(drift),
        ),
    )
    return replace(made, steps=made.steps + more)


def changed(made: Program, name: str, **changes: Any) -> Program:
    """The program with one step changed."""
    steps = tuple(replace(s, **changes) if s.name == name else s for s in made.steps)
    return replace(made, steps=steps)


def choice(*values: Any) -> Choice:
    return Choice(values)
