"""What a rule looks at, and what it says; the engine finds the places in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from ..diagnostic import Severity
from ..expression.tree import Goal, Metric, Objective, Offsets, Requirement
from ..frozen import dataclass
from ..nodes import MappingNode, Node, SequenceNode
from ..source import Path

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A value of the document; `at` is a part of its text, `on_key` means the key before it."""

    path: Path
    at: Offsets | None = None
    on_key: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        related: a second place, and what stands there.
        also: further ones.
        instead: what to write in the place of what stands there, where there is one thing.
        sure: whether that is what the writer meant.
    """

    code: str
    message: str
    place: Place
    label: str = ""
    help: str = ""
    related: tuple[Place, str] | None = None
    also: tuple[tuple[Place, str], ...] = ()
    severity: Severity = Severity.ERROR
    instead: str = ""
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Readable:
    """What of a document could be read. A rule is silent about what could not.

    Attributes:
        document: as written, parameters filled in.
        values: by path; what is missing was not written, or has been reported.
    """

    document: Node
    values: Mapping[Path, object]

    def value(self, type_: type[T], *path: str | int) -> T | None:
        """The value at `path`, if it is of `type_`."""
        found = self.values.get(path)
        return found if isinstance(found, type_) else None

    def written(self, *path: str | int) -> Node | None:
        """What is written at `path`, readable or not."""
        node: Node | None = self.document
        for step in path:
            match node:
                case MappingNode() if isinstance(step, str):
                    node = node.get(step)
                case SequenceNode(items=items) if isinstance(step, int) and step < len(items):
                    node = items[step]
                case _:
                    return None
        return node

    def complete(self, *path: str | int) -> bool:
        """Whether nothing is hidden at `path`: it is not written, or could be read."""
        return path in self.values or self.written(*path) is None

    def goals(self) -> tuple[tuple[Path, Goal], ...]:
        """The objectives and requirements that could be read, each with its path."""
        written = self.written("spec", "objectives")
        count = len(written.items) if isinstance(written, SequenceNode) else 0
        paths = [("spec", "objectives", i) for i in range(count)]
        found = [(path, self.values.get(path)) for path in paths]
        return tuple((p, g) for p, g in found if isinstance(g, (Objective, Requirement)))

    def devices(self) -> tuple[str, ...]:
        """The names under `devices`, also of those that could not be read."""
        written = self.written("spec", "devices")
        return (
            tuple(e.key.text for e in written.entries) if isinstance(written, MappingNode) else ()
        )


def figure(metric: Metric) -> str:
    """A metric as it stands in a goal: `latency.p95 on server`."""
    statistic = f".{metric.statistic}" if metric.statistic else ""
    return f"{metric.name}{statistic}{f' on {metric.device}' if metric.device else ''}"


Rule = Callable[[Readable], Iterator[Finding]]
"""Looks at a document and says what is wrong with it."""
