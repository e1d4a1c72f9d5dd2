"""Every name of the writer's own in a spec: where it is declared and where it is used.

Four kinds of names: parameters of the search space, entries of `params`, devices, and anchors of
YAML. Metrics are found too, since a hover explains them; nobody declares those in a spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass as mutable
from dataclasses import field
from typing import Final, Literal

from omniforce.spec.blocks.parameter import CountReader, ParameterReader, ValueReader
from omniforce.spec.expression.parse import Kind as Grammar
from omniforce.spec.expression.reading import (
    ConstraintReader,
    GoalReader,
    ModelChoiceReader,
    PromotionReader,
    Rule,
)
from omniforce.spec.frozen import dataclass
from omniforce.spec.nodes import MappingNode, Node, Scalar, SequenceNode
from omniforce.spec.source import Path, Source, Span

from .expectation import expect
from .shape import SPACE, Spot, below, spot_at

Kind = Literal["parameter", "params", "device", "anchor", "metric"]

PARAMS: Final = ("spec", "params")
DEVICES: Final = ("spec", "devices")
TO: Final = ("spec", "deployment", "to")
PLACEHOLDER: Final = re.compile(r"\$\$\(|\$\(params\.([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at a place.

    Attributes:
        path: of the value that it stands in; of the declared thing where it is a declaration.
        declares: whether it stands where it is declared.
    """

    kind: Kind
    name: str
    span: Span
    path: Path
    declares: bool = False


@dataclass(frozen=True, slots=True)
class Mentions:
    """All of a document, in the order of the walk.

    Attributes:
        unread: expressions that could not be read to their end; names may hide there.
        words: what stands in conditions as a name does, and is none: values of choices.
    """

    all: tuple[Mention, ...]
    unread: tuple[Span, ...]
    words: frozenset[str]

    def at(self, line: int, column: int) -> Mention | None:
        """What stands at a place; the narrowest, and the end of a name counts as it."""
        found = [m for m in self.all if _covers(m.span, line, column)]
        return min(found, key=lambda m: m.span.end_column - m.span.column, default=None)

    def of(self, kind: Kind, name: str) -> tuple[Mention, ...]:
        """Every place of one name."""
        return tuple(m for m in self.all if (m.kind, m.name) == (kind, name))

    def declared(self, kind: Kind) -> tuple[Mention, ...]:
        """The declarations of a kind, in the order of the file."""
        return tuple(m for m in self.all if m.kind == kind and m.declares)


def _covers(span: Span, line: int, column: int) -> bool:
    return (span.line, span.column) <= (line, column) <= (span.end_line, span.end_column)


GRAMMARS: Final[dict[type[object], Grammar]] = {
    ConstraintReader: "condition",
    GoalReader: "goal",
    ModelChoiceReader: "model",
    ParameterReader: "parameter",
    PromotionReader: "promotion",
    Rule: "rule",
    ValueReader: "condition",
}
"""How the text of a reader is parsed."""


def mentions(source: Source, tree: Node | None) -> Mentions:
    """The names of a document."""
    gathering = _Gathering(tree)
    if tree is not None:
        gathering.node(tree, (), spot_at((), tree))
    found = [*gathering.found, *_anchors(source)]
    known = {m.name for m in found if m.kind == "parameter" and m.declares}
    kept = [m for m in found if m.kind != "parameter" or m.name in known]
    words = {m.name for m in found if m.kind == "parameter"} - known
    return Mentions(tuple(dict.fromkeys(kept)), tuple(gathering.unread), frozenset(words))


@mutable(slots=True)
class _Gathering:
    tree: Node | None
    found: list[Mention] = field(default_factory=list)
    unread: list[Span] = field(default_factory=list)

    def node(self, node: Node, path: Path, spot: Spot) -> None:
        match node:
            case Scalar():
                self.scalar(node, path, spot.reader)
            case SequenceNode(items=items):
                for i, item in enumerate(items):
                    here: Path = (*path, i)
                    self.node(item, here, below(spot, here, self.tree))
            case MappingNode(entries=entries):
                for entry in entries:
                    here = (*path, entry.key.text)
                    inner = below(spot, here, self.tree)
                    self.key(entry.key, here, inner)
                    self.node(entry.value, here, inner)

    def key(self, key: Scalar, path: Path, spot: Spot) -> None:
        if key.text.startswith("x-"):
            return
        kind: Kind | None = None
        if path[:-1] == PARAMS:
            kind = "params"
        elif path[:-1] == DEVICES:
            kind = "device"
        elif path[:2] == SPACE and spot.name and isinstance(spot.reader, ParameterReader):
            kind = "parameter"
        if kind is not None:
            self.add(kind, key, 0, len(key.text), path, declares=True)

    def scalar(self, node: Scalar, path: Path, reader: object) -> None:
        if "$(" in node.text and path[:2] != PARAMS:
            self.placeholders(node, path)
        if not isinstance(node.value, str) or not node.text:
            return
        if path == TO:
            self.add("device", node, 0, len(node.text), path)
            return
        if isinstance(reader, CountReader):
            self.add("parameter", node, 0, len(node.text), path)
            return
        grammar = GRAMMARS.get(type(reader))
        if grammar is not None:
            self.expression(grammar, node, path)

    def placeholders(self, node: Scalar, path: Path) -> None:
        for match in PLACEHOLDER.finditer(node.text):
            if match[1]:
                self.add("params", node, match.start(1), match.end(1), path)

    def expression(self, grammar: Grammar, node: Scalar, path: Path) -> None:
        # A placeholder is as long as before, and reads as a number.
        text = PLACEHOLDER.sub(lambda m: "1".ljust(len(m[0])), node.text)
        read = expect(grammar, text)
        if read.rest < len(text.rstrip()):
            self.unread.append(node.span)
        before = ""
        for place, token in enumerate(read.tokens):
            kind = _kind(grammar, token.type, before)
            called = [t.type for t in read.tokens[place + 1 : place + 2]] == ["LPAR"]
            if kind is not None and not called:
                self.add(kind, node, token.start_pos, token.end_pos, path)
            before = token.type

    def add(
        self, kind: Kind, node: Scalar, start: int, end: int, path: Path, *, declares: bool = False
    ) -> None:
        span = node.inside(start, end)
        self.found.append(Mention(kind, node.text[start:end], span, path, declares))


def _kind(grammar: Grammar, terminal: str, before: str) -> Kind | None:
    """What a terminal names, if it names something, from the terminal before it."""
    if terminal == "DEVICE":
        return "device"
    if terminal != "NAME":
        return None
    if grammar in ("condition", "parameter"):
        # First stands the type of a short form, and behind `prior` the kind of that.
        return None if grammar == "parameter" and before in ("", "PRIOR") else "parameter"
    return "metric" if before != "_DOT" else None


def _anchors(source: Source) -> Iterator[Mention]:
    """Anchors and aliases, as far as YAML can be scanned."""
    if "&" not in source.text:
        return
    import yaml

    try:
        for token in yaml.scan(source.text, Loader=yaml.CLoader):
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                mark = token.start_mark
                line, column = mark.line + 1, mark.column + 2  # behind the sign
                span = Span(source.name, line, column, line, column + len(token.value))
                declares = isinstance(token, yaml.AnchorToken)
                yield Mention("anchor", token.value, span, (), declares)
    except yaml.YAMLError:
        return
