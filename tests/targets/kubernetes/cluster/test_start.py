"""Starting a study: only when it can hear, and once."""

from __future__ import annotations

import pytest

from omniforce.compiler.ir.program import Program
from omniforce.spec.problem import Problem
from omniforce.targets.platforms.kubernetes.check import check
from omniforce.targets.platforms.kubernetes.cluster.apply_set import applied_objects
from omniforce.targets.platforms.kubernetes.cluster.applying.ready import State
from omniforce.targets.platforms.kubernetes.cluster.applying.start import (
    may_start,
    start,
    start_job,
)
from omniforce.targets.platforms.kubernetes.cluster.client.client import KubernetesCluster
from omniforce.targets.platforms.kubernetes.cluster.cluster import Reference, reference_of
from tests.support.api_server import ApiServer
from tests.support.crd import faults, needs_shared
from tests.support.live import compiled

pytestmark = needs_shared


@pytest.fixture
def program(cluster: KubernetesCluster) -> Program:
    program = compiled()[1]
    for tree in applied_objects(program):
        cluster.apply(tree)
    return program


def test_the_job_is_such_as_a_cluster_takes_and_runs(program: Program) -> None:
    job = start_job(program)
    assert faults(job) == []
    assert tuple(check((*applied_objects(program), job))) == ()


def test_a_study_starts_once(
    cluster: KubernetesCluster, server: ApiServer, program: Program
) -> None:
    assert start(cluster, program, lambda s: server.controllers.again()) is True
    assert start(cluster, program) is False
    assert sum(tree["kind"] == "Job" for tree in server.objects()) == 1


def test_a_start_that_failed_is_tried_anew(
    cluster: KubernetesCluster, server: ApiServer, program: Program
) -> None:
    name = reference_of(start_job(program)).name
    server.controllers.failing["Job", name] = ("BackoffLimitExceeded", "it failed too often")
    with pytest.raises(Problem) as fault:
        start(cluster, program, lambda s: server.controllers.again())
    assert fault.value.diagnostic.code == "OFC633"
    assert "BackoffLimitExceeded" in fault.value.diagnostic.message
    server.controllers.failing.clear()
    assert start(cluster, program, lambda s: server.controllers.again()) is True


def test_nothing_starts_before_every_trigger_hears() -> None:
    trigger = Reference("eventing.knative.dev/v1", "Trigger", "here", "tick")
    server = Reference("serving.kserve.io/v1beta1", "InferenceService", "here", "one")
    later = State("progressing", "its model is missing")
    may_start({trigger: State("ready"), server: later})
    with pytest.raises(Problem) as fault:
        may_start({trigger: State("failed", "Ready is False: BrokerDoesNotExist")})
    assert fault.value.diagnostic.message == (
        "the study cannot be started yet: `Trigger/tick`: Ready is False: BrokerDoesNotExist"
    )
