"""The local target: the plan of a program, and all that this machine refuses."""

from __future__ import annotations

from omniforce.compiler.catalogue import Catalogue
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.blocks.algorithm import AlgorithmInterface, Argument, ReportedMetric
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.load import load
from omniforce.spec.source import Source
from omniforce.targets.platforms.local.plan import plan
from omniforce.targets.platforms.local.target import LocalTarget, notes
from omniforce.targets.target import File

CLASSIFIER = AlgorithmInterface(
    "vision/classifier",
    1,
    "package.module:Classifier",
    metrics=(ReportedMetric("accuracy", "higher"),),
    arguments=(Argument("rate", "float", default=0.1),),
)
CATALOGUE = Catalogue(
    algorithms=lambda name: CLASSIFIER if name == "vision/classifier@1" else None,
    algorithm_names=lambda: ("vision/classifier@1",),
    has_strategy=lambda name: name == "random",
    strategy_names=lambda: ("random",),
)
GOOD = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  data: {source: "sklearn://digits"}
  algorithm: {use: vision/classifier@1}
  searchSpace: {rate: 1e-4...1e-1 log}
  objectives:
    - maximize accuracy
    - minimize latency.p95 on server
  search: {strategy: random, budget: {trials: 8, wallClock: 2h}, parallelism: 2}
  devices: {server: {runtime: onnx}}
  deployment: {to: server}
"""
BAD = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  data: {source: "s3://bucket/digits.csv", target: y, privacy: {epsilon: 8, delta: 1e-5}}
  algorithm: {image: "registry.example/a:1", estimator: "a.b:C", metrics: [accuracy]}
  searchSpace: {rate: 1e-4...1e-1 log}
  objectives:
    - maximize accuracy
    - minimize latency.p95 on lab
  search:
    strategy: random
    budget: {trials: 8, usd: 5}
    trial: {resources: {gpu: 1}}
  devices:
    lab: {runtime: tensorrt, agent: edge-lab}
  deployment:
    to: lab
    rollout: {canary: 10%, promoteWhen: error_rate < 1% for 10m}
    explain: anchors
    monitor: {drift: psi > 0.2}
"""


def refused(text: str) -> list[Diagnostic]:
    found = compile_study(load(Source("spec.yaml", text)), CATALOGUE, LocalTarget()).diagnostics
    return [each for each in found if each.code == "OFC401"]


def test_what_this_machine_does_is_planned() -> None:
    compiled = compile_study(load(Source("spec.yaml", GOOD)), CATALOGUE, LocalTarget())
    assert compiled.program is not None
    assert LocalTarget().emit(compiled.program) == (
        File(
            "plan.txt",
            f"study    digits ({compiled.program.digest})\n"
            "prepare  sklearn://digits\n"
            "search   random, at most 8 trials and 7200 s, 2 at once, 600 s each\n"
            "train    vision/classifier@1\n"
            "convert  onnx fp32, measured on `server`\n"
            "serve    on 127.0.0.1, as `server` runs it\n",
        ),
    )
    made = plan(compiled.program)
    assert [device.name for device in made.devices] == ["server"]
    assert made.serve is not None
    assert notes(compiled.program) == ()


def test_everything_that_this_machine_does_not_do_is_refused_where_it_stands() -> None:
    assert [(str(each.span), each.message.removesuffix(" is not on the target `local`"))
            for each in refused(BAD)] == [
        ("spec.yaml:5:18", "data from `s3://`"),
        ("spec.yaml:5:64", "differential privacy"),
        ("spec.yaml:6:22", "an algorithm in an image of its own"),
        ("spec.yaml:14:30", "a GPU for each trial"),
        ("spec.yaml:16:20", "the runtime `tensorrt`"),
        ("spec.yaml:16:37", "measuring by an edge agent"),
        ("spec.yaml:19:41", "promoting a canary by a rule"),
        ("spec.yaml:20:14", "the explainer `anchors`"),
        ("spec.yaml:21:14", "looking for drift"),
    ]  # fmt: skip


def test_every_refusal_names_a_way_out() -> None:
    assert all(each.help for each in refused(BAD))


def test_what_means_less_here_than_on_a_cluster_is_said() -> None:
    text = GOOD.replace("{to: server}", "{to: server, scale: {max: 20}, rollout: {canary: 10%}}")
    compiled = compile_study(load(Source("spec.yaml", text)), CATALOGUE, LocalTarget())
    assert compiled.program is not None
    assert notes(compiled.program) == (
        "`scale` is for a cluster: here one server answers while it runs",
        "a canary needs a model before it: here the new one gets every request",
    )
