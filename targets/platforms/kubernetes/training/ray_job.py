"""RayJob (KubeRay): a cluster for each attempt, whose head starts a rank on every node."""

from __future__ import annotations

from typing import Final

from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.search import Resources

from ..objects import Tree
from ..pods import fixed_resources
from ..steps import search_of
from ..trials import KEPT, trial_pod
from .pod import attempt_deadline, container, head, processes, template

VERSION: Final = "ray.io/v1"
ENTRY: Final = "python -m omniforce.runtime.trial.ray_ranks"


def objects(program: Program, config: str) -> tuple[Tree, ...]:
    """Nothing stands there before a trial."""
    return ()


def training_object(program: Program, config: str) -> Tree:
    """The RayJob of one attempt."""
    nodes = search_of(program).nodes.most
    slots: Tree = {"name": "OFC_PROCESSES", "value": str(processes(program))}
    ray: Tree = {"name": "RAY_USAGE_STATS_ENABLED", "value": "0"}

    def pod(name: str) -> Tree:
        # without a command: KubeRay's own starts the node
        return template(
            program, trial_pod(program, container(program, name, [], slots, ray), config)
        )

    submitter = container(program, "ray-job-submitter", [])
    submitter["resources"] = fixed_resources(Resources(cpu=0.5, memory=2**29))
    cluster: Tree = {"headGroupSpec": {"rayStartParams": {}, "template": pod("ray-head")}}
    if nodes > 1:
        cluster["workerGroupSpecs"] = [
            {
                "groupName": "nodes",
                "replicas": nodes - 1,
                "minReplicas": nodes - 1,
                "maxReplicas": nodes - 1,
                "rayStartParams": {},
                "template": pod("ray-worker"),
            }
        ]
    return head(
        program,
        VERSION,
        "RayJob",
        {
            "entrypoint": ENTRY,
            "activeDeadlineSeconds": attempt_deadline(program),
            "backoffLimit": 0,
            "shutdownAfterJobFinishes": True,
            "ttlSecondsAfterFinished": min(KEPT, 600),
            "rayClusterSpec": cluster,
            "submitterPodTemplate": template(program, trial_pod(program, submitter, config)),
        },
    )
