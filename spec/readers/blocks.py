"""Readers of many values: lists, mappings with names of the writer's own, blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Generic, TypeVar

from ..fix import NO_FIX, respelled
from ..frozen import dataclass
from ..nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from ..source import Path
from .keys import KeyOf, keys_of
from .reading import INVALID, Invalid, Reader, Reading, Schema
from .words import called, describe, matches, nearest, or_list, short

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list of one kind of thing, as a tuple."""

    item: Reader[T]
    minimum: int = 0
    maximum: int = 10_000

    def read(self, node: Node, path: Path, reading: Reading) -> tuple[T, ...] | Invalid:
        """All items; invalid as soon as one is, after all have been looked at."""
        if not isinstance(node, SequenceNode):
            return reading.report(
                "OFC103",
                f"{called(path)} is {describe(node)}, expected a list",
                node.span,
                "expected a list",
                "start each item with `- `",
            )
        if not self.minimum <= len(node.items) <= self.maximum:
            bound = (
                f"at least {self.minimum}"
                if len(node.items) < self.minimum
                else f"at most {self.maximum}"
            )
            return reading.report(
                "OFC104",
                f"{called(path)} has {len(node.items)} items, {bound} must be there",
                node.span,
                f"{len(node.items)} items",
                "add one, as in `- ...`" if len(node.items) < self.minimum else "remove some",
            )
        values: list[T | Invalid] = []
        for i, child in enumerate(node.items):
            values.append(reading.read(self.item, child, (*path, i)))
        good = tuple(v for v in values if not isinstance(v, Invalid))
        return good if len(good) == len(values) else INVALID

    def schema(self) -> Schema:
        """An array."""
        made: dict[str, object] = {"type": "array", "items": self.item.schema()}
        return made | ({"minItems": self.minimum} if self.minimum else {})


@dataclass(frozen=True, slots=True)
class MapOf(Generic[T]):
    """A mapping with names of the writer's own, as a tuple of pairs in the file's order."""

    value: Reader[T]
    pattern: str = r"[A-Za-z_][A-Za-z0-9_-]{0,62}"
    what: str = "a name"

    def read(self, node: Node, path: Path, reading: Reading) -> tuple[tuple[str, T], ...] | Invalid:
        """The pairs."""
        if not isinstance(node, MappingNode):
            return reading.report(
                "OFC103",
                f"{called(path)} is {describe(node)}, expected a mapping",
                node.span,
                "expected a mapping",
                "write `name: value`, one on each line",
            )
        pairs: list[tuple[str, T]] = []
        valid = True
        for entry in node.entries:
            name = entry.key.text
            if not matches(self.pattern, name):
                reading.report(
                    "OFC104",
                    f"`{short(name)}` is not {self.what}",
                    entry.key.span,
                    f"expected {self.what}",
                    f"it must match `{self.pattern}`",
                )
                valid = False
                continue
            reading.keys[(*path, name)] = entry.key.span
            value = reading.read(self.value, entry.value, (*path, name))
            if isinstance(value, Invalid):
                valid = False
            else:
                pairs.append((name, value))
        return tuple(pairs) if valid else INVALID

    def schema(self) -> Schema:
        """An object whose names follow a pattern."""
        return {
            "type": "object",
            "patternProperties": {f"^({self.pattern})$": self.value.schema()},
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class Block(Generic[T]):
    """A mapping with known keys, as a frozen dataclass. Keys that begin with `x-` are the writer's.

    Attributes:
        type: a dataclass whose fields are made by `key`.
        short: a reader for the one-line form of the block, where it has one.
    """

    type: type[T]
    short: Reader[T] | None = None

    def read(self, node: Node, path: Path, reading: Reading) -> T | Invalid:
        """The block; unknown and missing keys are reported with what was probably meant."""
        if self.short is not None and not isinstance(node, MappingNode):
            return self.short.read(node, path, reading)
        if not isinstance(node, MappingNode):
            return reading.report(
                "OFC103",
                f"{called(path)} is {describe(node)}, expected a mapping",
                node.span,
                "expected a mapping",
                f"it has the keys {or_list(_written(keys_of(self.type)))}",
            )
        return read_keys(self.type, node, path, reading)

    def schema(self) -> Schema:
        """A reference into `definitions`; `schema.py` puts the definitions together."""
        ref = {"$ref": f"#/definitions/{self.type.__name__}"}
        return {"anyOf": [self.short.schema(), ref]} if self.short is not None else ref


def _written(keys: Mapping[str, KeyOf]) -> tuple[str, ...]:
    return tuple(keys)


def read_keys(block_type: type[T], node: MappingNode, path: Path, reading: Reading) -> T | Invalid:
    """Reads the keys of `node` into a `block_type`."""
    keys = keys_of(block_type)
    values: dict[str, object] = {}
    valid = True
    for entry in node.entries:
        known = keys.get(entry.key.text)
        if known is None:
            valid = _unknown(entry, node, keys, path, reading) and valid
            continue
        reading.keys[(*path, known.name)] = entry.key.span
        if _empty(entry.value) and not known.required:
            reading.spans[(*path, known.name)] = entry.value.span
            reading.report(
                "OFC106",
                f"`{known.name}` has no value",
                entry.key.span,
                "nothing stands behind the colon",
                f"write a value, or remove `{known.name}`",
            )
            valid = False
            continue
        value = reading.read(known.reader, entry.value, (*path, known.name))
        if isinstance(value, Invalid):
            valid = False
        else:
            values[known.attribute] = value
    written = {e.key.text for e in node.entries}
    # A key that is only misspelt is told of once.
    written |= {nearest(k, keys) or k for k in written - keys.keys() if not k.startswith("x-")}
    for missing in (k for k in keys.values() if k.required and k.name not in written):
        reading.report(
            "OFC102",
            f"`{missing.name}` is missing in {called(path)}",
            reading.keys.get(path, node.span),
            f"needs `{missing.name}`",
            f"add `{missing.name}:`"
            + (f", as in `{missing.name}: {missing.example}`" if missing.example else ""),
        )
        valid = False
    return block_type(**values) if valid else INVALID


_ELSEWHERE: Final = {
    **dict.fromkeys(("bounds", "categories", "choices", "values"), "range"),
    **dict.fromkeys(("low", "high", "lower", "upper", "min", "max"), "range: low...high"),
    **dict.fromkeys(("condition", "if"), "when"),
    "log": "scale: log",
}
"""What is written here for other tools' words, which no likeness would find."""


def _empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _unknown(
    entry: Entry, node: MappingNode, keys: Mapping[str, KeyOf], path: Path, reading: Reading
) -> bool:
    """Whether an unknown key is the writer's own; reports it where it is not."""
    name = entry.key.text
    if name.startswith("x-"):
        return True
    if name == "$patch":
        reading.report(
            "OFC101",
            "`$patch` is for overlays, and this is a spec",
            entry.key.span,
            "nothing is below",
            f"lay the file over its spec: `-f omniforce.yaml -f {entry.key.span.file}`",
        )
        return False
    meant, value = _meant(name, node, keys)
    where = f"{called(path)}" if path else "the document"
    reading.report(
        "OFC101",
        f"`{short(name)}` is no key of {where}",
        entry.key.span,
        f"did you mean `{meant}`?" if meant else "unknown key",
        f"write `{meant}{value}`" if meant else f"{where} has the keys {or_list(_written(keys))}",
        fix=NO_FIX
        if meant is None or value or node.get(meant) is not None
        else respelled(entry.key.span, name, meant, keys),
    )
    return False


def _meant(name: str, node: MappingNode, keys: Mapping[str, KeyOf]) -> tuple[str | None, str]:
    """The key that an unknown one was meant for, and what its value looks like where it differs."""
    key, colon, value = _ELSEWHERE.get(name, "").partition(":")
    ours = key in keys and "minimum" not in keys and node.get(key) is None
    return (key, colon + value) if ours else (nearest(name, keys), "")


@dataclass(frozen=True, slots=True)
class OneKeyOf(Generic[T]):
    """A mapping with exactly one key, which says which of several blocks it is."""

    types: tuple[type[T], ...]
    what: str

    def read(self, node: Node, path: Path, reading: Reading) -> T | Invalid:
        """The block that the key names."""
        by_key = {next(iter(keys_of(t))): t for t in self.types}
        if not isinstance(node, MappingNode) or len(node.entries) != 1:
            return reading.report(
                "OFC103",
                f"{self.what} is {describe(node)}, expected a mapping with one key",
                node.span,
                "expected one key",
                f"write {or_list(by_key)}",
            )
        name = node.entries[0].key.text
        if name not in by_key:
            meant = nearest(name, by_key)
            return reading.report(
                "OFC101",
                f"`{short(name)}` is not {self.what}",
                node.entries[0].key.span,
                f"did you mean `{meant}`?" if meant else "unknown key",
                f"write {or_list(by_key) if not meant else f'`{meant}`'}",
                fix=respelled(node.entries[0].key.span, name, meant, by_key),
            )
        return read_keys(by_key[name], node, path, reading)

    def schema(self) -> Schema:
        """Any of the blocks."""
        return {"anyOf": [Block(t).schema() for t in self.types]}
