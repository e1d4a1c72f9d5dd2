"""What a trial is given, by name; and which names of two programs are one parameter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from omniforce.spec.expression.print import to_text
from omniforce.spec.expression.tree import Expression, Value
from omniforce.spec.frozen import dataclass
from omniforce.spec.space import Coordinate, Derived, Graph, Space

from ..ir.program import Program, Search
from .blocks import step
from .leaves import set_of


@dataclass(frozen=True, slots=True)
class Setup:
    """The search of a program by names.

    Attributes:
        parameters: the coordinates of each searched name, the first place of an array first.
        derived: values that are computed, likewise.
        arguments: values that are the same for every trial.
        lists: the values of those parameters that are a permutation or a subset.
        searched: what estimators call the parameters; several in branches of their own share one.
        graphs: of those parameters that are the edges of a network, in a few words.
        written: what the writer calls a parameter, where the space calls it after its branch.
    """

    space: Space
    parameters: Mapping[str, tuple[Coordinate, ...]]
    derived: Mapping[str, tuple[Derived, ...]]
    arguments: Mapping[str, Value]
    lists: Mapping[str, tuple[str, tuple[Value, ...]]]
    searched: frozenset[str]
    graphs: Mapping[str, str]
    written: Mapping[str, str]

    def computed(self, argument: str) -> Derived | None:
        """The first computed value that estimators call so."""
        every = (places[0] for places in self.derived.values())
        return next((d for d in every if d.argument == argument), None)

    def text(self, expression: Expression) -> str:
        """An expression as it was written: without places of arrays and names of branches."""
        flat = re.sub(r"\[\d+\]", "", to_text(expression))
        if not self.written:
            return flat
        return re.sub(r"\w+", lambda word: self.written.get(word[0], word[0]), flat)

    def when(self, coordinates: tuple[Coordinate, ...]) -> frozenset[str]:
        """The conditions of a parameter, over all of its places."""
        return frozenset(self.text(c) for each in coordinates for c in each.conditions)


def setup_of(program: Program) -> Setup:
    """The search of a program by names."""
    search = step(program, Search)
    space = search.space if search is not None else Space(())
    parameters: dict[str, list[Coordinate]] = {}
    for coordinate in space.coordinates:
        parameters.setdefault(coordinate.name, []).append(coordinate)
    derived: dict[str, list[Derived]] = {}
    for each in space.derived:
        derived.setdefault(each.name, []).append(each)
    every: tuple[Coordinate | Derived, ...] = (*space.coordinates, *space.derived)
    return Setup(
        space,
        {name: tuple(places) for name, places in parameters.items()},
        {name: tuple(places) for name, places in derived.items()},
        dict(search.arguments) if search is not None else {},
        {c.name: (c.kind, c.values) for c in space.composites},
        frozenset(c.argument for c in space.coordinates),
        {graph.name: _graph_text(graph) for graph in space.graphs},
        {each.name: each.argument for each in every if each.argument != each.name},
    )


def _graph_text(graph: Graph) -> str:
    """`0>1, 0>2, 1>2; absent {none}; identity {skip}`."""
    parts = [", ".join(f"{source}>{target}" for source, target in graph.edges)]
    parts += [f"absent {set_of(graph.absent)}"] if graph.absent else []
    parts += [f"identity {set_of(graph.identity)}"] if graph.identity else []
    return "; ".join(parts)


def pairs(old: Setup, new: Setup) -> Iterator[tuple[str | None, str | None]]:
    """Which parameter of one program is which of the other; None for what has come or gone.

    One name is one parameter. Several that share an argument are told apart by their conditions,
    since which of them is called after its branch hangs on the order of the file.
    """
    before, after = _arguments(old), _arguments(new)
    for argument in dict.fromkeys((*before, *after)):
        was, now = before.get(argument, []), after.get(argument, [])
        if len(was) <= 1 and len(now) <= 1:
            yield (was[0] if was else None), (now[0] if now else None)
            continue
        conditions = {new.when(new.parameters[name]): name for name in now}
        for name in was:
            same = conditions.pop(old.when(old.parameters[name]), None)
            yield name, same
        yield from ((None, name) for name in conditions.values())


def _arguments(setup: Setup) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, places in setup.parameters.items():
        found.setdefault(places[0].argument, []).append(name)
    return found
