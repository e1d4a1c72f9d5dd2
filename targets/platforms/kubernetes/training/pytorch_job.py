"""PyTorchJob (training-operator v1), for clusters from before Trainer v2.

It has no master. The operator would give every worker beside one an init container of its own,
which Pod Security `restricted` refuses; without one the workers find each other by torchrun's
rendezvous, also where their number is fixed.
"""

from __future__ import annotations

from typing import Final

from omniforce.compiler.ir.program import Program

from ..objects import Tree
from ..steps import search_of
from ..trials import KEPT, trial_pod
from .pod import (
    LAUNCH,
    PORT,
    attempt_deadline,
    container,
    head,
    processes,
    template,
    training,
)

VERSION: Final = "kubeflow.org/v1"


def objects(program: Program, config: str) -> tuple[Tree, ...]:
    """Nothing stands there before a trial."""
    return ()


def training_object(program: Program, config: str) -> Tree:
    """The PyTorchJob of one attempt."""
    nodes = search_of(program).nodes
    pod = template(program, trial_pod(program, container(program, "pytorch", LAUNCH), config))
    spec: Tree = {
        "runPolicy": run_policy(program),
        "elasticPolicy": {
            "minReplicas": nodes.least,
            "maxReplicas": nodes.most,
            "nProcPerNode": processes(program),
            "rdzvBackend": "c10d",
            "rdzvPort": PORT,
            "maxRestarts": training(program).restarts if nodes.elastic else 0,
        },
        "pytorchReplicaSpecs": {
            "Worker": {
                "replicas": nodes.most,
                # one that an elastic trial lost comes back and joins the others
                "restartPolicy": "OnFailure" if nodes.elastic else "Never",
                "template": pod,
            }
        },
    }
    return head(program, VERSION, "PyTorchJob", spec)


def run_policy(program: Program) -> Tree:
    """What both old kinds say of their end. Never `suspend`: that is Kueue's."""
    restarts = training(program).restarts if search_of(program).nodes.elastic else 0
    return {
        "cleanPodPolicy": "Running",
        "ttlSecondsAfterFinished": KEPT,
        "activeDeadlineSeconds": attempt_deadline(program),
        "backoffLimit": restarts * search_of(program).nodes.most,
    }
