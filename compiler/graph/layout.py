"""Places for the steps of a small DAG: columns by depth, few crossings, straight long arrows.

After Sugiyama, Tagawa and Toda (1981), Methods for visual understanding of hierarchical system
structures: layers, stand-ins where an arrow crosses a layer, orders by the mean of the neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from omniforce.spec.frozen import dataclass

from .diagram import Arrow, Diagram

SWEEPS = 12
"""There and back over the layers; the drawings of programs settle in three or four."""

SLIP = 8.0
"""Pixels."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Measures:
    """Sizes in pixels.

    Attributes:
        width, height: of a card.
        across: from a layer to the next, edge to edge.
        between: of two cards above each other.
        lane: the height of a stand-in, which an arrow passes through.
        stub: how far an arrow is level before it turns.
    """

    width: float = 172.0
    height: float = 84.0
    across: float = 104.0
    between: float = 26.0
    lane: float = 14.0
    stub: float = 50.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Where all is.

    Attributes:
        corners: the upper left corner of each card, by the step's name.
        paths: the points that each arrow goes through, in the order of the diagram's arrows.
        width, height: of the whole, without a margin.
    """

    corners: Mapping[str, Point]
    paths: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def lay_out(diagram: Diagram, measures: Measures) -> Layout:
    """The places of cards and arrows; the same diagram gives the same places."""
    depth = _depths(diagram)
    chains = tuple(_chain(a, depth) for a in diagram.arrows)
    layers = _layers(diagram, depth, chains)
    links = [link for chain in chains for link in pairwise(chain)]
    order = _ordered(layers, links)
    middles = _middles(order, links, set(depth), measures)
    top = min(
        (middles[n] - _height(n, depth, measures) / 2 for layer in order for n in layer),
        default=0.0,
    )
    corners = {
        name: (
            at * (measures.width + measures.across),
            middles[name] - measures.height / 2 - top,
        )
        for name, at in depth.items()
    }
    bottom = max((y + measures.height for _, y in corners.values()), default=0.0)
    lanes = max((m - top + measures.lane for m in middles.values()), default=0.0)
    ends = _ends(diagram, chains, middles)
    return Layout(
        corners,
        tuple(
            _path(chain, number, depth, middles, top, measures, ends)
            for number, chain in enumerate(chains)
        ),
        max((x + measures.width for x, _ in corners.values()), default=0.0),
        max(bottom, lanes),
    )


def _depths(diagram: Diagram) -> dict[str, int]:
    """The longest way to each step; a program is in an order that allows one pass."""
    depth: dict[str, int] = {}
    for card in diagram.cards:
        before = [depth[a.source] for a in diagram.arrows if a.target == card.name]
        depth[card.name] = max(before, default=-1) + 1
    return depth


def _chain(arrow: Arrow, depth: Mapping[str, int]) -> tuple[str, ...]:
    """An arrow as the nodes that it goes through, with a stand-in for each layer in between."""
    between = range(depth[arrow.source] + 1, depth[arrow.target])
    # Arrows that carry the same from the same step share their way as long as they can.
    lanes = (f"{arrow.source}\0{arrow.label}\0{at}" for at in between)
    return (arrow.source, *lanes, arrow.target)


def _layers(
    diagram: Diagram, depth: Mapping[str, int], chains: Sequence[tuple[str, ...]]
) -> list[list[str]]:
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for card in diagram.cards:
        layers[depth[card.name]].append(card.name)
    for chain in chains:
        for place, node in enumerate(chain[1:-1], start=depth[chain[0]] + 1):
            if node not in layers[place]:
                layers[place].append(node)
    return layers


def _ordered(layers: list[list[str]], links: Sequence[tuple[str, str]]) -> list[list[str]]:
    best, fewest = layers, _crossings(layers, links)
    order = [list(layer) for layer in layers]
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        pairs = [(a, b) if forth else (b, a) for a, b in links]
        for layer in order if forth else order[::-1]:
            rank = {n: float(i) for each in order for i, n in enumerate(each)}
            middle = {n: _mean([rank[a] for a, b in pairs if b == n], rank[n]) for n in layer}
            layer.sort(key=middle.__getitem__)
        crossed = _crossings(order, links)
        if crossed < fewest:
            best, fewest = [list(layer) for layer in order], crossed
    return best


def _crossings(order: Sequence[Sequence[str]], links: Sequence[tuple[str, str]]) -> int:
    rank = {n: (at, i) for at, layer in enumerate(order) for i, n in enumerate(layer)}
    spans = [(rank[a], rank[b]) for a, b in dict.fromkeys(links)]
    return sum(
        1
        for i, (a, b) in enumerate(spans)
        for c, d in spans[:i]
        if a[0] == c[0] and (a[1] - c[1]) * (b[1] - d[1]) < 0
    )


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _height(node: str, cards: Mapping[str, int], measures: Measures) -> float:
    return measures.height if node in cards else measures.lane


def _middles(
    order: Sequence[Sequence[str]],
    links: Sequence[tuple[str, str]],
    cards: set[str],
    measures: Measures,
) -> dict[str, float]:
    """How far down the middle of each node is: near its neighbours, and none above another."""
    sizes = {n: measures.height if n in cards else measures.lane for layer in order for n in layer}
    middles: dict[str, float] = {}
    for layer in order:
        y = 0.0
        for node in layer:
            middles[node] = y + sizes[node] / 2
            y += sizes[node] + measures.between
    # A long arrow pulls its stand-ins straight harder than cards pull each other.
    near: dict[str, list[tuple[str, float]]] = {n: [] for n in sizes}
    for a, b in dict.fromkeys(links):
        weight = 1.0 + 3.0 * (a not in cards) + 3.0 * (b not in cards)
        near[a].append((b, weight))
        near[b].append((a, weight))
    for sweep in range(4 * SWEEPS):
        for layer in order if sweep % 2 == 0 else order[::-1]:
            wished = [_pulled(n, near[n], middles) for n in layer]
            middles.update(zip(layer, _apart(layer, wished, sizes, measures), strict=True))
    return middles


def _pulled(node: str, near: Sequence[tuple[str, float]], middles: Mapping[str, float]) -> float:
    total = sum(weight for _, weight in near)
    if not total:
        return middles[node]
    return sum(weight * middles[n] for n, weight in near) / total


def _apart(
    layer: Sequence[str],
    wished: Sequence[float],
    sizes: Mapping[str, float],
    measures: Measures,
) -> list[float]:
    """Places as near to what is wished as the order and the distances allow.

    Blocks that would overlap become one, at the mean of what its members wish (isotonic
    regression by pooling neighbours).
    """
    offsets = [0.0]
    for above, below in pairwise(layer):
        half = (sizes[above] + sizes[below]) / 2
        offsets.append(offsets[-1] + half + measures.between)
    blocks: list[tuple[float, int]] = []
    for want, offset in zip(wished, offsets, strict=True):
        mean, count = want - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, size = blocks.pop()
            mean, count = (other * size + mean * count) / (size + count), size + count
        blocks.append((mean, count))
    flat = [mean for mean, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]


@dataclass(frozen=True, slots=True)
class _Ends:
    """How far from the middle of its card each arrow leaves and arrives, by its number."""

    leaves: Mapping[int, float]
    arrives: Mapping[int, float]


def _ends(
    diagram: Diagram, chains: Sequence[tuple[str, ...]], middles: Mapping[str, float]
) -> _Ends:
    """Arrows at one side of a card, spread over it in the order in which they go on.

    Those that carry the same port leave from one point.
    """
    leaves: dict[int, float] = {}
    arrives: dict[int, float] = {}
    for card in diagram.cards:
        out = [i for i, chain in enumerate(chains) if chain[0] == card.name]
        groups: dict[str, list[int]] = {}
        for i in out:
            groups.setdefault(diagram.arrows[i].label, []).append(i)
        ports = sorted(groups.values(), key=lambda g: _mean([middles[chains[i][1]] for i in g], 0))
        for place, group in enumerate(ports):
            leaves |= dict.fromkeys(group, _spread(place, len(ports)))
        into = [i for i, chain in enumerate(chains) if chain[-1] == card.name]
        into.sort(key=lambda i: middles[chains[i][-2]])
        arrives |= {i: _spread(place, len(into)) for place, i in enumerate(into)}
    return _Ends(leaves, arrives)


def _spread(place: int, count: int) -> float:
    return (place - (count - 1) / 2) * 18.0


def _path(
    chain: tuple[str, ...],
    number: int,
    depth: Mapping[str, int],
    middles: Mapping[str, float],
    top: float,
    measures: Measures,
    ends: _Ends,
) -> tuple[Point, ...]:
    step = measures.width + measures.across
    start = depth[chain[0]]
    x, y = start * step + measures.width, middles[chain[0]] - top + ends.leaves[number]
    # Level at first, where the port's name stands.
    points: list[Point] = [(x, y), (x + measures.stub, y)]
    for place, node in enumerate(chain[1:-1], start=start + 1):
        y = _level(middles[node] - top, y)
        # Through the whole layer on one level, so that no card is cut.
        points += [(place * step, y), (place * step + measures.width, y)]
    arrives = middles[chain[-1]] - top + ends.arrives[number]
    points.append((depth[chain[-1]] * step, _level(arrives, y)))
    return tuple(points)


def _level(wished: float, before: float) -> float:
    """Straight on where the difference is so small that it would look like a slip."""
    return before if abs(wished - before) < SLIP else wished
