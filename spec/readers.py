"""Reading typed values out of a YAML tree, every error collected with its place.

A block of the language is a frozen dataclass whose fields say how they are read:

    @dataclass(frozen=True, slots=True)
    class Split:
        train: float = key(number(minimum=0), doc="...", default=0.6)

`block(Split)` then reads a mapping, and `schema()` of the same reader is its JSON Schema. This
is written here, and not with pydantic, because building pydantic's models alone takes two thirds
of the time that `ofc check` may take (benchmarks/README.md), and its errors know no file.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar

from .diagnostic import Diagnostic, Related
from .nodes import Entry, MappingNode, Node, Scalar, SequenceNode
from .source import Path, Span

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Schema = Mapping[str, object]


class Invalid:
    """What a reader returns instead of a value after it has reported why."""


INVALID: Final = Invalid()


@dataclass(slots=True)
class Reading:
    """What gathers while one document is read: findings, and the span of every value.

    Attributes:
        values: what could be read, by path, so that rules can look at the good parts of a
            document that is bad elsewhere.
    """

    found: list[Diagnostic] = field(default_factory=list)
    spans: dict[Path, Span] = field(default_factory=dict)
    values: dict[Path, object] = field(default_factory=dict)

    def read(self, reader: Reader[T], node: Node, path: Path) -> T | Invalid:
        """Reads one value and keeps it with its place."""
        self.spans[path] = node.span
        value = reader.read(node, path, self)
        if not isinstance(value, Invalid):
            self.values[path] = value
        return value

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        label: str = "",
        help: str = "",
        related: tuple[Related, ...] = (),
    ) -> Invalid:
        """Collects an error and answers `INVALID`, so that a reader can return it."""
        self.found.append(Diagnostic(code, message, span, label, help, related=related))
        return INVALID


class Reader(Protocol[T_co]):
    """Reads one value, and says what it accepts."""

    def read(self, node: Node, path: Path, reading: Reading) -> T_co | Invalid:
        """The value at `node`, or `INVALID` after reporting."""
        ...

    def schema(self) -> Schema:
        """JSON Schema, draft-07, of what is accepted."""
        ...


def key(
    reader: Reader[object] | Callable[[], Reader[object]],
    doc: str,
    default: object = MISSING,
    *,
    name: str = "",
    example: object = None,
) -> Any:  # as `dataclasses.field`: the annotation beside it says the type
    """A field of a block: how it is read, what it means, and its value where it is not written.

    Args:
        reader: or a function that makes it, where blocks refer to each other.
        doc: for people; becomes the description in the JSON Schema.
        default: none means that the key must be written; a mutable default is refused.
        name: the key in the file where it is not the field's name in camel case.
        example: a value for the JSON Schema.
    """
    facts = {"reader": reader, "doc": doc, "name": name, "example": example}
    return field(metadata=facts) if default is MISSING else field(default=default, metadata=facts)


def camel(name: str) -> str:
    """`wall_clock` as it is written in a file: `wallClock`."""
    head, *rest = name.rstrip("_").split("_")
    return head + "".join(part.capitalize() for part in rest)


@dataclass(frozen=True, slots=True)
class KeyOf:
    """One key of a block."""

    name: str
    attribute: str
    reader: Reader[object]
    doc: str
    default: object
    example: object

    @property
    def required(self) -> bool:
        """Whether it must be written."""
        return self.default is MISSING


_KEYS: Final[dict[type[Any], Mapping[str, KeyOf]]] = {}  # what `keys_of` worked out


def keys_of(block_type: type[Any]) -> Mapping[str, KeyOf]:
    """The keys of a block by their name in the file, in the order of the class."""
    known = _KEYS.get(block_type)
    if known is not None:
        return known
    keys: dict[str, KeyOf] = {}
    for each in dataclasses.fields(block_type):
        if "reader" not in each.metadata:
            continue
        reader = each.metadata["reader"]
        made = KeyOf(
            name=each.metadata["name"] or camel(each.name),
            attribute=each.name,
            reader=reader if hasattr(reader, "read") else reader(),
            doc=each.metadata["doc"],
            default=each.default,
            example=each.metadata["example"],
        )
        keys[made.name] = made
    _KEYS[block_type] = keys
    return keys


def describe(node: Node) -> str:
    """What a node is, in the words of a message."""
    match node:
        case MappingNode():
            return "a mapping"
        case SequenceNode():
            return "a list"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool(value)):
            return f"the truth value `{str(value).lower()}`"
        case Scalar(value=int() | float()):
            return f"the number `{_short(node.text)}`"
        case Scalar():
            return f"the string `{_short(node.text)}`"


def _short(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line if len(line) <= 40 and line == text else f"{line[:40]}..."


def nearest(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str | None:
    """The known word that was probably meant, or None."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if found:
        return found[0]
    folded = {k.lower().replace("_", "").replace("-", ""): k for k in known}
    return folded.get(word.lower().replace("_", "").replace("-", ""))


def or_list(words: Mapping[str, object] | tuple[str, ...]) -> str:
    """`a`, `b` or `c`, each in backquotes."""
    quoted = [f"`{w}`" for w in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


@dataclass(frozen=True, slots=True)
class Text:
    """A string. `pattern` is matched against the whole of it."""

    what: str = "a string"
    pattern: str = ""
    max_length: int = 65_536
    help: str = ""

    def read(self, node: Node, path: Path, reading: Reading) -> str | Invalid:
        """The string itself; a number is refused, since `1.10` would lose its zero."""
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            quote = f'put it in quotes: "{node.text}"' if isinstance(node, Scalar) else ""
            return reading.report(
                "OFC103",
                f"`{path[-1]}` is {describe(node)}, expected {self.what}",
                node.span,
                f"expected {self.what}",
                quote,
            )
        if len(node.value) > self.max_length:
            return reading.report(
                "OFC104",
                f"`{path[-1]}` has {len(node.value)} characters, at most {self.max_length} fit",
                node.span,
                "too long",
            )
        if self.pattern and not _matches(self.pattern, node.value):
            return reading.report(
                "OFC104",
                f"`{_short(node.value)}` is not {self.what}",
                node.span,
                f"expected {self.what}",
                self.help or f"it must match `{self.pattern}`",
            )
        return node.value

    def schema(self) -> Schema:
        """A string with its pattern."""
        made: dict[str, object] = {"type": "string"}
        return made | ({"pattern": f"^({self.pattern})$"} if self.pattern else {})


def _matches(pattern: str, text: str) -> bool:
    import re

    return re.fullmatch(pattern, text) is not None


@dataclass(frozen=True, slots=True)
class Bool:
    """`true` or `false`, and nothing that YAML 1.1 took for one."""

    def read(self, node: Node, path: Path, reading: Reading) -> bool | Invalid:
        """The truth value."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        return reading.report(
            "OFC103",
            f"`{path[-1]}` is {describe(node)}, expected `true` or `false`",
            node.span,
            "expected `true` or `false`",
        )

    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"}


N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class Number(Generic[N]):
    """A number within bounds. `above` excludes the bound itself."""

    type: type[N]
    minimum: N | None = None
    maximum: N | None = None
    above: N | None = None

    def read(self, node: Node, path: Path, reading: Reading) -> N | Invalid:
        """The number, finite and within its bounds."""
        what = "a whole number" if self.type is int else "a number"
        value = node.value if isinstance(node, Scalar) else None
        if self.type is float and type(value) is int:
            value = _to_float(value)
        if type(value) is not self.type:
            return reading.report(
                "OFC103",
                f"`{path[-1]}` is {describe(node)}, expected {what}",
                node.span,
                f"expected {what}",
            )
        if not self._within(value):
            return reading.report(
                "OFC104",
                f"`{path[-1]}` is {describe(node).removeprefix('the number ')}, "
                f"it must be {self._bounds()}",
                node.span,
                f"must be {self._bounds()}",
            )
        return value

    def _within(self, value: N) -> bool:
        return (
            value == value
            and abs(value) != float("inf")
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
            and (self.above is None or value > self.above)
        )

    def _bounds(self) -> str:
        words = [
            f"at least {self.minimum:g}" if self.minimum is not None else "",
            f"above {self.above:g}" if self.above is not None else "",
            f"at most {self.maximum:g}" if self.maximum is not None else "",
        ]
        return " and ".join(w for w in words if w) or "finite"

    def schema(self) -> Schema:
        """A number with its bounds."""
        made: dict[str, object] = {"type": "integer" if self.type is int else "number"}
        if self.minimum is not None:
            made["minimum"] = self.minimum
        if self.maximum is not None:
            made["maximum"] = self.maximum
        if self.above is not None:
            made["exclusiveMinimum"] = self.above
        return made


def _to_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, node: Node, path: Path, reading: Reading) -> str | Invalid:
        """The word."""
        if isinstance(node, Scalar) and node.text in self.words and node.value is not None:
            return node.text
        meant = nearest(node.text, self.words) if isinstance(node, Scalar) else None
        return reading.report(
            "OFC105",
            f"`{path[-1]}` is {describe(node)}, expected {or_list(self.words)}",
            node.span,
            f"did you mean `{meant}`?" if meant else f"expected {or_list(self.words)}",
            f"write {or_list(self.words) if not meant else f'`{meant}`'}",
        )

    def schema(self) -> Schema:
        """An enumeration."""
        return {"enum": list(self.words)}


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
                f"`{path[-1]}` is {describe(node)}, expected a list",
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
                f"`{path[-1]}` has {len(node.items)} items, {bound} must be there",
                node.span,
                f"{len(node.items)} items",
            )
        values = []
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
                f"`{path[-1]}` is {describe(node)}, expected a mapping",
                node.span,
                "expected a mapping",
            )
        pairs: list[tuple[str, T]] = []
        valid = True
        for entry in node.entries:
            name = entry.key.text
            if not _matches(self.pattern, name):
                reading.report(
                    "OFC104",
                    f"`{_short(name)}` is not {self.what}",
                    entry.key.span,
                    f"expected {self.what}",
                    f"it must match `{self.pattern}`",
                )
                valid = False
                continue
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
                f"`{path[-1] if path else 'document'}` is {describe(node)}, expected a mapping",
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
            valid = _unknown(entry, keys, path, reading) and valid
            continue
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
    for missing in (k for k in keys.values() if k.required and k.name not in written):
        reading.report(
            "OFC102",
            f"`{missing.name}` is missing in `{path[-1] if path else 'the document'}`",
            node.span,
            f"needs `{missing.name}`",
            f"add `{missing.name}:`"
            + (f", as in `{missing.name}: {missing.example}`" if missing.example else ""),
        )
        valid = False
    return block_type(**values) if valid else INVALID


def _empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _unknown(entry: Entry, keys: Mapping[str, KeyOf], path: Path, reading: Reading) -> bool:
    """Whether an unknown key is the writer's own; reports it where it is not."""
    name = entry.key.text
    if name.startswith("x-"):
        return True
    meant = nearest(name, keys)
    where = f"`{path[-1]}`" if path else "the document"
    reading.report(
        "OFC101",
        f"`{_short(name)}` is no key of {where}",
        entry.key.span,
        f"did you mean `{meant}`?" if meant else "unknown key",
        f"write `{meant}`" if meant else f"{where} has the keys {or_list(_written(keys))}",
    )
    return False


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
                f"`{_short(name)}` is not {self.what}",
                node.entries[0].key.span,
                f"did you mean `{meant}`?" if meant else "unknown key",
                f"write {or_list(by_key) if not meant else f'`{meant}`'}",
            )
        return read_keys(by_key[name], node, path, reading)

    def schema(self) -> Schema:
        """Any of the blocks."""
        return {"anyOf": [Block(t).schema() for t in self.types]}
