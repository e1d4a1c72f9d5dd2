"""Graphs and networks on them: by hand, by hypothesis, and their paths found the slow way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from omniforce.spec.space import Choice, Coordinate, Graph, Space
from omniforce.strategies.structure.features import Structure

OPERATIONS = ("none", "zero", "skip", "conv", "pool", "dense")
ABSENT, IDENTITY = ("none", "zero"), ("skip",)
CELL = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
PER_PATH = ("mean-path", "extreme-paths")
BLIND = ("operations", "shape", *PER_PATH, "paths", "fed-by", "leading-to")
"""Groups that do not know which node is which."""

Rows = npt.NDArray[np.float32]


def space_of(*graphs: Graph, operations: tuple[str, ...] = OPERATIONS) -> Space:
    coordinates = tuple(
        Coordinate(graph.name, (*graph.index, edge), Choice(operations), lengths=("6",))
        for graph in graphs
        for edge in range(len(graph.edges))
    )
    return Space(coordinates, graphs=graphs)


def cell(
    edges: tuple[tuple[int, int], ...], name: str = "edge", index: tuple[int, ...] = ()
) -> Graph:
    return Graph(name, index, edges, ABSENT, IDENTITY)


def structure_of(*graphs: Graph) -> Structure:
    structure = Structure.of(space_of(*graphs))
    assert structure is not None
    return structure


def point(operations: list[str], name: str = "edge") -> dict[str, str]:
    return {f"{name}[{at}]": operation for at, operation in enumerate(operations)}


def part(structure: Structure, rows: Rows, *names: str) -> Rows:
    """The columns of these groups, of all cells."""
    chosen = [g for g in structure.groups if g.name.split(":")[1] in names]
    return np.concatenate([rows[:, g.start : g.stop] for g in chosen], axis=1)


Drawn = tuple[tuple[tuple[int, int], ...], list[str]]


@st.composite
def networks(draw: st.DrawFn) -> Drawn:
    """A graph and an operation for each of its edges."""
    nodes = draw(st.integers(2, 6))
    pairs = [(source, target) for target in range(nodes) for source in range(target)]
    edges = draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    if all(target != nodes - 1 for _, target in edges):
        edges.append((0, nodes - 1))
    operations = [draw(st.sampled_from(OPERATIONS)) for _ in edges]
    return tuple(edges), [str(each) for each in operations]


def live_paths(edges: tuple[tuple[int, int], ...], operations: list[str]) -> list[list[int]]:
    """Every path from input to output over present edges, found the slow way."""
    output = max(target for _, target in edges)
    found: list[list[int]] = []

    def go_on(node: int, path: list[int]) -> None:
        if node == output:
            found.append(path)
            return
        for at, (source, target) in enumerate(edges):
            if source == node and operations[at] not in ABSENT:
                go_on(target, [*path, at])

    go_on(0, [])
    return found
