"""The RayJob: a head that searches and keeps the study, and a worker for each trial at once."""

from __future__ import annotations

import math
from typing import Final

from omniforce.compiler.canonical import canonical, digest
from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.search import Resources

from ..kubernetes.names import account_name, claim_name, named
from ..kubernetes.objects import Component, Tree, make, pod_labels
from ..kubernetes.pods import (
    STUDY_DIRECTORY,
    STUDY_MOUNT,
    TEMPORARY_MOUNT,
    USER,
    VOLUME_DIRECTORY,
    container_security,
    cpu,
    memory,
    pod_security,
    quiet_environment,
    study_volume,
    temporary_volume,
    trial_image,
)
from ..kubernetes.steps import search_of
from ..kubernetes.trials import deadline

VERSION: Final = "ray.io/v1"

LONGEST: Final = 47
"""Characters of the job's name: KubeRay adds to it for its cluster, services and pods."""

RAY: Final = "2.60.0"
"""What the image must have: KubeRay writes the commands that start Ray for this version."""

ENTRYPOINT: Final = (
    f"ofc run --program {STUDY_DIRECTORY}/study.json --on ray --address auto "
    f"--dir {VOLUME_DIRECTORY}/studies --no-serve"
)

HEAD: Final = Resources(cpu=1.0, memory=4 * 2**30)
"""Of the pod that searches; no trial runs there."""

OBJECT_STORE: Final = 256 * 2**20
OVERHEAD: Final = 2**30  # of memory: Ray's own processes and what an idle worker has
KEPT: Final = 3600  # seconds that a finished job is kept for people to look at
RELEASE: Final = 3600  # seconds beyond the search: images, data, the chosen model
TRIES: Final = 2  # a new cluster goes on where the last one was


def ray_job(program: Program, config: str) -> Tree:
    """The RayJob. Nobody may change one that runs, so another study is another job.

    Args:
        program: complete.
        config: the ConfigMap with the compiled study.
    """
    spec: Tree = {
        "entrypoint": ENTRYPOINT,
        "submissionMode": "K8sJobMode",
        "backoffLimit": TRIES,
        "activeDeadlineSeconds": longest(program),
        "shutdownAfterJobFinishes": True,
        "ttlSecondsAfterFinished": KEPT,
        "submitterPodTemplate": _submitter(program),
        "rayClusterSpec": {
            "rayVersion": RAY,
            # a cluster without it runs whatever anybody in the network sends
            "authOptions": {"mode": "token"},
            "headGroupSpec": {
                "rayStartParams": {
                    "dashboard-host": "0.0.0.0",  # noqa: S104 - where the job is submitted
                    "num-cpus": "0",
                    "num-gpus": "0",
                    "object-store-memory": str(OBJECT_STORE),
                },
                "template": _head(program, config),
            },
            "workerGroupSpecs": [_workers(program)],
        },
    }
    mark = digest(canonical(spec)).removeprefix("sha256:")[:8]
    name = named(program.name, mark, LONGEST)
    return make(program, VERSION, "RayJob", name, "search", labels=_queue(program), spec=spec)


def longest(program: Program) -> int:
    """Seconds that the job may take: its bound on time, or all rounds at their longest."""
    search = search_of(program)
    budget, each = search.budget, deadline(search.timeout, search.retries)
    bounds = []
    if budget.wall_clock is not None:
        bounds.append(math.ceil(budget.wall_clock) + each)
    if budget.trials is not None:
        bounds.append(math.ceil(budget.trials / search.parallelism) * each)
    return min(bounds, default=each) + RELEASE


def places(program: Program) -> int:
    """Trials at once: no more than there are."""
    search = search_of(program)
    return min(search.parallelism, search.budget.trials or search.parallelism)


def _queue(program: Program) -> Tree:
    queue = program.platform.kubernetes.queue
    if queue is None:
        return {}
    labels: Tree = {"kueue.x-k8s.io/queue-name": queue.name}
    if queue.priority is not None:
        labels["kueue.x-k8s.io/priority-class"] = queue.priority
    return labels


def _head(program: Program, config: str) -> Tree:
    container: Tree = {
        "name": "ray-head",
        "image": trial_image(program),
        "env": quiet_environment(1),
        "resources": _amounts(HEAD.cpu, HEAD.memory),
        **_health(head=True),
        "volumeMounts": [
            STUDY_MOUNT,
            {"name": "data", "mountPath": VOLUME_DIRECTORY},
            TEMPORARY_MOUNT,
            _SHARED_MOUNT,
        ],
        "securityContext": container_security(),
    }
    volumes: list[Tree] = [
        study_volume(config),
        {"name": "data", "persistentVolumeClaim": {"claimName": claim_name(program)}},
        temporary_volume(),
        _SHARED_VOLUME,
    ]
    return _pod(program, container, volumes, "search")


def _workers(program: Program) -> Tree:
    """One worker for each node of each trial that runs at once."""
    search, kubernetes = search_of(program), program.platform.kubernetes
    given = search.resources or Resources()
    whole = max(1, math.ceil(given.cpu))
    amounts = _amounts(given.cpu, given.memory + OVERHEAD)
    parameters: Tree = {
        "num-cpus": str(whole),
        "num-gpus": str(given.gpu),
        "memory": str(given.memory),
        "object-store-memory": str(OBJECT_STORE),
    }
    if given.gpu:
        for each in ("requests", "limits"):
            amounts[each] = {**_tree(amounts[each]), kubernetes.gpu_resource: str(given.gpu)}
    container: Tree = {
        "name": "ray-worker",
        "image": trial_image(program),
        "env": quiet_environment(whole),
        "resources": amounts,
        **_health(head=False),
        "volumeMounts": [TEMPORARY_MOUNT, _SHARED_MOUNT],
        "securityContext": container_security(),
    }
    template = _pod(program, container, [temporary_volume(), _SHARED_VOLUME], "tte")
    pod = _tree(template["spec"])
    if kubernetes.node_selector:
        pod["nodeSelector"] = dict(kubernetes.node_selector)
    if kubernetes.tolerations:
        pod["tolerations"] = [_toleration(each) for each in kubernetes.tolerations]
    most = places(program) * search.nodes.most
    return {
        "groupName": "trials",
        "replicas": most,
        "minReplicas": search.nodes.least,
        "maxReplicas": most,
        "rayStartParams": parameters,
        "template": template,
    }


def _submitter(program: Program) -> Tree:
    """The pod that hands the entrypoint to the cluster; KubeRay writes its command."""
    container: Tree = {
        "name": "ray-job-submitter",
        "image": trial_image(program),
        "env": quiet_environment(1),
        "resources": _amounts(0.5, 2**29),
        "volumeMounts": [TEMPORARY_MOUNT],
        "securityContext": container_security(),
    }
    made = _pod(program, container, [temporary_volume()], "search")
    return {**made, "spec": {**_tree(made["spec"]), "restartPolicy": "Never"}}


def _pod(program: Program, container: Tree, volumes: list[Tree], component: Component) -> Tree:
    return {
        "metadata": {
            "labels": pod_labels(program, component),
            "annotations": {"sidecar.istio.io/inject": "false"},
        },
        "spec": {
            "serviceAccountName": account_name(program, "trial"),
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": pod_security(group=USER),
            "containers": [container],
            "volumes": volumes,
        },
    }


def _amounts(cores: float, size: int) -> Tree:
    amount: Tree = {"cpu": cpu(cores), "memory": memory(size)}
    return {"requests": amount, "limits": dict(amount)}


def _health(*, head: bool) -> Tree:
    """Probes with Python alone: KubeRay's own want `wget`, which slim images have not.

    The agent of each node answers for its raylet, the head's dashboard for the whole cluster.
    """
    addresses = ["http://localhost:52365/api/local_raylet_healthz"]
    if head:
        addresses.append("http://localhost:8265/api/gcs_healthz")
    code = (
        "import sys, urllib.request as u; "
        "sys.exit(any(b'success' not in u.urlopen(a, timeout=4).read() for a in sys.argv[1:]))"
    )
    probe: Tree = {
        "exec": {"command": ["python", "-c", code, *addresses]},
        "timeoutSeconds": 5,
        "periodSeconds": 10,
    }
    return {
        "livenessProbe": {"initialDelaySeconds": 60, **probe, "failureThreshold": 12},
        "readinessProbe": {"initialDelaySeconds": 10, **probe, "failureThreshold": 10},
    }


def _toleration(each: object) -> Tree:
    names = {"key": "key", "operator": "operator", "value": "value", "effect": "effect"}
    names |= {"toleration_seconds": "tolerationSeconds"}
    found = {written: getattr(each, name) for name, written in names.items()}
    return {name: value for name, value in found.items() if value is not None}


def _tree(value: object) -> Tree:
    if not isinstance(value, dict):
        raise TypeError(f"a mapping was made, and {value!r} found")
    return value


_SHARED_VOLUME: Final[Tree] = {
    "name": "shared-memory",
    "emptyDir": {"medium": "Memory", "sizeLimit": memory(2 * OBJECT_STORE)},
}
_SHARED_MOUNT: Final[Tree] = {"name": "shared-memory", "mountPath": "/dev/shm"}  # noqa: S108
