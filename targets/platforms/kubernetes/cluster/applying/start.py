"""Starts a study on a cluster: a Job that sends `study.started`, once every Trigger is ready.

An event that comes before a Trigger is ready gets its 202 and is gone. The event has the same id
whoever sends it (this Job, the `search` pipeline, a hand), and the search takes a second one for
the first: a study is never started twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from omniforce.compiler.ir.program import Program
from omniforce.spec.blocks.search import Resources
from omniforce.spec.problem import Problem

from ...names import account_name, named, namespace_of
from ...objects import Tree, make, pod_labels, version_of
from ...pods import (
    STUDY_MOUNT,
    TEMPORARY_MOUNT,
    broker_url,
    container_security,
    fixed_resources,
    pod_security,
    quiet_environment,
    study_volume,
    temporary_volume,
)
from ...study import study_map_name
from ..cluster import Cluster, Reference, reference_of
from .gone import delete_and_wait
from .ready import State, in_words, state_of

SECONDS: Final = 300.0
"""Time for the Job: its pod must be placed and its image pulled."""

KEPT: Final = 86_400

_RESOURCES: Final = Resources(cpu=0.25, memory=256 * 2**20)


def start_job(program: Program) -> Tree:
    """The Job. Of one spec there is one: its name has the spec's digest."""
    name = named(program.name, f"start-{version_of(program)}")
    environment = [
        {"name": "OFC_STUDY", "value": program.name},
        {"name": "OFC_BROKER", "value": broker_url(program)},
        *quiet_environment(1),
    ]
    pod: Tree = {
        "serviceAccountName": account_name(program, "trial"),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "securityContext": pod_security(),
        "containers": [
            {
                "name": "start",
                "image": program.platform.kubernetes.images.functions,
                "command": ["python", "-m", "omniforce.runtime.steps", "start"],
                "env": environment,
                "volumeMounts": [STUDY_MOUNT, TEMPORARY_MOUNT],
                "resources": fixed_resources(_RESOURCES),
                "securityContext": container_security(),
            }
        ],
        "volumes": [study_volume(study_map_name(program)), temporary_volume()],
    }
    labels = pod_labels(program, "search")
    template = {
        "metadata": {"labels": labels, "annotations": {"sidecar.istio.io/inject": "false"}},
        "spec": pod,
    }
    return make(
        program,
        "batch/v1",
        "Job",
        name,
        "search",
        spec={
            "backoffLimit": 3,
            "activeDeadlineSeconds": int(SECONDS),
            "ttlSecondsAfterFinished": KEPT,
            "template": template,
        },
    )


def may_start(states: Mapping[Reference, State]) -> None:
    """That the events of a start reach everybody.

    Args:
        states: of all objects of the study.

    Raises:
        Problem: a Broker or Trigger is not ready.
    """
    deaf = {r: s for r, s in states.items() if _hears(r) and s.word != "ready"}
    if deaf:
        raise Problem(
            "OFC632",
            f"the study cannot be started yet: {in_words(deaf)}",
            "an event would get its 202 and be lost; apply with `--wait`, then start again",
        )


def _hears(reference: Reference) -> bool:
    return reference.kind in ("Broker", "Trigger")


def start(
    cluster: Cluster,
    program: Program,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Starts the study, and waits until the broker has the event; False where that was done before.

    Raises:
        Problem: the Job fails, or does not end in time.
    """
    job = start_job(program)
    reference = reference_of(job)
    there = cluster.get(reference)
    if there is not None and state_of(there).word == "ready":
        return False
    if there is not None and state_of(there).word == "failed":
        delete_and_wait(cluster, reference, pause)
        there = None
    if there is None:
        cluster.apply(job)
    end = clock() + SECONDS
    while clock() < end:
        state = state_of(cluster.get(reference) or {})
        if state.word == "ready":
            return True
        if state.word == "failed":
            raise _failed(program, reference, state.why)
        pause(1.0)
    raise _failed(program, reference, "it did not end in time")


def _failed(program: Program, reference: Reference, why: str) -> Problem:
    return Problem(
        "OFC633",
        f"the study `{program.name}` was not started: `{reference}`: {why}",
        f"`kubectl logs -n {namespace_of(program)} job/{reference.name}` says more; then run "
        "`ofc apply --start` again",
    )
