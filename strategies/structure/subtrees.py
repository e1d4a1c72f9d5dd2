"""What each operation works on, and where its result goes, to a depth: Weisfeiler-Lehman labels.

Round 0 of an edge is its operation; round r its operation and the multiset of the labels of round
r - 1 that its source gets. An edge that only hands on counts as what it hands on, so that a chain
of them says no more than a plain connection. The second family looks the other way, from a
result to its users.

Shervashidze et al. (2011), Weisfeiler-Lehman Graph Kernels; for networks to be searched, Ru et
al. (2021), Interpretable Neural Architecture Search via Bayesian Optimisation with WL Kernels.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .mixing import Labels, counts, mixed, word
from .network import Networks
from .numbers import Rows

ROUNDS = 3
BUCKETS = 128

_INPUT = np.uint64(word("input"))
_OUTPUT = np.uint64(word("output"))


def fed_by(networks: Networks) -> Rows:
    """How many live edges have each label, of what they work on: n x BUCKETS, rounds 1 to 3."""
    return _label_counts(networks, forwards=True)


def leading_to(networks: Networks) -> Rows:
    """How many live edges have each label, of where their results go: n x BUCKETS."""
    return _label_counts(networks, forwards=False)


def keys(networks: Networks) -> Labels:
    """A number for each network that it shares with the networks that compute the same: n.

    What a node has is the sum of what its edges bring: it is told from another by the multiset
    of the operations that lead to it and of what they work on, so the order of nodes, dead and
    absent edges, and how identities are laid do not matter. An operation done once and used
    twice is not the same done twice, which has other weights. Two networks that differ have one
    number with a chance of 1 in 2^64.
    """
    operations, live = _operations(networks), networks.live
    nodes = np.zeros((networks.cell.nodes, networks.count), np.uint64)
    nodes[0] = _INPUT
    done = np.zeros(networks.count, np.uint64)
    for edge in networks.forward:
        source, target = networks.cell.edges[edge]
        result = np.where(live[edge], mixed(operations[edge], nodes[source]), np.uint64(0))
        passed = networks.identity[edge]
        nodes[target] += np.where(passed, nodes[source], result)
        done += np.where(passed, np.uint64(0), result)
    return mixed(nodes[-1], done)


def _label_counts(networks: Networks, *, forwards: bool) -> Rows:
    last = -1 if forwards else 0
    working = networks.live & ~networks.identity
    found: list[Labels] = []
    present = []
    for round_, (edges, nodes) in enumerate(_rounds(networks, ROUNDS, forwards=forwards)):
        # Round 0 of edges is the operations' own group; what meets at the end is new.
        found += [] if round_ == 0 else list(edges)
        present += [] if round_ == 0 else list(working)
        found.append(nodes[last])
        present.append(networks.live.any(axis=0))
    return counts(np.array(found), np.array(present), BUCKETS).astype(np.float32)


def _rounds(networks: Networks, rounds: int, *, forwards: bool) -> Iterator[tuple[Labels, Labels]]:
    """The labels of the edges (e x n) and of the nodes (nodes x n) after each round, from 0."""
    cell = networks.cell
    order = networks.forward if forwards else networks.backward
    operations = _operations(networks)
    starts = [edge[0 if forwards else 1] for edge in cell.edges]
    edges = operations
    for _ in range(rounds + 1):
        nodes = np.zeros((cell.nodes, networks.count), np.uint64)
        nodes[0 if forwards else -1] = _INPUT if forwards else _OUTPUT
        for edge in order:
            start, end = cell.edges[edge] if forwards else cell.edges[edge][::-1]
            brought = np.where(networks.identity[edge], nodes[start], edges[edge])
            nodes[end] += np.where(networks.live[edge], brought, np.uint64(0))
        yield edges, nodes
        edges = mixed(operations, nodes[starts])


def _operations(networks: Networks) -> Labels:
    """The label of each edge's operation: e x n."""
    return np.array((*networks.cell.labels, 0), np.uint64)[networks.operations]
