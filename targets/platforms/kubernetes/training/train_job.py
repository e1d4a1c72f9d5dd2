"""TrainJob (Kubeflow Trainer v2), in a TrainingRuntime of the study's own or one of the cluster's.

Trainer 2.3 keeps the number of nodes that a TrainJob begins with. Where it may change, the runtime
has no torch policy: torchrun's own rendezvous finds the nodes that are there, and `numNodes` is how
many there may be.
"""

from __future__ import annotations

from typing import Final

from omniforce.compiler.canonical import canonical
from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.search import Resources

from ..names import content_name
from ..objects import Tree, identity, make
from ..pods import fixed_resources, trial_image
from ..steps import search_of
from ..trials import KEPT, trial_pod
from .placeholders import NAME
from .pod import (
    LAUNCH,
    attempt_deadline,
    container,
    head,
    own_variables,
    processes,
    rendezvous,
    template,
    training,
)

GROUP: Final = "trainer.kubeflow.org"
VERSION: Final = f"{GROUP}/v1alpha1"
NODE: Final = "node"
"""How Trainer calls the Job and the container that train; others it would leave as they are."""


def objects(program: Program, config: str) -> tuple[Tree, ...]:
    """What stands there before any trial: the runtime, unless it is the cluster's own."""
    return () if training(program).runtime is not None else (_runtime(program, config),)


def training_object(program: Program, config: str) -> Tree:
    """The TrainJob of one attempt."""
    search, runtime = search_of(program), training(program).runtime
    elastic = rendezvous(program, f"{NAME}-{NODE}-0-0.{NAME}") if search.nodes.elastic else []
    trainer: Tree = {"numNodes": search.nodes.most}
    if not search.nodes.elastic:
        trainer["numProcPerNode"] = processes(program)
    spec: Tree = {"activeDeadlineSeconds": attempt_deadline(program)}
    if runtime is None:
        _, name = identity(_runtime(program, config))
        spec["runtimeRef"] = {"apiGroup": GROUP, "kind": "TrainingRuntime", "name": name}
        trainer["env"] = [*own_variables(program), *elastic]
        return head(program, VERSION, "TrainJob", spec | {"trainer": trainer})
    spec["runtimeRef"] = {"apiGroup": GROUP, "kind": "ClusterTrainingRuntime", "name": runtime}
    spec["runtimePatches"] = [_patch(program, config)]
    whole = container(program, NODE, LAUNCH)
    trainer |= {
        "image": trial_image(program),
        "command": LAUNCH,
        "env": whole["env"],
        "resourcesPerNode": fixed_resources(search.resources or Resources(), _gpu(program)),
    }
    return head(program, VERSION, "TrainJob", spec | {"trainer": trainer})


def _gpu(program: Program) -> str:
    return program.platform.kubernetes.gpu_resource


def _runtime(program: Program, config: str) -> Tree:
    """A TrainJob keeps its runtime's name, so another pod is another runtime: a hash ends it."""
    search = search_of(program)
    policy: Tree = {"numNodes": search.nodes.most}
    if not search.nodes.elastic:
        policy["torch"] = {}
    pod = template(
        program, trial_pod(program, container(program, NODE, LAUNCH, told=False), config)
    )
    # a node that an elastic trial lost may come back; any other trial is over with its first pod
    retries = training(program).restarts * search.nodes.most if search.nodes.elastic else 0
    job: Tree = {
        "name": NODE,
        "template": {
            "metadata": {"labels": {f"{GROUP}/trainjob-ancestor-step": "trainer"}},
            "spec": {"backoffLimit": retries, "template": pod},
        },
    }
    jobs: Tree = {
        "replicatedJobs": [job],
        "failurePolicy": {"maxRestarts": 0},
        "ttlSecondsAfterFinished": KEPT,
    }
    spec: Tree = {"mlPolicy": policy, "template": {"spec": jobs}}
    name = content_name(program, "training", canonical(spec))
    framework: Tree = {f"{GROUP}/framework": "torch"}
    return make(program, VERSION, "TrainingRuntime", name, "tte", labels=framework, spec=spec)


def _patch(program: Program, config: str) -> Tree:
    """What the cluster's own runtime lacks: volumes, an identity, what `restricted` asks."""
    own = container(program, NODE, LAUNCH)
    spec = trial_pod(program, own, config)
    kept = ("serviceAccountName", "volumes", "securityContext", "nodeSelector", "tolerations")
    patched: Tree = {key: spec[key] for key in kept if key in spec}
    patched["containers"] = [{key: own[key] for key in ("name", "volumeMounts", "securityContext")}]
    pod = template(program, patched)
    job: Tree = {
        "name": NODE,
        "template": {
            "spec": {"template": pod},
        },
    }
    inner: Tree = {"template": {"spec": {"replicatedJobs": [job]}}}
    return {"manager": "omniforce.dev/ofc", "trainingRuntimeSpec": inner}
