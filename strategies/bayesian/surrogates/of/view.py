"""Rows as the columns that the kernel reads: the raw variables, and what they make together.

Every column belongs to one weight. Columns are scaled so that, under each weight, two points drawn
at random are 1 apart, squared, in the mean: then one prior does for all weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ....points.encoding import Encoding, Labels
from ....structure.features import Structure
from ..gaussian_process.features import Features

SAMPLE = 2048
"""So many random networks show how far the columns of a structure spread."""

SINGLE = ("operations", "shape")
"""Groups whose columns say different things and are weighed one by one; of the others a column
alone says little, and all of a group share a weight."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """Where the operation of one edge is read: its column, and what each of its labels means."""

    column: int
    count: int
    operations: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """How points of one space look to the kernel.

    Attributes:
        features: the raw variables.
        structure: the declared cells; None where there are none, or they are to be left out.
        edges: of all cells, one after the other.
        kept: the columns of the structure that are not the same for all networks.
        scale: of each column  # w
        owner: the weight of each column  # w
        weights: how many there are.
    """

    features: Features
    structure: Structure | None
    edges: tuple[_Edge, ...]
    kept: npt.NDArray[np.int64]
    scale: Tensor
    owner: npt.NDArray[np.int64]
    weights: int

    def columns(self, rows: Tensor) -> Tensor:
        """Scaled columns, differentiable in the active numbers  # ... x d -> ... x w."""
        raw = self.features.embed(rows)
        if self.structure is None:
            return raw * self.scale
        return torch.cat([raw, self._shape(rows)], dim=-1) * self.scale

    def _shape(self, rows: Tensor) -> Tensor:
        """The columns of the structure, not yet scaled."""
        assert self.structure is not None
        flat = rows.detach().reshape(-1, rows.shape[-1]).numpy()
        found = self.structure.rows_of_operations(_operations(flat, self.edges))[:, self.kept]
        return torch.from_numpy(found).to(rows.dtype).reshape(*rows.shape[:-1], -1)


def view_of(encoding: Encoding, *, structure: bool = True, relevance: bool = True) -> View:
    """The view of a space.

    Args:
        encoding: of the space.
        structure: whether declared cells are looked into.
        relevance: whether every variable has a weight of its own, rather than one for all.
    """
    return _view(_Written(encoding, repr(encoding.space)), structure, relevance)


@dataclass(frozen=True, slots=True, eq=False)
class _Written:
    """An encoding that is compared by how its space is written: Python holds `True == 1`."""

    encoding: Encoding
    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Written) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=8)
def _view(written: _Written, structured: bool, relevance: bool) -> View:
    encoding = written.encoding
    features = Features.of(encoding)
    scale, owner = _raw_scales(features)
    structure = Structure.of(encoding.space) if structured else None
    edges, kept = tuple[_Edge, ...](), np.zeros(0, np.int64)
    if structure is not None:
        edges = tuple(_edges(encoding, structure))
        kept, spread, group = _structure_scales(structure, edges)
        owner = np.concatenate([owner, features.scales + features.weights + group])
        scale = np.concatenate([scale, spread])
    weights = int(owner.max(initial=-1)) + 1
    if not relevance and weights:
        owner, scale, weights = np.zeros_like(owner), scale * weights**-0.5, 1
    return View(features, structure, edges, kept, torch.from_numpy(scale), owner, weights)


def _raw_scales(features: Features) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Scale and weight of each raw column."""
    # Two uniform draws from an axis of length 1 are 1/6 apart, squared, in the mean; on the
    # circle of a conditional number they are as far apart as they are active.
    numbers = [6.0**0.5] * features.numeric
    # Two draws from k labels, `0.5**0.5` apart in each of two columns, differ 1 - 1/k times.
    labels = [(1.0 - 1.0 / size) ** -0.5 for _, _, size in features.labelled for _ in range(size)]
    owner = [
        *features.length_of.tolist(),
        *(features.scales + at for at in features.weight_of.tolist()),
    ]
    return np.array([*numbers, *labels]), np.array(owner, np.int64)


def _structure_scales(
    structure: Structure, edges: tuple[_Edge, ...]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Which columns vary, their scale, and their weight, counted from 0."""
    generator = np.random.default_rng(0)
    sampled = np.stack(
        [np.array(each.operations)[generator.integers(each.count, size=SAMPLE)] for each in edges],
        axis=1,
    )
    variance = structure.rows_of_operations(sampled.astype(np.int16)).var(axis=0, dtype=np.float64)
    kept, scale, owner = list[int](), list[float](), list[int]()
    weight = 0
    for group in structure.groups:
        varying = [at for at in range(group.start, group.stop) if variance[at] > 0.0]
        single = group.name.rpartition(":")[2] in SINGLE
        for at in varying:
            # Two independent draws are twice their variance apart, squared.
            spread = variance[at] if single else variance[varying].sum()
            kept.append(at)
            scale.append(float(2.0 * spread) ** -0.5)
            owner.append(weight)
            weight += single
        weight += bool(varying) and not single
    return np.array(kept, np.int64), np.array(scale), np.array(owner, np.int64)


def _edges(encoding: Encoding, structure: Structure) -> Iterator[_Edge]:
    column = {coordinate.id: at for at, coordinate in enumerate(encoding.space)}
    for cell in structure.cells:
        place = {repr(value): at for at, value in enumerate(cell.operations)}
        for coordinate in cell.coordinates:
            at = column[coordinate]
            axis = encoding.axes[at]
            values = axis.values if isinstance(axis, Labels) else ()
            operations = tuple(place[repr(value)] for value in values)
            yield _Edge(at, len(values), operations)


def _operations(rows: npt.NDArray[np.float64], edges: tuple[_Edge, ...]) -> npt.NDArray[np.int16]:
    """The operation of every edge, -1 where it is inactive  # n x d -> n x e."""
    found = np.full((len(rows), len(edges)), -1, np.int16)
    for at, edge in enumerate(edges):
        place = rows[:, edge.column]
        label = np.clip((place * edge.count).astype(np.int64), 0, edge.count - 1)
        found[:, at] = np.where(place < 0.0, -1, np.array(edge.operations, np.int16)[label])
    return found
