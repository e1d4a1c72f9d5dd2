"""The Experiment: what is searched, how, and the Job of one trial."""

from __future__ import annotations

from typing import Final

from omniforce.compiler.canonical import canonical, digest
from omniforce.compiler.errors import CompilerBug
from omniforce.compiler.ir.program import Program, Search
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
from ..foreign_search.values import variable
from ..kubernetes.names import named
from ..kubernetes.objects import Tree, make, pod_labels
from ..kubernetes.steps import search_of
from .algorithm import algorithm_of, settings_of
from .parameters import parameters

CONTAINER: Final = "trial"

LONGEST: Final = 40
"""Characters of an Experiment's name that Katib's webhook takes."""

METRIC: Final = r"([\w.@-]+)\s*=\s*([+-]?\d*(\.\d+)?([Ee][+-]?\d+)?)"
"""Katib's own pattern, and in a name also the dots of `latency.p95@server`."""


def experiment(program: Program, config: str) -> Tree:
    """The Experiment. `config` is the ConfigMap with the compiled study.

    Katib lets nobody change the search of an Experiment that exists, so another search is
    another Experiment: the name ends with a hash of what it says.
    """
    spec = _spec(program, config)
    mark = digest(canonical(spec)).removeprefix("sha256:")[:8]
    name = named(program.name, mark, LONGEST)
    return make(program, "kubeflow.org/v1beta1", "Experiment", name, "search", spec=spec)


def _spec(program: Program, config: str) -> Tree:
    search = search_of(program)
    trials = search.budget.trials or 1
    return {
        "objective": _objective(search),
        "algorithm": {
            "algorithmName": algorithm_of(search),
            "algorithmSettings": settings_of(search),
        },
        "parallelTrialCount": min(search.parallelism, trials),
        "maxTrialCount": trials,
        # a trial that fails is one that was tried: it ends no search of ours
        "maxFailedTrialCount": trials,
        # nothing stays running for a search that is over
        "resumePolicy": "Never",
        "metricsCollectorSpec": {
            "collector": {"kind": "StdOut"},
            "source": {"filter": {"metricsFormat": [METRIC]}},
        },
        "parameters": parameters(search.space),
        "trialTemplate": _template(program, config),
    }


def _objective(search: Search) -> Tree:
    goal = next((g for g in search.goals if isinstance(g, Objective)), None)
    if goal is None:
        raise CompilerBug("emit-katib", ("a search without an objective",))
    name = goal.metric.key
    others = [m.name for m in search.algorithm.metrics if m.name != name]
    made: Tree = {"type": goal.direction, "objectiveMetricName": name}
    if others:
        made["additionalMetricNames"] = others
    # what a training prints on its way may look like a metric: the last line is the trial's own
    made["metricStrategies"] = [{"name": each, "value": "latest"} for each in (name, *others)]
    return made


def _template(program: Program, config: str) -> Tree:
    names = [c.name for c in search_of(program).space]
    return {
        "primaryContainerName": CONTAINER,
        "successCondition": 'status.conditions.#(type=="Complete")#|#(status=="True")#',
        "failureCondition": 'status.conditions.#(type=="Failed")#|#(status=="True")#',
        # the Jobs stay, with their logs, until their own time is over
        "retain": True,
        "trialParameters": [{"name": name, "reference": name} for name in names],
        "trialSpec": {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"labels": pod_labels(program, "tte")},
            "spec": _job(program, config, names),
        },
    }


def _job(program: Program, config: str, names: list[str]) -> Tree:
    searched: list[Tree] = [
        {"name": variable(name), "value": f"${{trialParameters.{name}}}"} for name in names
    ]
    container: Tree = {
        "name": CONTAINER,
        "image": image(program),
        # written out, or Katib asks the registry for it; no argument is a value, since Katib
        # puts them all into one line for a shell
        "command": ["python", "-m", f"{MODULE}.katib"],
        "env": environment(program) + searched,
        "resources": resources(program),
        **surroundings(),
    }
    return {
        **job_limits(program, CONTAINER),
        "ttlSecondsAfterFinished": 86_400,
        "template": {
            "metadata": {
                "labels": pod_labels(program, "tte"),
                "annotations": {"sidecar.istio.io/inject": "false"},
            },
            "spec": pod(program, container, config),
        },
    }
