"""The validator itself: as strict as a real API server, and no stricter."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.support.crd import CRDS, SHARED, compiled, faults, needs_shared

pytestmark = needs_shared

MANIFESTS = SHARED / "reference" / "manifests"


def _load(name: str) -> dict[str, Any]:
    found = sorted(MANIFESTS.glob(f"*-{name}.yaml"))
    assert len(found) == 1, name
    loaded: dict[str, Any] = yaml.safe_load(found[0].read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("path", sorted(MANIFESTS.glob("*.yaml")), ids=lambda p: p.stem)
def test_what_a_real_cluster_accepted_has_no_fault(path: Any) -> None:
    assert faults(yaml.safe_load(path.read_text(encoding="utf-8"))) == []


def _set(*path: str | int, to: Any) -> Callable[[Any], None]:
    def change(tree: Any) -> None:
        for step in path[:-1]:
            tree = tree[step]
        tree[path[-1]] = to

    return change


def _drop(*path: str | int) -> Callable[[Any], None]:
    def change(tree: Any) -> None:
        for step in path[:-1]:
            tree = tree[step]
        del tree[path[-1]]

    return change


KSVC = "service-digits-edge-search"
TEMPLATE = ("spec", "template", "metadata", "annotations")
ISVC = "inferenceservice-digits-edge"
TRAIN = "trainjob-digits-edge-t0-a1"
OPT = "optimizationjob-digits-edge-opt"

# What verdicts.tsv says that the API server refused by itself, by its schemas and rules.
REFUSED: tuple[tuple[str, str, Callable[[Any], None]], ...] = (
    ("ksvc: unknown field", KSVC, _set("spec", "template", "spec", "concurency", to=1)),
    ("ksvc: min-scale not quoted", KSVC,
     _set(*TEMPLATE, "autoscaling.knative.dev/min-scale", to=0)),
    ("ksvc: label value 64 characters", KSVC, _set("metadata", "labels", "a", to="a" * 64)),
    ("ksvc: label value sha256:ab", KSVC, _set("metadata", "labels", "a", to="sha256:ab")),
    ("broker: unknown field", "broker-digits-edge", _set("spec", "deliver", to={})),
    ("pingsource: ceOverrides type", "pingsource-digits-edge-tick",
     _set("spec", "ceOverrides", "type", to="a.b")),
    ("jobsink: unknown field", "jobsink-digits-edge-trial",
     _set("spec", "job", "spec", "backofLimit", to=1)),
    ("isvc: scaleMetric latency", ISVC, _set("spec", "predictor", "scaleMetric", to="latency")),
    ("isvc: logger.mode", ISVC, _set("spec", "predictor", "logger", "mode", to="everything")),
    ("isvc: name with a capital", ISVC, _set("metadata", "name", to="Digits")),
    ("isvc: timeout 60s", ISVC, _set("spec", "predictor", "timeout", to="60s")),
    ("isvc: unknown field", ISVC, _set("spec", "predictor", "model", "storageURL", to="pvc://a/b")),
    ("isvc: canary list sums to 120", "inferenceservice-digits-edge-std",
     _set("spec", "canary", 0, "trafficPercent", to=120)),
    ("graph: unknown routerType", "inferencegraph-digits-edge-ab",
     _set("spec", "nodes", "root", "routerType", to="Random")),
    ("pipelineversion: no pipelineSpec", "pipelineversion-digits-edge-release-abababab",
     _drop("spec", "pipelineSpec")),
    ("pipeline: unknown field", "pipeline-digits-edge-release", _set("spec", "desc", to="a")),
    ("trainjob: runtimeRef missing", TRAIN, _drop("spec", "runtimeRef")),
    ("trainjob: numProcPerNode many", TRAIN, _set("spec", "trainer", "numProcPerNode", to="many")),
    ("trainjob: env twice", TRAIN,
     _set("spec", "trainer", "env", to=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}])),
    ("trainjob: name with a dot", TRAIN, _set("metadata", "name", to="a.b")),
    ("trainjob: name 64 characters", TRAIN, _set("metadata", "name", to="a" * 64)),
    ("trainjob: name starts with a digit", TRAIN, _set("metadata", "name", to="9a")),
    ("trainjob: old podSpecOverrides", TRAIN, _set("spec", "podSpecOverrides", to=[])),
    ("rayjob: no head group", "rayjob-digits-edge-ray-t0-a1",
     _drop("spec", "rayClusterSpec", "headGroupSpec")),
    ("optimizationjob: no objective", OPT, _set("spec", "objectives", to=[])),
    ("optimizationjob: direction max", OPT, _set("spec", "objectives", 0, "direction", to="max")),
    ("optimizationjob: min number not string", OPT,
     _set("spec", "parameters", 0, "searchSpace", "logUniform", "min", to=0.1)),
    ("optimizationjob: two kinds of space", OPT,
     _set("spec", "parameters", 0, "searchSpace", "categorical", to={"choices": ["a"]})),
    ("optimizationjob: min > max", OPT,
     _set("spec", "parameters", 0, "searchSpace", "logUniform", "min", to="5")),
    ("optimizationjob: numTrials 0", OPT, _set("spec", "numTrials", to=0)),
    ("configmap: value not a string", "configmap-digits-edge-study-abababab",
     _set("data", "a", to=1)),
    ("configmap: unknown field", "configmap-digits-edge-study-abababab", _set("daat", to={})),
)  # fmt: skip


@pytest.mark.parametrize(("verdict", "name", "change"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_the_api_server_refused_has_a_fault(
    verdict: str, name: str, change: Callable[[Any], None]
) -> None:
    manifest = copy.deepcopy(_load(name))
    change(manifest)
    assert faults(manifest) != [], verdict


def test_every_rule_of_the_crds_compiles() -> None:
    # those of language models are many, and of no kind that is emitted
    paths = [path for path in CRDS.rglob("*.yaml") if "llm" not in path.name]
    rules = {rule for path in paths for rule in _rules(path)}
    assert len(rules) > 50
    for rule in sorted(rules):
        compiled(rule)


def _rules(path: Any) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return [rule for crd in yaml.load_all(text, yaml.CSafeLoader) for rule in _under(crd)]


def _under(node: Any) -> list[str]:
    if isinstance(node, dict):
        rules = node.get("x-kubernetes-validations")
        here = [r["rule"] for r in rules] if isinstance(rules, list) else []
        return here + [rule for child in node.values() for rule in _under(child)]
    if isinstance(node, list):
        return [rule for child in node for rule in _under(child)]
    return []
