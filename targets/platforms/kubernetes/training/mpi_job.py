"""MPIJob (training-operator v1): a launcher calls mpirun, the workers wait for it.

The operator gives the launcher an init container and an identity of its own, and neither is as
Pod Security `restricted` wants it: the namespace admits `baseline`. mpirun must be in the image.
"""

from __future__ import annotations

from typing import Final

from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.search import Resources

from ..objects import Tree
from ..pods import fixed_resources
from ..steps import search_of
from ..trials import trial_pod
from .pod import TRAIN, container, head, processes, template
from .pytorch_job import run_policy

VERSION: Final = "kubeflow.org/v1"
CONTAINER: Final = "mpi"


def objects(program: Program, config: str) -> tuple[Tree, ...]:
    """Nothing stands there before a trial."""
    return ()


def training_object(program: Program, config: str) -> Tree:
    """The MPIJob of one attempt."""
    nodes, slots = search_of(program).nodes.most, processes(program)
    launch = ["mpirun", "-np", str(nodes * slots), "--allow-run-as-root", *TRAIN]
    starter = container(program, CONTAINER, launch)
    starter["resources"] = fixed_resources(Resources(cpu=0.5, memory=2**29))
    launcher = trial_pod(program, starter, config)
    # the operator's own identity may call into the workers, ours may not
    del launcher["serviceAccountName"], launcher["automountServiceAccountToken"]
    worker = container(program, CONTAINER, ["sleep", "infinity"])
    return head(
        program,
        VERSION,
        "MPIJob",
        {
            "slotsPerWorker": slots,
            "mainContainer": CONTAINER,
            "runPolicy": run_policy(program),
            "mpiReplicaSpecs": {
                "Launcher": {
                    "replicas": 1,
                    "restartPolicy": "Never",
                    "template": template(program, launcher),
                },
                "Worker": {
                    "replicas": nodes,
                    "restartPolicy": "Never",
                    "template": template(program, trial_pod(program, worker, config)),
                },
            },
        },
    )
