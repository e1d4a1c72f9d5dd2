"""Waiting until all is ready, by a clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from omniforce.targets.platforms.kubernetes.cluster.apply_set import PART_OF
from omniforce.targets.platforms.kubernetes.cluster.applying.ready import State
from omniforce.targets.platforms.kubernetes.cluster.applying.waiting import NotReady, Waiting
from omniforce.targets.platforms.kubernetes.cluster.client.client import KubernetesCluster
from omniforce.targets.platforms.kubernetes.cluster.cluster import Reference, reference_of
from tests.support.api_server import ApiServer
from tests.support.clusters import broker, config_map, namespace
from tests.support.crd import needs_shared

pytestmark = needs_shared

SET = "applyset-one-v1"


class Clock:
    """Stands still but for pauses; `then` is done at the first pause."""

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.now, self._then = 0.0, then

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += max(seconds, 0.01)
        then, self._then = self._then, lambda: None
        then()


class Told:
    def __init__(self) -> None:
        self.words: list[list[str]] = []

    def stands(self, states: Mapping[Reference, State]) -> None:
        self.words.append([state.word for state in states.values()])


def set_up(cluster: KubernetesCluster, *names: str) -> tuple[Reference, ...]:
    cluster.apply(namespace())
    trees: list[dict[str, Any]] = [broker(name) for name in names] + [config_map()]
    for tree in trees:
        tree["metadata"]["labels"] = {PART_OF: SET}
        cluster.apply(tree)
    return tuple(map(reference_of, (namespace(), *trees)))


def wait(
    cluster: KubernetesCluster, references: tuple[Reference, ...], clock: Clock, **more: Any
) -> Told:
    told = Told()
    waiting = Waiting(60, pause=clock.pause, clock=clock, **more)
    waiting.run(cluster, references, SET, told)
    return told


def settle(server: ApiServer, cluster: KubernetesCluster, name: str) -> None:
    """Has the controllers work on a held Broker, and waits for them."""
    server.controllers.held.clear()
    server.controllers.again()
    for event in cluster.watch("eventing.knative.dev/v1", "Broker", "here", 10):
        if event.object["metadata"]["name"] == name and "status" in event.object:  # type: ignore[index]
            return


def test_waits_until_all_are_ready(cluster: KubernetesCluster, server: ApiServer) -> None:
    server.controllers.held.add("Broker")
    references = set_up(cluster, "events")
    clock = Clock(lambda: settle(server, cluster, "events"))
    told = wait(cluster, references, clock)
    assert told.words == [["ready", "progressing", "ready"], ["ready"] * 3]


def test_what_does_not_come_in_time_is_named_with_its_reason(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.controllers.held.add("Broker")
    references = set_up(cluster, "a", "b", "c", "d")
    with pytest.raises(NotReady) as fault:
        wait(cluster, references, Clock())
    assert fault.value.timed_out
    assert fault.value.diagnostic.message == (
        "not ready in time: `Broker/a`, `Broker/b`, `Broker/c` and 1 more: "
        "it has no condition Ready yet"
    )


def test_what_fails_for_long_is_not_waited_for(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.controllers.held.add("Broker")
    references = set_up(cluster, "events")
    server.controllers.failing["Broker", "events"] = ("NoChannel", "there is no channel")
    settle(server, cluster, "events")
    clock = Clock()
    with pytest.raises(NotReady) as fault:
        wait(cluster, references, clock, patience=10)
    assert not fault.value.timed_out
    assert clock.now < 60
    assert fault.value.diagnostic.message == (
        "this will not become ready by itself: `Broker/events`: Ready is False: NoChannel: "
        "there is no channel"
    )


def test_what_was_deleted_meanwhile_is_not_waited_for(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.controllers.held.add("Broker")
    references = set_up(cluster, "events")
    with pytest.raises(NotReady) as fault:
        wait(cluster, references, Clock(lambda: cluster.delete(references[1])))
    assert "somebody has deleted it" in fault.value.diagnostic.message


def test_what_may_come_later_holds_up_nothing(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.controllers.held.add("Broker")
    references = set_up(cluster, "events")
    told = wait(cluster, references, Clock(), later=frozenset({references[1]}))
    assert told.words == [["ready", "progressing", "ready"]]


def test_a_list_that_breaks_off_is_asked_again(
    cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.controllers.held.add("Broker")
    references = set_up(cluster, "events")
    server.fail(method="GET", path="brokers", times=3, drop_after=9)
    wait(cluster, references, Clock(lambda: settle(server, cluster, "events")))
