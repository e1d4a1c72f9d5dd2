"""Trials on several nodes: what dispatch makes of them is what their controllers take."""

from __future__ import annotations

import json
from typing import Any

import pytest

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.ir.program import Program
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.load import load
from omniforce.spec.source import Source
from omniforce.targets.platforms.kubernetes.check import check
from omniforce.targets.platforms.kubernetes.eventing import self_fed, subscriptions
from omniforce.targets.platforms.kubernetes.target import KubernetesTarget, notes, objects
from tests.support.crd import faults, needs_shared

SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: digits}
spec:
  data: {source: "sklearn://digits", target: label}
  algorithm: {use: vision/classifier@1}
  searchSpace: {learning_rate: 1e-4...1e-1 log}
  objectives: [maximize accuracy]
  search:
    budget: {trials: 8, gpuHours: 10}
    trial: {nodes: NODES, resources: {gpu: 2, cpu: 4}}
  platform:
    kubernetes:
      models: {accessMode: ReadWriteMany}
      queue: {name: gpus, priority: high}
      nodeSelector: {machine: b}
      tolerations: [{key: spot, operator: Equal, value: y, effect: NoSchedule}]
      gpuResource: amd.com/gpu
      training: TRAINING
"""
CASES = [
    ("4", "{kind: TrainJob}"),
    ("2...8", "{kind: TrainJob}"),
    ("4", "{runtime: torch-distributed}"),
    ("4", "{kind: PyTorchJob}"),
    ("2...8", "{kind: PyTorchJob}"),
    ("4", "{kind: MPIJob}"),
    ("4", "{kind: RayJob}"),
    ("1", "{kind: RayJob}"),
]


def compiled(nodes: str, training: str) -> Program:
    text = SPEC.replace("NODES", nodes).replace("TRAINING", training)
    made = compile_study(load(Source("x.yaml", text), {}), catalogue(), KubernetesTarget())
    assert made.program is not None, made.diagnostics
    return made.program


def plain(program: Program) -> list[Any]:
    return [json.loads(json.dumps(each)) for each in objects(program)]


def attempt(program: Program) -> Any:
    """The object of an attempt, as dispatch fills it in."""
    (data,) = (
        each["data"]["training.json"]
        for each in plain(program)
        if each["kind"] == "ConfigMap" and "training.json" in each["data"]
    )
    found: Any = json.loads(data)["object"]
    return json.loads(json.dumps(found).replace("@name@", "digits-t1-a1").replace("@event@", "{}"))


def pods(tree: Any) -> list[Any]:
    """Every pod's spec in a tree."""
    if isinstance(tree, list):
        return [pod for each in tree for pod in pods(each)]
    if not isinstance(tree, dict):
        return []
    own = [tree] if "containers" in tree else []
    return own + [pod for each in tree.values() for pod in pods(each)]


@needs_shared
@pytest.mark.parametrize(("nodes", "training"), CASES)
def test_an_api_server_takes_what_dispatch_makes(nodes: str, training: str) -> None:
    program = compiled(nodes, training)
    made = [*plain(program), attempt(program)]
    assert [fault for each in made for fault in faults(each)] == []
    assert check(made) == ()


@pytest.mark.parametrize(("nodes", "training"), CASES)
def test_exactly_one_takes_a_requested_trial(nodes: str, training: str) -> None:
    program = compiled(nodes, training)
    kind = attempt(program)["kind"]
    requested = [s for s in subscriptions(program) if s.name == "trial-requested"]
    assert [(s.to, s.runner) for s in requested] == [("dispatch", kind.lower())]
    assert self_fed(subscriptions(program)) == ()
    assert "JobSink" not in {each["kind"] for each in objects(program)}


@pytest.mark.parametrize(("nodes", "training"), CASES)
def test_a_queue_holds_it_back_and_nobody_writes_suspend(nodes: str, training: str) -> None:
    made = attempt(compiled(nodes, training))
    labels = made["metadata"]["labels"]
    assert labels["kueue.x-k8s.io/queue-name"] == "gpus"
    assert labels["kueue.x-k8s.io/priority-class"] == "high"
    assert "suspend" not in json.dumps(made)
    assert "password" not in json.dumps(made)


@pytest.mark.parametrize(("nodes", "training"), CASES)
def test_its_pods_are_placed_and_have_their_gpus(nodes: str, training: str) -> None:
    program = compiled(nodes, training)
    found = pods([attempt(program), *(o for o in plain(program) if o["kind"] == "TrainingRuntime")])
    assert found
    for pod in found:
        assert pod["nodeSelector"] == {"machine": "b"}
        assert [each["key"] for each in pod["tolerations"]] == ["spot"]
    text = json.dumps([attempt(program), *plain(program)])
    assert '"amd.com/gpu": "2"' in text
    assert "nvidia.com/gpu" not in text


def test_dispatch_may_make_list_and_remove_the_one_kind_and_no_other() -> None:
    program = compiled("4", "{kind: MPIJob}")
    (role,) = (
        each
        for each in plain(program)
        if each["kind"] == "Role" and each["metadata"]["name"] == "digits-dispatch"
    )
    assert role["rules"][2:] == [
        {
            "apiGroups": ["kubeflow.org"],
            "resources": ["mpijobs"],
            "verbs": ["create", "list", "delete"],
        }
    ]


def test_nodes_that_come_and_go_meet_at_the_first_and_others_are_counted() -> None:
    program = compiled("2...8", "{kind: TrainJob}")
    trainer = attempt(program)["spec"]["trainer"]
    told = {each["name"]: each["value"] for each in trainer["env"]}
    assert trainer["numNodes"] == 8
    assert told["PET_NNODES"] == "2:8"
    assert told["PET_NPROC_PER_NODE"] == "2"
    assert told["PET_RDZV_ENDPOINT"] == "digits-t1-a1-node-0-0.digits-t1-a1:29400"
    fixed = attempt(compiled("4", "{kind: TrainJob}"))["spec"]["trainer"]
    assert (fixed["numNodes"], fixed["numProcPerNode"]) == (4, 2)
    assert not [each for each in fixed["env"] if each["name"].startswith("PET_")]


def test_pods_of_a_training_reach_each_other_and_the_namespace_says_what_it_admits() -> None:
    for kind, admitted in (("TrainJob", "restricted"), ("MPIJob", "baseline")):
        made = plain(compiled("4", f"{{kind: {kind}}}"))
        (namespace,) = (each for each in made if each["kind"] == "Namespace")
        labels = namespace["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == admitted
        (policy,) = (each for each in made if each["metadata"]["name"] == "digits-training")
        peers = policy["spec"]["podSelector"]
        assert policy["spec"]["ingress"] == [{"from": [{"podSelector": peers}]}]
        assert len(policy["spec"]["egress"]) == (2 if kind == "MPIJob" else 1)


def test_what_the_cluster_must_have_for_it_is_said() -> None:
    assert [each for each in notes(compiled("4", "{kind: RayJob}")) if "Secret" not in each] == [
        "the cluster must have KubeRay: each trial is a RayJob",
        "Kueue must have the LocalQueue `gpus` in `ofc-digits`",
        "the trial's image must have `ray`",
        "the `release` pipeline trains the chosen parameters on one node",
    ]
