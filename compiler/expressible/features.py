"""Every word of `compiler.capabilities`, with a spec that uses it and as little else as it can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from omniforce.spec.frozen import dataclass

PLAIN: Final[Mapping[str, str]] = {
    "apiVersion": "omniforce.dev/v1alpha2",
    "kind": "OmniForce",
    "metadata": "{name: probe}",
    "data": "{source: sklearn://digits, target: label}",
    "algorithm": "{image: example.org/mine@sha256:" + "0" * 64 + ", estimator: mine:Estimator, "
    "metrics: [accuracy, loss]}",
    "searchSpace": "{width: int 8...64, rate: 0.1...0.9}",
    "objectives": "[maximize accuracy]",
    "search": "{strategy: random, budget: {trials: 8}}",
}
"""A spec that asks for nothing special, by its blocks."""

_SERVED: Final = {
    "devices": "{server: {runtime: onnx}}",
    "deployment": "{to: server}",
}


_SHARED: Final = {"platform": "{kubernetes: {models: {accessMode: ReadWriteMany}}}"}


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that a spec may ask for.

    Attributes:
        block: where it is written.
        what: in a few words.
        word: as targets list it; empty for what they refuse by other means.
        written: the blocks of a spec that asks for it, in the place of the plain ones.
    """

    block: str
    what: str
    word: str
    written: Mapping[str, str]

    @property
    def spec(self) -> str:
        """The whole spec."""
        blocks = {**PLAIN, **self.written}
        head = ("apiVersion", "kind", "metadata")
        lines = [f"{key}: {blocks[key]}" for key in head]
        lines += ["spec:", *(f"  {k}: {v}" for k, v in blocks.items() if k not in head)]
        return "\n".join(lines) + "\n"


def _source(scheme: str, example: str) -> Feature:
    written = {"data": f"{{source: {example}, target: label}}"}
    return Feature("data", f"`{scheme}://` as the source", f"source:{scheme}", written)


def _space(what: str, word: str, space: str, **blocks: str) -> Feature:
    return Feature("searchSpace", what, word, {"searchSpace": space, **blocks})


def _goals(what: str, word: str, goals: str, **blocks: str) -> Feature:
    return Feature("objectives", what, word, {"objectives": goals, **blocks})


def _search(what: str, word: str, search: str, **blocks: str) -> Feature:
    return Feature("search", what, word, {"search": search, **blocks})


def _device(what: str, word: str, device: str) -> Feature:
    goals = "[minimize latency.p95 on box]"
    written = {"objectives": goals, "devices": f"{{box: {device}}}"}
    return Feature("devices", what, word, written)


def _deployed(what: str, word: str, deployment: str) -> Feature:
    return Feature("deployment", what, word, {**_SERVED, "deployment": deployment})


FEATURES: Final[tuple[Feature, ...]] = (
    _source("sklearn", "sklearn://digits"),
    _source("file", "file:///mnt/data/rows.csv"),
    _source("http", "http://example.org/rows.csv"),
    _source("https", "https://example.org/rows.csv"),
    _source("s3", "s3://bucket/rows.csv"),
    _source("gs", "gs://bucket/rows.csv"),
    _source("dvc", "dvc://data/rows.csv"),
    _source("sql", "sql://warehouse/rows"),
    _source("hf", "hf://someone/rows"),
    _source("oci", "oci://example.org/rows:1"),
    Feature(
        "data",
        "differential privacy",
        "privacy",
        {"data": "{source: sklearn://digits, privacy: {epsilon: 8, delta: 1e-5}}"},
    ),
    Feature("algorithm", "an image of your own", "image", {}),
    Feature(
        "algorithm",
        "a class on this machine's path",
        "estimator",
        {"algorithm": "{estimator: mine:Estimator, metrics: [accuracy, loss]}"},
    ),
    Feature(
        "algorithm",
        "a program on this machine",
        "command",
        {"algorithm": "{command: [./train.sh], metrics: [accuracy, loss]}"},
    ),
    Feature(
        "algorithm",
        "the library",
        "",
        {
            "algorithm": "{use: vision/classifier@1}",
            "searchSpace": "{learning_rate: 1e-4...1e-1 log}",
        },
    ),
    _space(
        "conditions: `when`, `submodule`",
        "space.conditional",
        "{a: int 1...4, b: 0...1 when a > 2}",
    ),
    _space("arrays: `count`", "space.array", "{a: int 1...3, b: int 1...4 count a}"),
    _space("an order: `ordinal`", "space.ordinal", "{a: {type: ordinal, range: {1, 2, 4}}}"),
    _space("permutations", "space.permutation", "{a: {type: permutation, range: {x, y, z}}}"),
    _space("subsets", "space.subset", "{a: {type: subset, range: {x, y, z}}}"),
    _space(
        "networks of operations: `graph`",
        "space.graph",
        "{a: {type: choice, range: {x, y}, graph: {nodes: 3}}}",
    ),
    _space("a log scale of numbers", "", "{a: 1e-4...1e-1 log}"),
    _space("a log scale of whole numbers", "", "{a: int 1...512 log}"),
    _space("a logit scale", "space.logit", "{a: 0.1...0.9 logit}"),
    _space("steps", "space.step", "{a: {type: int, range: 8...64, step: 8}}"),
    _space("a first guess: `default`", "space.default", "{a: 'int 1...4, default 2'}"),
    _space("a prior", "space.prior", "{a: {type: float, range: 0...1, prior: 'normal(0.2, 0.1)'}}"),
    _space("derived values", "space.derived", "{a: int 1...4, b: {value: a * 2}}"),
    _space(
        "constraints", "space.constraint", "{a: int 1...4, b: int 1...4}", constraints="[a <= b]"
    ),
    _goals("several objectives", "objectives.several", "[maximize accuracy, minimize loss]"),
    _goals("`require`", "objectives.require", "[maximize accuracy, require loss <= 1]"),
    _goals(
        "figures of a device",
        "objectives.device",
        "[minimize latency.p95 on box]",
        devices="{box: {runtime: onnx}}",
    ),
    _goals(
        "weights",
        "objectives.weight",
        "['maximize accuracy, weight 2', 'minimize loss, weight 1']",
        devices="{server: {runtime: onnx}}",
        deployment="{to: server, model: weighted}",
    ),
    _goals(
        "references",
        "objectives.reference",
        "['maximize accuracy, reference 0.5', 'minimize loss, reference 2']",
    ),
    _search("`strategy: random`", "strategy:random", "{strategy: random, budget: {trials: 20}}"),
    _search("`strategy: sobol`", "strategy:sobol", "{strategy: sobol, budget: {trials: 20}}"),
    _search(
        "`strategy: bayesian`", "strategy:bayesian", "{strategy: bayesian, budget: {trials: 20}}"
    ),
    _search(
        "a bound on the time",
        "budget.wallClock",
        "{strategy: random, budget: {trials: 8, wallClock: 1h}}",
    ),
    _search(
        "a bound on GPU-hours",
        "budget.gpuHours",
        "{strategy: random, budget: {trials: 8, gpuHours: 4}, trial: {resources: {gpu: 1}}}",
    ),
    _search(
        "a bound on money",
        "budget.usd",
        "{strategy: random, budget: {trials: 8, usd: 10}}",
        platform="{rates: {cpuHour: 0.04}}",
    ),
    _search(
        "a bound on energy",
        "budget.kWh",
        "{strategy: random, budget: {trials: 8, kWh: 2}}",
        platform="{rates: {cpuWatts: 12}}",
    ),
    _search(
        "early stopping",
        "stopping",
        "{strategy: random, budget: {trials: 8}, stopping: median}",
    ),
    _search(
        "GPUs for trials",
        "gpu",
        "{strategy: random, budget: {trials: 8}, trial: {resources: {gpu: 1}}}",
    ),
    _search(
        "several nodes for a trial",
        "nodes",
        "{strategy: random, budget: {trials: 8}, trial: {nodes: 4}}",
        **_SHARED,
    ),
    _search(
        "past studies to begin with",
        "warmStart",
        "{strategy: random, budget: {trials: 8}, warmStart: auto}",
    ),
    _search(
        "nodes that come and go",
        "nodes.elastic",
        "{strategy: random, budget: {trials: 8}, trial: {nodes: 2...8}}",
        **_SHARED,
    ),
    *(
        _device(f"`runtime: {runtime}`", f"runtime:{runtime}", f"{{runtime: {runtime}}}")
        for runtime in ("onnx", "openvino", "tvm", "tensorrt")
    ),
    *(
        _device(
            f"`precision: {precision}`",
            f"precision:{precision}",
            f"{{runtime: onnx, precision: {precision}}}",
        )
        for precision in ("fp32", "fp16", "int8")
    ),
    _device("an edge agent", "agent", "{runtime: onnx, agent: lab}"),
    _device("nodes with a label", "placement", "{runtime: onnx, nodeSelector: {accelerator: l4}}"),
    _device(
        "a function that measures",
        "measure:function",
        "{runtime: onnx, measure: {where: function}}",
    ),
    _deployed("serving the model", "serve", "{to: server}"),
    _deployed("a canary", "canary", "{to: server, rollout: {canary: 10%}}"),
    _deployed(
        "promoting a canary by a rule",
        "promoteWhen",
        "{to: server, rollout: {canary: 10%, promoteWhen: error_rate < 1% for 10m}}",
    ),
    _deployed("explanations: `anchors`", "explain:anchors", "{to: server, explain: anchors}"),
    _deployed("explanations: `shap`", "explain:shap", "{to: server, explain: shap}"),
    _deployed("looking for drift", "monitor", "{to: server, monitor: {drift: psi > 0.2}}"),
)
"""In the order of a spec's blocks."""
