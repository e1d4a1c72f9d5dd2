"""One text that is open in an editor, and what was worked out of it, each once."""

from __future__ import annotations

from functools import cached_property

from omniforce.spec.blocks.domain import domain_of
from omniforce.spec.blocks.parameter import ParameterReader
from omniforce.spec.nodes import MappingNode, Node
from omniforce.spec.params.placeholders import fill
from omniforce.spec.params.values import Parameters, read_parameters
from omniforce.spec.readers import Invalid, Reading
from omniforce.spec.resolving.meaning import Listing
from omniforce.spec.source import Path, Source
from omniforce.spec.space import Domain

from . import templates
from .layout import Written, layout
from .mend import Mended, mend
from .mentions import Kind, Mention, Mentions, mentions
from .shape import node_at
from .templates import hoisted, is_template


class Document:
    """A version of a text; a change makes a new one.

    Attributes:
        source: as it stands in the editor.
        version: the editor's number of it.
        last: the version before it whose YAML could be read, for the names in it.
    """

    def __init__(self, source: Source, version: int, before: Document | None = None) -> None:
        self.source = source
        self.version = version
        self.last: Document | None = None
        self._declared: dict[Kind, dict[str, Mention]] = {}
        if before is not None:
            self.last = before if before.mended.whole else before.last
            before.last = None  # else each version would keep all those before it

    @cached_property
    def lines(self) -> list[str]:
        """Without their breaks."""
        return [line.rstrip("\r") for line in self.source.text.split("\n")]

    def line(self, number: int) -> str:
        """The 1-based line; empty past the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    @cached_property
    def template(self) -> bool:
        """Whether it is a template, whose body is known as the `spec` of a study is."""
        return is_template(self.source.text)

    def told(self, path: Path) -> Path:
        """The path by which a value is known, from that in the file."""
        return templates.told(path) if self.template else path

    @cached_property
    def mended(self) -> Mended:
        """The tree, if need be of a part of the text."""
        return mend(self.source)

    @cached_property
    def _current(self) -> Node | None:
        tree = self.mended.tree
        return hoisted(tree) if tree is not None and self.template else tree

    @property
    def tree(self) -> Node | None:
        """The tree as written, or that of the last version that had one."""
        tree = self._current
        return tree if tree is not None or self.last is None else self.last.tree

    @cached_property
    def written(self) -> tuple[Written, ...]:
        """Every key, told from the layout."""
        return layout(self.source.text)

    @cached_property
    def mentions(self) -> Mentions:
        """Every name."""
        return mentions(self.source, self._current)

    @cached_property
    def parameters(self) -> Parameters:
        """The entries of `params` with their values."""
        tree = self.tree
        return read_parameters(tree, {}) if tree is not None else Parameters({}, ())

    @cached_property
    def filled(self) -> Node | None:
        """The tree with the values of `params`."""
        tree = self.tree
        return fill(tree, self.parameters).document if tree is not None else None

    def declared(self, kind: Kind) -> dict[str, Mention]:
        """The names of a kind; while the text is broken, also those of the last good version."""
        if kind not in self._declared:
            self._declared[kind] = self._find_declared(kind)
        return self._declared[kind]

    def _find_declared(self, kind: Kind) -> dict[str, Mention]:
        found = {m.name: m for m in self.mentions.declared(kind)}
        if self.mended.whole or self.last is None:
            return found
        return {m.name: m for m in self.last.mentions.declared(kind)} | found

    def siblings(self, path: Path) -> frozenset[str]:
        """The keys that the mapping at `path` has."""
        path = templates.written(path) if self.template else path
        depth = len(path)
        return frozenset(
            str(w.path[-1])
            for w in self.written
            if len(w.path) == depth + 1 and w.path[:-1] == path
        )

    def shown(self, node: Node | None) -> str:
        """The beginning of a value as it stands in the text; empty where it spans several lines."""
        if node is None or node.span.line != node.span.end_line:
            return ""
        text = self.line(node.span.line)[node.span.column - 1 : node.span.end_column - 1]
        return text if len(text) <= 60 else f"{text[:60]}..."

    def domain(self, name: str) -> Domain | None:
        """What a parameter may be; None for a list, a computed one and one that is unreadable."""
        mention = self.declared("parameter").get(name)
        node = node_at(self.filled, mention.path) if mention is not None else None
        if mention is None or node is None:
            return None
        parameter = ParameterReader().read(node, mention.path, Reading())
        if isinstance(parameter, Invalid):
            return None
        place = node.span if isinstance(node, MappingNode) else mention.span
        found = domain_of(name, parameter, place, Reading())
        return None if isinstance(found, Invalid | Listing) else found
