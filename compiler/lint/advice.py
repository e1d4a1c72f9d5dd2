"""What a rule of the linter looks at, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TypeVar

from omniforce.spec.blocks.study import StudySpec
from omniforce.spec.diagnostic import Edit, Related
from omniforce.spec.frozen import dataclass
from omniforce.spec.nodes import MappingNode, Node
from omniforce.spec.source import Path, Span
from omniforce.spec.space import Coordinate

from ..ir.program import Program, Search, Step
from .parameters import Written

S = TypeVar("S", bound=Step)

UNTAUGHT = ("random", "sobol", "grid")
"""Strategies that look at no result and at no guess, so that rounds mean nothing to them."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that could be better.

    Attributes:
        edits: what does as `help` says.
        applicable: `safe` where the study that comes of them is the same one, so that `ofc fix`
            makes them; else a person looks first.
    """

    message: str
    span: Span | None
    label: str
    help: str
    related: tuple[Related, ...] = ()
    edits: tuple[Edit, ...] = ()
    applicable: Literal["safe", "maybe"] = "maybe"


@dataclass(frozen=True, slots=True)
class Subject:
    """A spec without errors.

    Attributes:
        spec: with every default.
        program: what the compiler made of it.
        spans: the place of every value that was written.
        document: as written, parameters filled in.
        parameters: those of the search space, by name, with their places.
    """

    spec: StudySpec
    program: Program
    spans: Mapping[Path, Span]
    document: Node
    parameters: Mapping[str, Written]

    def written(self, *path: str | int) -> bool:
        """Whether the writer wrote this value, so that it is no default."""
        return path in self.spans

    def at(self, *path: str | int) -> Span | None:
        """The place of a value, or of the nearest block around it where it was not written."""
        for end in range(len(path), -1, -1):
            if span := self.spans.get(path[:end]):
                return span
        return None

    def node(self, *path: str) -> Node | None:
        """What is written at a path of keys."""
        found: Node | None = self.document
        for key in path:
            found = found.get(key) if isinstance(found, MappingNode) else None
        return found

    def step(self, kind: type[S]) -> S | None:
        """The first step of a kind."""
        return next((s for s in self.program.steps if isinstance(s, kind)), None)

    @property
    def search(self) -> Search | None:
        """The search, after the passes: with a strategy that has a name, and a worst case."""
        return self.step(Search)

    def coordinates(self) -> Iterator[tuple[Written, Coordinate]]:
        """The first coordinate of each parameter that is written in the space, with its place."""
        seen: set[str] = set()
        for coordinate in self.spec.search_space:
            place = self.parameters.get(coordinate.name)
            if place is not None and coordinate.name not in seen:
                seen.add(coordinate.name)
                yield place, coordinate


Check = Callable[[Subject], Iterator[Advice]]
"""Looks at a spec and says what could be better."""
