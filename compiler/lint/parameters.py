"""Where the parameters of a search space are written, however deep in its tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omniforce.spec.blocks.range_text import is_set
from omniforce.spec.blocks.search_space import by_value
from omniforce.spec.frozen import dataclass
from omniforce.spec.nodes import MappingNode, Node
from omniforce.spec.source import Path, Span
from omniforce.spec.space import Choice, Domain, Space


@dataclass(frozen=True, slots=True)
class Written:
    """One parameter as it stands in the file.

    Attributes:
        path: to its value.
        key: the place of its name.
        node: its value: the long form, or one line.
    """

    name: str
    path: Path
    key: Span
    node: Node

    def at(self, key: str) -> Span:
        """The place of a key of the long form, of the whole in the short one."""
        return self.value(key) or self.line

    def value(self, key: str) -> Span | None:
        """The place of what stands under `key`; None where it is not there."""
        inner = self.inner(key)
        return None if inner is None else inner.span

    def inner(self, key: str) -> Node | None:
        """What stands under `key` of the long form."""
        return self.node.get(key) if isinstance(self.node, MappingNode) else None

    @property
    def line(self) -> Span:
        """Its value where that stands in one line, else its name."""
        return self.node.span if self.node.span.line == self.node.span.end_line else self.key


def written_parameters(document: Node | None, space: Space) -> Mapping[str, Written]:
    """Every parameter of `space` by its name, in the order of the file."""
    spec = document.get("spec") if isinstance(document, MappingNode) else None
    node = spec.get("searchSpace") if isinstance(spec, MappingNode) else None
    if not isinstance(node, MappingNode):
        return {}
    domains = {c.name: c.domain for c in space}
    return {w.name: w for w in _walk(node, ("spec", "searchSpace"), domains)}


def _walk(node: MappingNode, path: Path, domains: Mapping[str, Domain]) -> Iterator[Written]:
    for entry in node.entries:
        name, value = entry.key.text, entry.value
        if name.startswith("x-"):
            continue
        yield Written(name, (*path, name), entry.key.span, value)
        if not isinstance(value, MappingNode) or is_set(value):
            continue
        below = value.get("submodule")
        if not isinstance(below, MappingNode):
            continue
        inner = (*path, name, "submodule")
        domain = domains.get(name)
        if not (isinstance(domain, Choice) and by_value(domain, below)):
            yield from _walk(below, inner, domains)
            continue
        for branch in below.entries:
            if isinstance(branch.value, MappingNode):
                yield from _walk(branch.value, (*inner, branch.key.text), domains)
