"""A file of another system: bounded, decoded, and read without running anything of it.

It is hostile input. YAML goes through the language's own reader, which knows no tags and bounds
depth, size and aliases; JSON through the standard library's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.nodes import MappingNode, Node, Scalar
from omniforce.spec.problem import Problem
from omniforce.spec.read_source import read_source
from omniforce.spec.source import Source
from omniforce.spec.yaml.reader import read_yaml

from .findings import UNREADABLE

MOST_BYTES = 64 * 2**20
"""Of a dump with trials."""

Plain: TypeAlias = "Mapping[str, Plain] | Sequence[Plain] | str | bool | int | float | None"


def read_text(path: str) -> Source:
    """A configuration file as text.

    Raises:
        Problem: it is not there, too large, or not UTF-8.
    """
    found = read_source(path)
    if isinstance(found, Diagnostic):
        raise Problem(found.code, found.message, found.help, found.span)
    return found


def documents(source: Source) -> tuple[tuple[Node, ...], tuple[Diagnostic, ...]]:
    """The documents of a YAML or JSON file, places counted from its own beginning."""
    nodes: list[Node] = []
    found: list[Diagnostic] = []
    if "\t" in source.text and source.text.lstrip()[:1] in ("{", "["):
        # JSON may be indented by tabs and YAML may not; no string of JSON holds one as it is
        source = Source(source.name, source.text.replace("\t", " "))
    for part in _parts(source):
        node, findings = read_yaml(part)
        errors = [each for each in findings if each.is_error]
        found += errors
        if node is not None and not errors:
            nodes.append(node)
    return tuple(nodes), tuple(found)


def _parts(source: Source) -> Iterator[Source]:
    """Each document behind as many empty lines as stand before it."""
    line = 0
    pieces = re.split(r"^---[ \t]*(?:#.*)?\r?$\n?", source.text, flags=re.MULTILINE)
    for piece in pieces:
        begun = line
        line += piece.count("\n") + 1
        if piece.strip() and not all(
            not row.strip() or row.lstrip().startswith("#") for row in piece.splitlines()
        ):
            yield Source(source.name, "\n" * begun + piece)


def read_dump(path: str) -> Plain:
    """A dump with trials as plain values: JSON, or YAML where it is none.

    Raises:
        Problem: it is not there, too large, or neither.
    """
    text = _read(path)
    try:
        return _json(text)
    except ValueError:
        pass
    nodes, errors = documents(Source(path, text))
    if errors:
        (first, *_) = errors
        raise Problem(first.code, first.message, first.help, first.span)
    plain = [plain_of(node) for node in nodes]
    return plain[0] if len(plain) == 1 else plain


def _read(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Problem(
            "OFC001", f"`{path}` cannot be read: {str(why).lower()}", "check the name of the file"
        ) from error
    if len(data) > MOST_BYTES:
        raise Problem(
            "OFC003",
            f"`{path}` has more than {MOST_BYTES // 2**20} MiB, a dump with trials may have that",
            "split it, and name each part with `--trials`",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem("OFC002", f"`{path}` is not UTF-8", "save the file as UTF-8") from error


def _json(text: str) -> Plain:
    try:
        found: Plain = json.loads(text)
    except RecursionError as error:
        raise Problem(
            UNREADABLE, "the file is nested too deep", "check that it is what it should be"
        ) from error
    return found


def plain_of(node: Node) -> Plain:
    """The values of a node, without their places."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, MappingNode):
        return {entry.key.text: plain_of(entry.value) for entry in node.entries}
    return [plain_of(item) for item in node.items]


def mapping(value: Plain) -> Mapping[str, Plain]:
    """The value where it is a mapping; else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listing(value: Plain) -> Sequence[Plain]:
    """The value where it is a list; else an empty one."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def figure(value: Plain) -> float | None:
    """The finite number that a value is or says."""
    from .foreign_block import number_in

    match value:
        case bool() | None:
            return None
        case int() | float() | str():
            found = number_in(repr(value) if isinstance(value, float) else str(value))
            return None if found is None else float(found)
        case _:
            return None
