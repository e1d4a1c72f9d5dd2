"""What lies on one path from input to output: each operation on average, at most and at least.

Where an operation stands decides what it is worth: one on a detour that few paths take is seen by
little of what comes out. Counts over edges cannot tell; these can, and know no node by its number.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .network import Networks
from .numbers import Rows, working

Numbers = npt.NDArray[np.float64]


def mean_path(networks: Networks) -> Rows:
    """How often a path has each operation, on average over all paths: n x operations."""
    cell = networks.cell
    until = np.zeros((cell.nodes, networks.count))
    beyond = np.zeros_like(until)
    until[0] = beyond[-1] = 1.0
    for edge in networks.forward:
        source, target = cell.edges[edge]
        until[target] += until[source] * networks.live[edge]
    for edge in networks.backward:
        source, target = cell.edges[edge]
        beyond[source] += beyond[target] * networks.live[edge]
    sources, targets = (list(ends) for ends in zip(*cell.edges, strict=True))
    share = until[sources] * beyond[targets] * networks.live / np.maximum(until[-1], 1.0)  # e x n
    columns = [(share * (networks.operations == each)).sum(axis=0) for each in working(cell)]
    return _rows(columns, networks)


def extreme_paths(networks: Networks) -> Rows:
    """How often one path has each operation, at most and then at least: n x (2 * operations)."""
    connected = networks.live.any(axis=0)
    columns = [
        np.where(connected, _extreme(networks, networks.operations == each, sign) * sign, 0.0)
        for sign in (1.0, -1.0)
        for each in working(networks.cell)
    ]
    return _rows(columns, networks)


def _extreme(networks: Networks, counted: npt.NDArray[np.bool_], sign: float) -> Numbers:
    """The largest sum of `sign` for each counted edge on a path; -inf where there is none."""
    largest: Numbers = np.full((networks.cell.nodes, networks.count), -np.inf)
    largest[0] = 0.0
    for edge in networks.forward:
        source, target = networks.cell.edges[edge]
        longer = largest[source] + sign * counted[edge]
        longer[~networks.live[edge]] = -np.inf
        np.maximum(largest[target], longer, out=largest[target])
    found: Numbers = largest[-1]
    return found


def _rows(columns: list[Numbers], networks: Networks) -> Rows:
    return np.array(columns, np.float32).reshape(len(columns), networks.count).T
