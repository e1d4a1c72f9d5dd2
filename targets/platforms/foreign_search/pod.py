"""The pod of one trial that another system proposes: as Pod Security `restricted` wants it."""

from __future__ import annotations

import math
from typing import Final

from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.search import Resources

from ..kubernetes.names import account_name, claim_name
from ..kubernetes.objects import Tree
from ..kubernetes.pods import (
    STUDY_MOUNT,
    TEMPORARY_MOUNT,
    USER,
    VOLUME_DIRECTORY,
    container_security,
    fixed_resources,
    pod_security,
    quiet_environment,
    study_volume,
    temporary_volume,
    trial_image,
)
from ..kubernetes.steps import search_of
from ..kubernetes.trials import deadline

FAILED: Final = 65
"""What the trial exits with where it gave no result: no retry can help."""

MISUSE: Final = 64
"""What it exits with where its manifests are wrong."""

MODULE: Final = "omniforce.runtime.trial"


def job_limits(program: Program, container: str) -> Tree:
    """What a Job says of its retries: a lost pod is tried again, a failed trial never."""
    search = search_of(program)
    return {
        "backoffLimit": search.retries,
        "activeDeadlineSeconds": math.ceil(deadline(search.timeout, search.retries)),
        "podFailurePolicy": {
            "rules": [
                # a drained node is nobody's fault and costs no try
                {
                    "action": "Ignore",
                    "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
                },
                {
                    "action": "FailJob",
                    "onExitCodes": {
                        "containerName": container,
                        "operator": "In",
                        "values": [MISUSE, FAILED],
                    },
                },
            ]
        },
    }


def pod(program: Program, container: Tree, config: str) -> Tree:
    """A pod's spec around one container. `config` is the ConfigMap with the compiled study."""
    return {
        "serviceAccountName": account_name(program, "trial"),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "securityContext": pod_security(group=USER),
        "containers": [container],
        "volumes": [
            study_volume(config),
            {"name": "data", "persistentVolumeClaim": {"claimName": claim_name(program)}},
            temporary_volume(),
        ],
    }


def surroundings() -> Tree:
    """What the trial's container mounts and may do."""
    return {
        "volumeMounts": [
            STUDY_MOUNT,
            {"name": "data", "mountPath": VOLUME_DIRECTORY},
            TEMPORARY_MOUNT,
        ],
        "securityContext": container_security(),
    }


def image(program: Program) -> str:
    """What trains and measures."""
    return trial_image(program)


def resources(program: Program) -> Tree:
    """Of one trial."""
    return fixed_resources(search_of(program).resources or Resources())


def environment(program: Program) -> list[Tree]:
    """The variables of a trial, beside those that are searched."""
    given = search_of(program).resources or Resources()
    own = {"OFC_STUDY": program.name, "OFC_DATA": f"{VOLUME_DIRECTORY}/data"}
    made: list[Tree] = [{"name": name, "value": value} for name, value in own.items()]
    return made + quiet_environment(max(1, int(given.cpu)))
