"""A RayJob as KubeRay's schema has it; what a job that ends cannot do is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.crd import faults, needs_shared

from .foreign_search.small import SMALL, objects, one, refused

CLUSTER = """\
  platform:
    kubernetes:
      queue: {name: gpus, priority: high}
      nodeSelector: {accelerator: a100}
      tolerations: [{key: nvidia.com/gpu, effect: NoSchedule}]
"""
RESOURCES = "{cpu: 2.5, gpu: 1, memory: 4GiB}"
TRIAL = f"    trial: {{nodes: 2...4, resources: {RESOURCES}}}\n"
LARGE = SMALL + TRIAL + CLUSTER
SERVED = "  devices: {server: {runtime: onnx}}\n  deployment: {to: server}\n  search:\n"


def job(text: str = SMALL) -> Any:
    return one(text, "ray", "RayJob")


def workers(text: str) -> Any:
    (group,) = job(text)["spec"]["rayClusterSpec"]["workerGroupSpecs"]
    return group


@needs_shared
@pytest.mark.parametrize("text", [SMALL, LARGE], ids=["small", "large"])
def test_an_api_server_takes_every_object(text: str) -> None:
    assert [faults(o) for o in objects(text, "ray")] == [[]] * 5


def test_a_study_becomes_one_job_that_ends_with_its_cluster() -> None:
    spec = dict(job()["spec"])
    spec.pop("rayClusterSpec")
    spec.pop("submitterPodTemplate")
    assert spec == {
        "entrypoint": "ofc run --program /etc/ofc/study.json --on ray --address auto "
        "--dir /var/lib/ofc/studies --no-serve",
        "submissionMode": "K8sJobMode",
        "backoffLimit": 2,
        "activeDeadlineSeconds": 7200,
        "shutdownAfterJobFinishes": True,
        "ttlSecondsAfterFinished": 3600,
    }


def test_a_worker_stands_ready_for_each_node_of_each_trial_at_once() -> None:
    small, large = workers(SMALL), workers(LARGE)
    assert (small["replicas"], small["minReplicas"], small["maxReplicas"]) == (4, 1, 4)
    assert (large["replicas"], large["minReplicas"], large["maxReplicas"]) == (16, 2, 16)
    assert large["rayStartParams"] == {
        "num-cpus": "3",
        "num-gpus": "1",
        "memory": str(4 * 2**30),
        "object-store-memory": str(256 * 2**20),
    }
    (container,) = large["template"]["spec"]["containers"]
    amount = {"cpu": "2500m", "memory": "5Gi", "nvidia.com/gpu": "1"}
    assert container["resources"] == {"requests": amount, "limits": amount}


def test_only_workers_are_placed_and_the_whole_job_waits_in_the_queue() -> None:
    made = job(LARGE)
    labels = {k: v for k, v in made["metadata"]["labels"].items() if k.startswith("kueue")}
    assert labels == {
        "kueue.x-k8s.io/queue-name": "gpus",
        "kueue.x-k8s.io/priority-class": "high",
    }
    assert "suspend" not in made["spec"]
    pod = workers(LARGE)["template"]["spec"]
    assert pod["nodeSelector"] == {"accelerator": "a100"}
    assert pod["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    ]
    head = made["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]
    assert "nodeSelector" not in head


def test_only_the_head_mounts_the_study_and_its_volume() -> None:
    cluster = job()["spec"]["rayClusterSpec"]
    pods = (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])
    volumes = [[v["name"] for v in p["template"]["spec"]["volumes"]] for p in pods]
    assert volumes == [["study", "data", "tmp", "shared-memory"], ["tmp", "shared-memory"]]


def test_the_name_says_what_it_runs_and_leaves_kuberay_room() -> None:
    found = [job(t)["metadata"]["name"] for t in (SMALL, SMALL.replace("trials: 8", "trials: 9"))]
    assert all(re.fullmatch(r"digits-[0-9a-f]{8}", name) for name in found)
    assert found[0] != found[1]
    fits = SMALL.replace("name: digits", "name: a-name-of-forty-characters-in-all-for-us")
    assert len(job(fits)["metadata"]["name"]) <= 47


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  search:\n", SERVED, "serving"),
        ("use: vision/classifier@1", "estimator: mine:Model", "a class on this machine"),
        ("sklearn://digits", "file://digits.csv", "the file `digits.csv`"),
        ("sklearn://digits", "s3://digits", "data from `s3://`"),
    ],
)
def test_what_a_job_cannot_do_is_refused(old: str, new: str, message: str) -> None:
    assert old in SMALL
    text = SMALL.replace(old, new)
    if "estimator" in new:
        text = text.replace(", arguments: {family: mlp, epochs: 2}", ", metrics: [accuracy]")
    found = refused(text, "ray")
    assert [(c, message in m, "spec.yaml:" in place, bool(h)) for c, place, m, h in found] == [
        ("OFC401", True, True, True)
    ]
