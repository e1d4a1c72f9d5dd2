"""Where the parameters of a search space are written, however deep in its tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from omniforce.spec.blocks.declaration import Branch, Declaration
from omniforce.spec.blocks.search_space import by_value
from omniforce.spec.blocks.variants import called_after
from omniforce.spec.expression.print import value_to_text
from omniforce.spec.frozen import dataclass
from omniforce.spec.nodes import MappingNode, Node
from omniforce.spec.source import Path, Span
from omniforce.spec.space import Choice, Domain, Space


@dataclass(frozen=True, slots=True)
class Written:
    """One parameter as it stands in the file.

    Attributes:
        name: as written.
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
    """Every parameter by the name that the space has for it, in the order of the file.

    Of several of one name in branches that exclude each other, the later ones are called after
    their branch there.
    """
    spec = document.get("spec") if isinstance(document, MappingNode) else None
    node = spec.get("searchSpace") if isinstance(spec, MappingNode) else None
    if not isinstance(node, MappingNode):
        return {}
    walk = _Walk({c.name: c.domain for c in space})
    walk.parameters(node, ("spec", "searchSpace"), None)
    return walk.found


class _Walk:
    """Gathers the parameters of a tree, from top to bottom as they are written."""

    def __init__(self, domains: Mapping[str, Domain]) -> None:
        self.domains = domains
        self.found: dict[str, Written] = {}

    def parameters(self, node: MappingNode, path: Path, branch: Branch | None) -> None:
        for entry in node.entries:
            name, value = entry.key.text, entry.value
            if name.startswith("x-"):
                continue
            known = cast("Mapping[str, Declaration]", self.found)
            internal = called_after(name, branch, known) if name in self.found else name
            self.found[internal] = Written(name, (*path, name), entry.key.span, value)
            below = value.get("submodule") if isinstance(value, MappingNode) else None
            if isinstance(below, MappingNode):
                self.submodule(internal, below, (*path, name, "submodule"))

    def submodule(self, host: str, node: MappingNode, path: Path) -> None:
        domain = self.domains.get(host)
        if not (isinstance(domain, Choice) and by_value(domain, node)):
            self.parameters(node, path, Branch(host))
            return
        values = {v if isinstance(v, str) else value_to_text(v): v for v in domain.values}
        for entry in node.entries:
            key, value = entry.key.text, entry.value
            if isinstance(value, MappingNode) and key in values:
                self.parameters(value, (*path, key), Branch(host, values=(values[key],)))
