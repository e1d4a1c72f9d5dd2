"""Reads YAML 1.2 into nodes that know their place; iterative, with limits, every finding collected.

libyaml says where each event begins and ends; what a scalar means, which keys may stand twice
and how far an alias may expand is decided here.
"""

from __future__ import annotations

from typing import Final

import yaml

from ..diagnostic import Diagnostic, Related
from ..fix import replaced
from ..nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from ..read_source import read_source
from ..source import Source
from .characters import bad_character
from .core_schema import resolve
from .findings import Stop, YamlFindings

__all__ = ["DEPTH", "EXPANSIONS", "NODES", "read_source", "read_yaml"]

DEPTH: Final = 100
"""Levels that mappings and lists may stand in each other."""
NODES: Final = 100_000
"""Values that a document may have."""
EXPANSIONS: Final = 10_000
"""Values that all aliases together may stand for."""


def read_yaml(source: Source) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """The one document of a file, and what is wrong with it.

    The tree is None where reading could not go on. After a repeated key, a tag or a key that is
    no string it goes on, so that the findings of the blocks can be told as well.
    """
    composer = _Composer(source)
    try:
        return composer.compose(), tuple(composer.findings.found)
    except Stop:
        return None, tuple(composer.findings.found)


class _Open:
    """A mapping or list whose end has not been seen.

    Attributes:
        start: offset of its first character.
        end: offset behind the last of its children.
        size: values in it so far, itself included, aliases expanded.
        height: levels below it, aliases expanded.
        key: the key that waits for its value; False for one that was refused.
    """

    def __init__(self, mapping: bool, flow: bool, start: int, anchor: str | None) -> None:
        self.mapping = mapping
        self.flow = flow
        self.start = start
        self.end = start
        self.anchor = anchor
        self.size = 1
        self.height = 0
        self.key: Scalar | bool | None = None
        self.keys: dict[str, Scalar] = {}
        self.entries: list[Entry] = []
        self.items: list[Node] = []


class _Composer:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings = YamlFindings(source)
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int, int]] = {}
        self.root: Node | None = None
        self.nodes = 0
        self.expanded = 0

    def compose(self) -> Node | None:
        self.findings.check_lines()
        bad = bad_character(self.source.text)
        if bad is not None:
            at, message, label, help_ = bad
            self.findings.stop("OFC004", message, at, at + 1, label, help_)
        try:
            self.read_events()
        except yaml.YAMLError as error:
            from .faults import syntax_error

            self.findings.stop(*syntax_error(error, self.source.text))
        empty = isinstance(self.root, Scalar) and self.root.value is None and not self.root.text
        if (self.root is None or empty) and not self.findings.found:
            first_spec = "`ofc init` writes a first spec"
            self.findings.stop("OFC010", "the file is empty", 0, 0, "", first_spec)
        return self.root

    def read_events(self) -> None:
        documents = 0
        for event in yaml.parse(self.source.text, Loader=yaml.CLoader):
            first, last = event.start_mark, event.end_mark
            start, end = (first.index, last.index) if first and last else (0, 0)
            match event:
                case yaml.ScalarEvent():
                    self.scalar(event, start, end)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self.begin(event, start, end)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self.finish(end)
                case yaml.AliasEvent():
                    self.alias(event.anchor, start, end)
                case yaml.DocumentStartEvent():
                    documents += 1
                    self.document(event, documents, start)
                case _:
                    pass

    def document(self, event: yaml.DocumentStartEvent, number: int, start: int) -> None:
        if number > 1:
            self.findings.stop(
                "OFC011",
                "a second document begins here, a spec is one document",
                start,
                start + 3,
                "second document",
                "put it into a file of its own",
            )
        if event.version is not None and event.version != (1, 2):
            version = ".".join(map(str, event.version))
            line = self.findings.line_with("%YAML")
            self.findings.report(
                "OFC004",
                f"the file says that it is YAML {version}, a spec is YAML 1.2",
                line,
                "not YAML 1.2",
                "remove the line",
                replaced(line, "%YAML 1.2"),
            )
        if event.tags:
            self.findings.report(
                "OFC007",
                "tags are not part of the language, this line declares one",
                self.findings.line_with("%TAG"),
                "tag directive",
                "remove the line",
            )

    def scalar(self, event: yaml.ScalarEvent, start: int, end: int) -> None:
        text = self.source.text
        value: str = event.value
        if event.anchor is not None or event.tag is not None:
            start = self.properties(event, start, end)
        match event.style:
            case "'" | '"':
                exact = text[start + 1 : end - 1] == value
                node = Scalar(value, value, self.findings.place(start, end), False, exact)
            case "|" | ">":
                end = start + len(text[start:end].rstrip())
                node = Scalar(value, value, self.findings.place(start, end), False, False)
            case _:
                exact = text[start:end] == value
                node = Scalar(resolve(value), value, self.findings.place(start, end), True, exact)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, 1, 0)
        self.add(node, 1, 0, end)

    def begin(
        self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, start: int, end: int
    ) -> None:
        if event.anchor is not None or event.tag is not None:
            start = self.properties(event, start, len(self.source.text))
        flow = bool(event.flow_style) and end > start
        if len(self.open) >= DEPTH:
            self.findings.stop(
                "OFC008",
                f"values stand more than {DEPTH} levels deep in each other",
                start,
                start + 1,
                f"level {DEPTH + 1}",
                "no block of the language is nested like this",
            )
        mapping = isinstance(event, yaml.MappingStartEvent)
        self.open.append(_Open(mapping, flow, start, event.anchor))

    def finish(self, end: int) -> None:
        done = self.open.pop()
        end = end if done.flow else done.end
        span = self.findings.place(done.start, end)
        node: Node = (
            MappingNode(tuple(done.entries), span, done.flow)
            if done.mapping
            else SequenceNode(tuple(done.items), span, done.flow)
        )
        if done.anchor is not None:
            self.anchors[done.anchor] = (node, done.size, done.height)
        self.add(node, done.size, done.height, end)

    def alias(self, name: str | None, start: int, end: int) -> None:
        if any(each.anchor == name for each in self.open):
            self.findings.stop(
                "OFC009",
                f"`*{name}` stands inside what `&{name}` names, so it has no end",
                start,
                end,
                "contains itself",
                "write the value out",
            )
        if name is None or name not in self.anchors:
            self.findings.stop(
                "OFC004",
                f"`*{name}` is an alias, and nothing before it is marked `&{name}`",
                start,
                end,
                "unknown anchor",
                f"mark a value with `&{name}`, or put the text in quotes",
            )
        node, size, height = self.anchors[name]
        self.expanded += size
        if self.expanded > EXPANSIONS or len(self.open) + height > DEPTH:
            self.findings.stop(
                "OFC009",
                f"the aliases of this file stand for more than {EXPANSIONS:,} values"
                if self.expanded > EXPANSIONS
                else f"with its aliases, the file is more than {DEPTH} levels deep",
                start,
                end,
                "one alias too many",
                "write out what is meant",
            )
        self.add(node, size, height, end)

    def add(self, node: Node, size: int, height: int, end: int) -> None:
        """Puts a finished node, which ends before `end`, where it belongs."""
        self.nodes += 1
        if self.nodes > NODES:
            self.findings.too_large(f"{NODES:,} values", end, "one value too many")
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        parent.size += size
        parent.height = max(parent.height, height + 1)
        parent.end = max(parent.end, end)
        if not parent.mapping:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self.check_key(node, parent)
        else:
            if isinstance(parent.key, Scalar):
                parent.entries.append(Entry(parent.key, node))
            parent.key = None

    def check_key(self, node: Node, parent: _Open) -> Scalar | bool:
        """The key, or False where it is refused; its value is then left out."""
        if not isinstance(node, Scalar) or (node.plain and node.text == ""):
            what = "a key is nothing" if isinstance(node, Scalar) else "a key is a mapping or list"
            self.findings.report(
                "OFC012", f"{what}, expected a word", node.span, "expected a word", "write a word"
            )
            return False
        if node.text == "<<" and node.plain:
            self.findings.report(
                "OFC004",
                "`<<` merges mappings in YAML 1.1, a spec is YAML 1.2",
                node.span,
                "no merge keys",
                "write the keys out",
            )
            return False
        first = parent.keys.setdefault(node.text, node)
        if first is not node:
            self.findings.add(
                Diagnostic(
                    "OFC006",
                    f"`{node.text[:80]}` is written twice",
                    node.span,
                    "second time",
                    "keep one of them",
                    related=(Related(first.span, "first time"),),
                )
            )
            return False
        return node

    def properties(self, event: yaml.NodeEvent, start: int, end: int) -> int:
        """The offset behind an anchor and a tag; reports the tag."""
        from .faults import after_properties, tag_at

        tag = getattr(event, "tag", None)
        if tag is not None:
            first, last = tag_at(self.source.text, start)
            place = self.findings.place(first, last)
            self.findings.report(
                "OFC007",
                f"`{self.source.text[first:last][:80]}` is a tag, the language has none",
                place,
                "tag",
                "remove it; quotes make a string, and a number needs none",
                replaced(place, "", sure=False),
            )
        return after_properties(self.source.text, start, end)
