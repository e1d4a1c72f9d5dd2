"""Hover: what a key, a name or a code means, and what a value comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from omniforce.spec.as_written import as_written
from omniforce.spec.blocks.devices import STATISTICS
from omniforce.spec.blocks.long_form import long_form, plain
from omniforce.spec.blocks.parameter import ParameterReader
from omniforce.spec.frozen import dataclass
from omniforce.spec.json_schema.key_facts import key_facts, shown
from omniforce.spec.nodes import Entry, MappingNode, Node, Scalar
from omniforce.spec.params.values import text_of
from omniforce.spec.readers import Invalid, Reader, Reading
from omniforce.spec.source import Path, Span
from omniforce.spec.yaml.text import Plain

from .complete_keys import ARGUMENTS
from .document import Document
from .layout import Written
from .library import Library
from .mentions import Mention
from .shape import SPACE, Spot, node_at, spot_at
from .used import taken

_CODE = re.compile(r"OFC[0-9]{3}")
_DEVICE_METRICS = {
    "latency": f"How long a call takes on the device: {', '.join(STATISTICS)}.",
    "size": "Bytes of the exported model.",
    "throughput": "Samples a second on the device.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Markdown, and the place that it is about."""

    text: str
    span: Span


def hover(document: Document, line: int, column: int, library: Library) -> Shown | None:
    """What is said of a place, 1-based; None where there is nothing to say."""
    code = _code(document, line, column)
    if code is not None:
        return code
    mention = document.mentions.at(line, column)
    if mention is not None:
        text = "\n\n".join(_mention(document, mention, library))
        return Shown(_tidy(text), mention.span) if text else None
    return _key_or_value(document, line, column, library)


def _tidy(text: str) -> str:
    return re.sub(r" *\n{3,}", "\n\n", text).strip()


def _code(document: Document, line: int, column: int) -> Shown | None:
    """The page of a code, such as one that a comment silences."""
    from ...diagnostics.page import page

    for match in _CODE.finditer(document.line(line)):
        if match.start() < column <= match.end() + 1:
            text = page(match[0])
            span = Span(document.source.name, line, match.start() + 1, line, match.end() + 1)
            return Shown(text, span) if text is not None else None
    return None


def _mention(document: Document, mention: Mention, library: Library) -> Iterator[str]:
    match mention.kind:
        case "parameter":
            yield f"**{mention.name}**: a parameter of the search space"
            yield _argument(document, mention.name, library)
            declared = document.declared("parameter").get(mention.name)
            if declared is not None:
                yield from _parameter(document, declared.path)
        case "params":
            yield f"**$(params.{mention.name})**"
            parameter = document.parameters.by_name.get(mention.name)
            if parameter is None:
                yield "Nothing declares it."
                return
            value = parameter.value
            yield "It has no value." if value is None else f"Value: `{text_of(value)}`"
            if parameter.param is not None:
                yield parameter.param.doc
        case "device":
            yield f"**{mention.name}**: a device"
            node = node_at(document.filled, ("spec", "devices", mention.name))
            yield shown(_resolved(("spec", "devices", mention.name), node, node))
        case "metric":
            yield from _metric(document, mention, library)
        case "anchor":
            yield f"**&{mention.name}**: a value that `*{mention.name}` stands for as well"


def _parameter(document: Document, path: Path) -> Iterator[str]:
    """Its long form, parameters below it left out."""
    written, filled = node_at(document.tree, path), node_at(document.filled, path)
    if written is None or filled is None:
        return
    key = Scalar(str(path[-1]), str(path[-1]), written.span)
    made = long_form(
        MappingNode((Entry(key, filled),), written.span),
        MappingNode((Entry(key, filled),), filled.span),
    )[key.text]
    if isinstance(made, dict):
        made = {name: value for name, value in made.items() if name != "submodule"}
    yield shown(made)
    conditions = _conditions(document, path)
    if conditions:
        yield f"Takes part when {' and '.join(conditions)}."


def _argument(document: Document, name: str, library: Library) -> str:
    """What the algorithm says of what it calls so; empty where it is none of the library."""
    algorithm = library.algorithm(document.tree)
    arguments = algorithm.arguments if algorithm is not None else ()
    return next((a.doc for a in arguments if a.name == name), "")


def _conditions(document: Document, path: Path) -> tuple[str, ...]:
    """What must hold for a parameter that stands in submodules."""
    found: list[str] = []
    for place, step in enumerate(path):
        if step != "submodule" or place < len(SPACE) + 1:
            continue
        host = path[place - 1]
        spot = spot_at(path[: place + 2], document.tree)
        counted = isinstance(spot.reader, ParameterReader)
        domain = document.domain(str(host))
        if not counted:
            found.append(f"`{host} == {path[place + 1]}`")
        elif domain is not None:
            found.append(f"`{host}` has a place for it")
    return tuple(found)


def _metric(document: Document, mention: Mention, library: Library) -> Iterator[str]:
    name = mention.name
    if name in _DEVICE_METRICS:
        yield f"**{name}**: measured on a device"
        yield _DEVICE_METRICS[name]
        return
    algorithm = library.algorithm(document.tree)
    for metric in algorithm.metrics if algorithm is not None else ():
        if metric.name == name:
            yield f"**{name}**: {metric.better} is better"
            yield metric.doc
            return
    yield f"**{name}**: a figure that the algorithm reports"


def _key_or_value(document: Document, line: int, column: int, library: Library) -> Shown | None:
    """The key at a place, or the one whose value stands there."""
    best: Written | None = None
    for key in document.written:
        if key.line > line:
            break
        if key.line < line or key.column > column:
            continue
        best = key if best is None or key.column >= best.column else best
    if best is None:
        return None
    path = document.told(best.path)
    spot = spot_at(path, document.tree)
    parts = [*_facts(document, path, spot)]
    name = str(path[-1])
    parts += [f"{t.what}\n\n{t.doc}" for t in taken(document, path[:-1]) if t.name == name]
    if path[:-1] == ARGUMENTS:
        parts = [p for p in (_argument(document, name, library),) if p]
    if not parts:
        return None
    span = Span(document.source.name, line, best.column, line, best.column + len(name))
    return Shown(_tidy("\n\n".join((f"**{name}**", *parts))), span)


def _facts(document: Document, path: Path, spot: Spot) -> Iterator[str]:
    if spot.key is not None:
        yield key_facts(spot.key)
    written, filled = node_at(document.tree, path), node_at(document.filled, path)
    if spot.key is None and not isinstance(spot.reader, ParameterReader):
        return
    if filled is None or spot.reader is None:
        return
    resolved = _resolved(path, written, filled, spot)
    said = [plain(written) if written is not None else None]
    if spot.key is not None and spot.key.default is not None and not spot.key.required:
        said.append(as_written(spot.key.reader, spot.key.default))
    if resolved is not None and resolved not in said:
        yield f"Here: {shown(resolved)}"


def _resolved(
    path: Path, written: Node | None, filled: Node | None, spot: Spot | None = None
) -> Plain:
    """A value with its defaults and without placeholders; as written where it cannot be read."""
    spot = spot if spot is not None else spot_at(path, filled)
    if filled is None or spot.reader is None:
        return None
    if path == SPACE:
        return plain(written) if written is not None else None
    value = cast("Reader[object]", spot.reader).read(filled, path, Reading())
    if isinstance(value, Invalid):
        return plain(filled)
    try:
        made = as_written(spot.reader, value, filled, filled)
    except (AttributeError, TypeError):
        return plain(filled)  # what has no written form of its own, such as a submodule
    return made if _is_plain(made) else plain(filled)


def _is_plain(value: object) -> bool:
    """Whether a value has a written form; a submodule or a range in parts is read further on."""
    return value is None or isinstance(value, bool | int | float | str | list | dict)
