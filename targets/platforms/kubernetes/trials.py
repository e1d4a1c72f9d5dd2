"""A trial as a Job: the JobSink makes one of each `trial.requested`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from omniforce.compiler.ir.program import Program
from omniforce.compiler.runners import JOB, runner_of
from omniforce.spec.blocks.search import Resources

from .names import account_name, claim_name, trial_name
from .objects import Tree, make, pod_labels
from .placement import placement
from .pods import (
    STUDY_MOUNT,
    TEMPORARY_MOUNT,
    USER,
    VOLUME_DIRECTORY,
    container_security,
    environment,
    fixed_resources,
    pod_security,
    study_volume,
    temporary_volume,
    trial_image,
)
from .steps import search_of

STARTING: Final = 300
"""Seconds for a pod to be placed, its image to be pulled and its caches to be filled."""

MISUSE: Final = 64
"""What `runtime.trial.job` exits with where its event or its mounts are wrong."""

GRACE: Final = 60
"""Seconds that a trial whose pod is taken away has to end early and to hand in what it has."""

KEPT: Final = 86_400
"""Seconds that a Job stays for its log; while it stays, its event makes no second one."""


def trials(program: Program, config: str) -> tuple[Tree, ...]:
    """The JobSink, where trials are Jobs. `config` is the ConfigMap with the compiled study."""
    if runner_of(program) != JOB:
        return ()  # dispatch makes what they become
    labels = pod_labels(program, "tte") | queue_labels(program)
    job: Tree = {"metadata": {"labels": labels}, "spec": _job(program, config)}
    sink = make(
        program,
        "sinks.knative.dev/v1alpha1",
        "JobSink",
        trial_name(program),
        "tte",
        spec={"job": job},
    )
    return (sink,)


def deadline(timeout: float, retries: int) -> int:
    """Seconds that a Job may take with all its tries: the net under the trial's own timeout."""
    return (math.ceil(timeout) + STARTING) * (retries + 1)


def _job(program: Program, config: str) -> Tree:
    search = search_of(program)
    return {
        "backoffLimit": search.retries,
        "completions": 1,
        "parallelism": 1,
        "activeDeadlineSeconds": deadline(search.timeout, search.retries),
        "ttlSecondsAfterFinished": KEPT,
        "podFailurePolicy": {"rules": _failure_rules()},
        "template": {
            "metadata": {
                "labels": pod_labels(program, "tte"),
                "annotations": {"sidecar.istio.io/inject": "false"},
            },
            "spec": trial_pod(program, trial_container(program, "trial", _COMMAND), config),
        },
    }


def _failure_rules() -> list[Tree]:
    return [
        # a drained node is nobody's fault and costs no try
        {
            "action": "Ignore",
            "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
        },
        # the Job is not as it must be: another try would fail the same way
        {
            "action": "FailJob",
            "onExitCodes": {"containerName": "trial", "operator": "In", "values": [MISUSE]},
        },
    ]


_COMMAND: Final = ["python", "-m", "omniforce.runtime.trial.job"]


def queue_labels(program: Program) -> Tree:
    """What has Kueue hold a trial back until its queue admits it; `suspend` is Kueue's alone."""
    queue = program.platform.kubernetes.queue
    if queue is None:
        return {}
    made: Tree = {"kueue.x-k8s.io/queue-name": queue.name}
    if queue.priority is not None:
        made["kueue.x-k8s.io/priority-class"] = queue.priority
    return made


def trial_pod(program: Program, container: Tree, config: str) -> Tree:
    """A trial's pod around one container. `config` is the ConfigMap with the compiled study."""
    claim = {"claimName": claim_name(program)}
    return {
        "serviceAccountName": account_name(program, "trial"),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": GRACE,
        "securityContext": pod_security(group=USER),
        **placement(program),
        "containers": [container],
        "volumes": [
            study_volume(config),
            {"name": "data", "persistentVolumeClaim": claim},
            temporary_volume(),
        ],
    }


def trial_container(
    program: Program,
    name: str,
    command: Sequence[str],
    more: Sequence[Tree] = (),
    processes: int = 1,
) -> Tree:
    """The container that trains, under the name that its controller looks for.

    Args:
        program: complete.
        name: of the container.
        command: what runs in it; empty for the image's own.
        more: further variables.
        processes: that share its cores.
    """
    resources = search_of(program).resources or Resources()
    threads = max(1, int(resources.cpu) // processes)
    return {
        "name": name,
        "image": trial_image(program),
        **({"command": list(command)} if command else {}),
        "env": [
            *environment(program, "trial", threads),
            {"name": "OFC_GRACE_SECONDS", "value": str(GRACE)},
            {"name": "OFC_DATA", "value": f"{VOLUME_DIRECTORY}/data"},
            *more,
        ],
        "volumeMounts": [
            STUDY_MOUNT,
            {"name": "data", "mountPath": VOLUME_DIRECTORY},
            TEMPORARY_MOUNT,
        ],
        "resources": fixed_resources(resources, program.platform.kubernetes.gpu_resource),
        "securityContext": container_security(),
    }
