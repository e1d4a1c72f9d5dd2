"""The pods of one trial: those of a Job, with what they need to find each other."""

from __future__ import annotations

import math

from omniforce.compiler.ir.program import Program
from omniforce.compiler.runners import training_of
from omniforce.spec.blocks.training import Training

from ..names import namespace_of
from ..objects import DOMAIN, Tree, labels_of, pod_labels
from ..steps import search_of
from ..trials import STARTING, deadline, queue_labels, trial_container
from .placeholders import ATTEMPT_LABEL, EVENT, NAME, TRAINS_LABEL, TRIAL_LABEL

PORT = 29400
"""Where the processes of one trial meet."""

TRAIN = ["python", "-m", "omniforce.runtime.trial.job"]
LAUNCH = ["python", "-m", "torch.distributed.run", "-m", "omniforce.runtime.trial.job"]
"""torchrun, which starts a process for each GPU, and reads `PET_...` from the environment."""


def training(program: Program) -> Training:
    """What the spec says of it, or what is the case where it says nothing."""
    return training_of(program) or Training()


def processes(program: Program) -> int:
    """On each node."""
    resources = search_of(program).resources
    return training(program).processes or max(1, resources.gpu if resources is not None else 0)


def attempt_deadline(program: Program) -> int:
    """Seconds that one attempt may take: it is not retried by its controller, but by the search."""
    return math.ceil(deadline(search_of(program).timeout, 0)) + STARTING


def labels(program: Program) -> Tree:
    """Of the pods."""
    own = {TRIAL_LABEL: "0", ATTEMPT_LABEL: "0", TRAINS_LABEL: "nodes"}
    return pod_labels(program, "tte") | own


def head(program: Program, api_version: str, kind: str, spec: Tree) -> Tree:
    """The object itself, as all others are called and labelled; it is in none of their waves."""
    own = {TRIAL_LABEL: "0", ATTEMPT_LABEL: "0"}
    metadata: Tree = {
        "name": NAME,
        "namespace": namespace_of(program),
        "labels": labels_of(program, "tte") | own | queue_labels(program),
        "annotations": {f"{DOMAIN}/spec-digest": program.digest},
    }
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}


def own_variables(program: Program) -> list[Tree]:
    """What an attempt is told beside what all trials are."""
    return [
        {"name": "OFC_EVENT", "value": EVENT},
        {"name": "OFC_TRAINING_JOB", "value": NAME},
        {"name": "OFC_NODES", "value": str(search_of(program).nodes.most)},
    ]


def rendezvous(program: Program, host: str) -> list[Tree]:
    """Torchrun's own variables where its nodes come and go."""
    nodes = search_of(program).nodes
    told = {
        "PET_NNODES": f"{nodes.least}:{nodes.most}",
        "PET_NPROC_PER_NODE": str(processes(program)),
        "PET_RDZV_BACKEND": "c10d",
        "PET_RDZV_ENDPOINT": f"{host}:{PORT}",
        "PET_RDZV_ID": NAME,
        "PET_MAX_RESTARTS": str(training(program).restarts),
    }
    return [{"name": name, "value": value} for name, value in told.items()]


def container(
    program: Program, name: str, command: list[str], *more: Tree, told: bool = True
) -> Tree:
    """The container that trains, called as its controller wants it.

    Args:
        program: complete.
        name: of the container.
        command: what runs in it.
        more: further variables.
        told: whether it is told its attempt here, and not by its controller.
    """
    own = own_variables(program) if told else []
    return trial_container(program, name, command, [*own, *more], processes(program))


def template(program: Program, spec: Tree) -> Tree:
    """The pod's template around its spec, as `trials.trial_pod` makes it."""
    return {
        "metadata": {
            "labels": labels(program),
            "annotations": {"sidecar.istio.io/inject": "false"},
        },
        "spec": spec,
    }
