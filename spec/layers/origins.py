"""Where each value of a spec comes from: a line of a file, `-p`, `--set`, a template, a default."""

from __future__ import annotations

import re
from typing import Final, Literal

from ..as_written import as_written
from ..frozen import dataclass
from ..load import Loaded
from ..nodes import MappingNode, Node, Scalar, SequenceNode
from ..readers import Block
from ..source import Path, Span
from ..yaml.text import Line, lines
from .settings import NAME

Kind = Literal["file", "overlay", "template", "set", "param", "default"]

_PARAMETER: Final = re.compile(r"(?<!\$)\$\(params\.([^)]+)\)")


@dataclass(frozen=True, slots=True)
class Origin:
    """What set a value.

    Attributes:
        place: where it is written; None for a default of the language.
        params: the parameters that the text reads, each with what set it.
        text: as people read it.
    """

    kind: Kind
    place: Span | None
    params: tuple[tuple[str, Origin], ...]
    text: str


def origins(loaded: Loaded) -> tuple[tuple[Line, Origin | None], ...]:
    """The lines of a spec's long form, each with what set its value.

    A line that only opens a block has none.

    Raises:
        ValueError: the spec has no study, which its diagnostics explain.
    """
    if loaded.study is None or loaded.document is None or loaded.filled is None:
        raise ValueError("only a spec that could be read has a long form")
    whole = as_written(Block(type(loaded.study)), loaded.study, loaded.document, loaded.filled)
    tracer = _Tracer(loaded, loaded.document)
    return tuple((line, None if line.opens else tracer.of(line.path)) for line in lines(whole))


class _Tracer:
    def __init__(self, loaded: Loaded, document: Node) -> None:
        self.loaded = loaded
        self.document = document
        self.templates = {name for name, _ in loaded.uses}

    def of(self, path: Path) -> Origin:
        """What set the value at a path of the long form."""
        if path[:2] == ("spec", "params") and path[3:] == ("default",):
            return self.parameter(str(path[2]))
        node = self.document
        for step in path:
            below = _below(node, step)
            if below is None:
                # A short form says all that its long form has; else nobody says it.
                if not isinstance(node, Scalar):
                    return Origin("default", None, (), "default")
                break
            node = below
        return self.written(node)

    def written(self, node: Node) -> Origin:
        names = _PARAMETER.findall(node.text) if isinstance(node, Scalar) else ()
        params = tuple((name, self.parameter(name)) for name in dict.fromkeys(names))
        place = self.text(node.span)
        also = "".join(f", {name} from {origin.text}" for name, origin in params)
        return Origin(self.kind(node.span), node.span, params, place + also)

    def parameter(self, name: str) -> Origin:
        """What set a parameter of the spec."""
        path = ("spec", "params", name, "default")
        if name in self.loaded.given:
            return Origin("param", None, (), f"-p {name}")
        node: Node | None = self.document
        for step in path:
            node = _below(node, step) if node is not None else None
        if node is None:
            return Origin("default", None, (), "default")
        return Origin(self.kind(node.span), node.span, (), self.text(node.span))

    def kind(self, place: Span) -> Kind:
        if place.file == NAME:
            return "set"
        if place.file in self.templates:
            return "template"
        return "file" if place.file == self.loaded.source.name else "overlay"

    def text(self, place: Span) -> str:
        if place.file != NAME:
            return f"{place.file}:{place.line}"
        source = next(s for s in self.loaded.sources if s.name == NAME)
        return f"{NAME} {source.line(place.line)}"


def _below(node: Node, step: str | int) -> Node | None:
    match node:
        case MappingNode() if isinstance(step, str):
            return node.get(step)
        case SequenceNode(items=items) if isinstance(step, int) and step < len(items):
            return items[step]
        case _:
            return None
