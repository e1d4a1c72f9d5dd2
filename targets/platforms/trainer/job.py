"""The OptimizationJob, and the TrainingRuntime that its TrainJobs run in.

The API is unreleased (kubeflow/trainer 8c0f505, v2.3): the schema and its rules are what counts.
"""

from __future__ import annotations

from typing import Final

from omniforce.compiler.canonical import canonical, digest
from omniforce.compiler.errors import CompilerBug
from omniforce.compiler.ir.program import Program
from omniforce.spec.expression.tree import Objective

from ..foreign_search.pod import (
    MODULE,
    environment,
    image,
    job_limits,
    pod,
    resources,
    surroundings,
)
from ..kubernetes.names import content_name, named
from ..kubernetes.objects import Tree, identity, make, pod_labels
from ..kubernetes.steps import search_of
from .parameters import parameters

GROUP: Final = "trainer.kubeflow.org"
VERSION: Final = f"{GROUP}/v1alpha1"

NODE: Final = "node"
"""How Trainer calls the Job and the container that train; others it would leave as they are."""


LONGEST: Final = 40
"""Characters of the job's name: its TrainJobs, their Jobs and pods each add to it, up to 63."""


def training_runtime(program: Program, config: str) -> Tree:
    """The runtime of the trials: the pod with its mounts and its security, without its values.

    `config` is the ConfigMap with the compiled study. A TrainJob keeps its runtime's name, so
    another pod is another runtime: the name ends with a hash.
    """
    container: Tree = {
        "name": NODE,
        "image": image(program),
        "env": environment(program),
        "resources": resources(program),
        **surroundings(),
    }
    limits = job_limits(program, NODE)
    # the TrainJob's own deadline counts from its start, suspensions apart
    del limits["activeDeadlineSeconds"]
    template: Tree = {
        "metadata": {
            "labels": pod_labels(program, "tte"),
            "annotations": {"sidecar.istio.io/inject": "false"},
        },
        "spec": pod(program, container, config),
    }
    job: Tree = {
        "name": NODE,
        "template": {
            "metadata": {"labels": {f"{GROUP}/trainjob-ancestor-step": "trainer"}},
            "spec": {**limits, "template": template},
        },
    }
    spec: Tree = {"mlPolicy": {"numNodes": 1}, "template": {"spec": {"replicatedJobs": [job]}}}
    name = content_name(program, "trial", canonical(spec))
    return make(program, VERSION, "TrainingRuntime", name, "tte", spec=spec)


def optimization_job(program: Program, runtime: Tree) -> Tree:
    """The OptimizationJob. Nobody may change one, so another search is another job."""
    search = search_of(program)
    goal = next((g for g in search.goals if isinstance(g, Objective)), None)
    if goal is None:
        raise CompilerBug("emit-trainer", ("a search without an objective",))
    trials = search.budget.trials or 1
    spec: Tree = {
        "objectives": [{"metric": goal.metric.key, "direction": goal.direction.capitalize()}],
        "searchAlgorithm": {"random": {"seed": search.seed}},
        "parameters": parameters(search.space),
        "numTrials": trials,
        "parallelTrials": min(search.parallelism, trials),
        "trainJobTemplate": _train_job(program, runtime),
    }
    mark = digest(canonical(spec)).removeprefix("sha256:")[:8]
    name = named(program.name, mark, LONGEST)
    return make(program, VERSION, "OptimizationJob", name, "search", spec=spec)


def _train_job(program: Program, runtime: Tree) -> Tree:
    kind, name = identity(runtime)
    limits = job_limits(program, NODE)
    return {
        "metadata": {"labels": pod_labels(program, "tte")},
        "spec": {
            "activeDeadlineSeconds": limits["activeDeadlineSeconds"],
            "runtimeRef": {"apiGroup": GROUP, "kind": kind, "name": name},
            # values come as variables, which the controller adds to these
            "trainer": {
                "image": image(program),
                "command": ["python", "-m", f"{MODULE}.trainer"],
                "numNodes": 1,
                "resourcesPerNode": resources(program),
            },
        },
    }
