"""What one trial asks of Ray: resources of each node, and how many nodes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from omniforce.compiler.ir.program import Search
from omniforce.spec.blocks.nodes import Nodes
from omniforce.spec.blocks.search import Resources


@dataclass(frozen=True, slots=True)
class Demand:
    """Resources of one trial, in Ray's terms.

    Attributes:
        cpu: cores of a node; Ray takes parts of one core, and whole ones above.
        memory: bytes of a node.
        gpu: whole devices of a node.
        nodes: how many of them, between bounds.
    """

    cpu: float
    memory: int
    gpu: int
    nodes: Nodes

    @property
    def bundle(self) -> dict[str, float]:
        """As a placement group wants it."""
        needed = {"CPU": self.cpu, "memory": float(self.memory), "GPU": float(self.gpu)}
        return {name: amount for name, amount in needed.items() if amount}

    @property
    def threads(self) -> int:
        """Of numeric libraries: whole cores, at least one."""
        return max(1, int(self.cpu))

    def fits(self, resources: Mapping[str, float]) -> bool:
        """Whether a node with these resources can hold one node of a trial."""
        return all(resources.get(name, 0.0) >= amount for name, amount in self.bundle.items())

    def most_nodes(self, available: Mapping[str, float]) -> int:
        """How many nodes to ask for, within the bounds, where so much is free in the cluster."""
        shares = [int(available.get(n, 0.0) // amount) for n, amount in self.bundle.items()]
        return max(self.nodes.least, min(self.nodes.most, *shares))

    def __str__(self) -> str:
        gpus = f", {self.gpu} GPU" if self.gpu else ""
        return f"{self.cpu:g} CPU, {self.memory / 2**30:.2g} GiB of memory{gpus}"


def demand_of(search: Search) -> Demand:
    """What a trial of a search asks for."""
    resources = search.resources or Resources()
    cpu = resources.cpu if resources.cpu <= 1 else math.ceil(resources.cpu)
    return Demand(float(cpu), resources.memory, resources.gpu, search.nodes)


def rank_environment(rank: int, count: int, host: str, port: int) -> dict[str, str]:
    """The variables by which the nodes of a trial find each other, as `torchrun` sets them."""
    if count == 1:
        return {}
    return {
        "GROUP_RANK": str(rank),
        "GROUP_WORLD_SIZE": str(count),
        "LOCAL_RANK": "0",
        "LOCAL_WORLD_SIZE": "1",
        "MASTER_ADDR": host,
        "MASTER_PORT": str(port),
        "NODE_RANK": str(rank),
        "RANK": str(rank),
        "WORLD_SIZE": str(count),
    }


def no_node_fits(demand: Demand, nodes: Iterable[Mapping[str, object]]) -> bool:
    """Whether no living node of a cluster, even if it were idle, could hold a node of a trial."""
    for node in nodes:
        resources = node.get("Resources")
        if node.get("Alive") and isinstance(resources, Mapping) and demand.fits(resources):
            return False
    return True
