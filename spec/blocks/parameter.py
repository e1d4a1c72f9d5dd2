"""One parameter of the search space, in its long form or in one line: both mean the same."""

from __future__ import annotations

from typing import Generic, TypeVar, cast

from ..expression.form import ParameterForm
from ..expression.reading import ConstraintReader, read_expression
from ..expression.tree import Expression, Scale, Value
from ..frozen import dataclass
from ..nodes import MappingNode, Node, Scalar, SequenceNode
from ..readers import (
    Invalid,
    Number,
    OneOf,
    Reader,
    Reading,
    Schema,
    called,
    describe,
    key,
    read_keys,
)
from ..source import Path, Span
from .literal import LiteralReader
from .range_text import RangeReader, RangeText, is_set

T = TypeVar("T")

SHORT_FORMS = "`2...5`, `1e-4...1e-1 log, default 1e-3` or `{adam, sgd}`"


@dataclass(frozen=True, slots=True)
class At(Generic[T]):
    """A value with its place; `text` is the scalar that its offsets count from."""

    value: T
    span: Span
    text: Scalar | None = None


class Placed(Generic[T]):
    """Reads a value together with its place."""

    def __init__(self, reader: Reader[T]) -> None:
        self.reader = reader

    def read(self, node: Node, path: Path, reading: Reading) -> At[T] | Invalid:
        """What the reader within reads."""
        value = self.reader.read(node, path, reading)
        if isinstance(value, Invalid):
            return value
        return At(value, node.span, node if isinstance(node, Scalar) else None)

    def schema(self) -> Schema:
        """That of the reader within."""
        return self.reader.schema()


class Word:
    """Any word; who uses it knows which there are."""

    def read(self, node: Node, path: Path, reading: Reading) -> str | Invalid:
        """The word."""
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value
        return reading.report(
            "OFC103",
            f"{called(path)} is {describe(node)}, expected a word",
            node.span,
            "expected a word",
            "write `int`, `float`, `choice`, `ordinal` or `bool`",
        )

    def schema(self) -> Schema:
        """The types there are."""
        return {"enum": ["int", "float", "choice", "ordinal", "bool"]}


class CountReader:
    """How long an array is: a whole number, or the parameter that says it."""

    def read(self, node: Node, path: Path, reading: Reading) -> int | str | Invalid:
        """The number or the name."""
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, int | str) and not isinstance(value, bool):
            return value
        return reading.report(
            "OFC103",
            f"{called(path)} is {describe(node)}, expected a whole number or an int parameter",
            node.span,
            "expected a length",
            "write it as in `count: depth` or `count: 3`",
        )

    def schema(self) -> Schema:
        """A number or a name."""
        return {"type": ["integer", "string"]}


class SubmoduleReader:
    """A mapping of parameters, or of a choice's values to parameters; read by the search space."""

    def read(self, node: Node, path: Path, reading: Reading) -> MappingNode | Invalid:
        """The mapping, not looked into yet."""
        if isinstance(node, MappingNode):
            return node
        return reading.report(
            "OFC103",
            f"{called(path)} is {describe(node)}, expected a mapping of parameters",
            node.span,
            "expected a mapping",
            "write `name: 2...5`, one on each line and without `- `",
        )

    def schema(self) -> Schema:
        """Parameters, or values with parameters below."""
        parameter = ParameterReader().schema()
        below = {"type": "object", "additionalProperties": parameter}
        return {"type": "object", "additionalProperties": {"anyOf": [parameter, below]}}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the search space, as written."""

    type: At[str] | None = key(
        Placed(Word()), "What it is; told from the range where it is not written.", None
    )
    range: RangeText | None = key(
        RangeReader(), "What it may be: `2...5`, `{adam, sgd}`.", None, example="2...5"
    )
    scale: At[Scale] | None = key(
        Placed(OneOf(("linear", "log", "logit"))), "How its range is walked.", None
    )
    step: At[float] | None = key(
        Placed(Number(float, above=0.0)), "The distance of its values, from the low end.", None
    )
    default: At[Value] | None = key(Placed(LiteralReader()), "The first value to try.", None)
    when: At[Expression] | None = key(
        Placed(ConstraintReader()), "What must hold for it to take part.", None
    )
    count: At[int | str] | None = key(
        Placed(CountReader()), "The length of the array that it is, or the parameter with it.", None
    )
    submodule: MappingNode | None = key(
        SubmoduleReader(), "Parameters that hang on this one's value.", None
    )


class ParameterReader:
    """A parameter in either form."""

    def read(self, node: Node, path: Path, reading: Reading) -> Parameter | Invalid:
        """The parameter."""
        if isinstance(node, MappingNode) and not is_set(node):
            return read_keys(Parameter, node, path, reading)
        if isinstance(node, MappingNode | SequenceNode):
            found = RangeReader().read(node, path, reading)
            return found if isinstance(found, Invalid) else Parameter(range=found)
        if isinstance(node.value, str):
            return _short(node, path, reading)
        if node.value is None:
            return reading.report(
                "OFC106",
                f"{called(path)} has no value",
                node.span,
                "nothing stands behind the colon",
                f"write a range such as {SHORT_FORMS}",
            )
        return reading.report(
            "OFC103",
            f"{called(path)} is {describe(node)}, expected a range or a set",
            node.span,
            "one value is nothing to search",
            f"write `{path[-1]}: {node.text}` under `arguments` of `algorithm`, "
            f"or `{{{node.text}}}` here",
        )

    def schema(self) -> Schema:
        """A short form, or the block."""
        return {"anyOf": [RangeReader().schema(), {"$ref": "#/definitions/Parameter"}]}


def _short(node: Scalar, path: Path, reading: Reading) -> Parameter | Invalid:
    tree = read_expression("parameter", "a parameter", SHORT_FORMS, node, path, reading)
    if isinstance(tree, Invalid):
        return tree
    form = cast("ParameterForm", tree)
    whole = node.inside(0, len(node.text))

    def at(value: T | None) -> At[T] | None:
        return None if value is None else At(value, whole, node)

    ranged = form.domain
    return Parameter(
        type=at(form.type),
        range=None
        if ranged is None
        else RangeText(ranged, node.inside(ranged.at.start, ranged.at.end)),
        scale=at(form.scale),
        step=at(None if form.step is None else float(form.step)),
        default=at(form.default),
        when=at(form.when),
        count=at(form.count),
    )
