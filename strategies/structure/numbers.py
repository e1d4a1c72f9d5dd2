"""Plain numbers of a network: operations, its size and depth, the degrees of its nodes, its edges.

The adjacency and the counts are the global features that Neural architecture search encodings
start from (White et al., 2020, A Study on Encodings for Neural Architecture Search).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .cell import Cell
from .network import Networks

Rows = npt.NDArray[np.float32]

SHAPE = ("live", "working", "nodes", "longest", "shortest", "paths")
"""Columns of `shape`: live edges, those that do something, nodes on a path, the longest and the
shortest path counted in edges that do something, and log(1 + paths from input to output)."""


WIDEST = 512
"""Columns of `edge_operations` at most."""


def working(cell: Cell) -> tuple[int, ...]:
    """The operations that are an edge, by place."""
    return tuple(at for at, absent in enumerate(cell.absent) if not absent)


def operation_counts(networks: Networks) -> Rows:
    """How many live edges have each operation: n x the operations that are an edge."""
    columns = [
        np.sum(networks.live & (networks.operations == each), axis=0)
        for each in working(networks.cell)
    ]
    return np.array(columns, np.float32).reshape(len(columns), networks.count).T


def edge_operations(networks: Networks) -> Rows:
    """Which operation each live edge has: n x (edges * the operations that are an edge), 0 or 1.

    Where those would be more than `WIDEST`, several edges share a column.
    """
    spelled = working(networks.cell)
    columns = edges_width(networks.cell)
    found = np.zeros((columns, networks.count), np.float32)
    for edge, live in enumerate(networks.live):
        for at, each in enumerate(spelled):
            column = (edge * len(spelled) + at) % columns
            found[column] += live & (networks.operations[edge] == each)
    return found.T


def edges_width(cell: Cell) -> int:
    """How many columns `edge_operations` has."""
    return min(len(cell.edges) * len(working(cell)), WIDEST)


def degrees(networks: Networks) -> Rows:
    """Live edges into nodes 1 to the last, then out of nodes 0 to the last but one, n x each."""
    cell = networks.cell
    into = np.zeros((cell.nodes, networks.count), np.float32)
    out = np.zeros_like(into)
    for (source, target), live in zip(cell.edges, networks.live, strict=True):
        into[target] += live
        out[source] += live
    return np.concatenate((into[1:], out[:-1])).T


def shape(networks: Networks) -> Rows:
    """The numbers that `SHAPE` names: n x 6; all 0 where nothing connects input and output."""
    cell, live = networks.cell, networks.live
    longest = np.full((cell.nodes, networks.count), -np.inf, np.float32)
    shortest = np.full((cell.nodes, networks.count), np.inf, np.float32)
    paths = np.zeros((cell.nodes, networks.count))
    longest[0] = shortest[0] = 0.0
    paths[0] = 1.0
    steps = live & ~networks.identity
    for edge in networks.forward:
        source, target = cell.edges[edge]
        on, step = live[edge], steps[edge].astype(np.float32)
        longest[target] = np.where(
            on, np.maximum(longest[target], longest[source] + step), longest[target]
        )
        shortest[target] = np.where(
            on, np.minimum(shortest[target], shortest[source] + step), shortest[target]
        )
        paths[target] += paths[source] * on
    connected = paths[-1] > 0.0
    touched = np.sum((longest > -np.inf) & connected, axis=0)
    columns = (
        live.sum(axis=0),
        steps.sum(axis=0),
        touched,
        np.where(connected, longest[-1], 0.0),
        np.where(connected, shortest[-1], 0.0),
        np.log1p(paths[-1]),
    )
    return np.array(columns, np.float32).T
