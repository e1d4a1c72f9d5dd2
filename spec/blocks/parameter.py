"""One parameter of the search space, in its long form or in one line: both mean the same."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, TypeVar, cast

from ..expression.form import Bell, ParameterForm, Shares
from ..expression.reading import ConstraintReader, read_expression
from ..expression.tree import Expression, Scale, Value
from ..frozen import dataclass
from ..nodes import MappingNode, Node, Scalar, SequenceNode
from ..readers import (
    INVALID,
    Block,
    Bool,
    Invalid,
    Number,
    OneOf,
    Reading,
    Schema,
    called,
    describe,
    key,
    or_list,
    read_keys,
)
from ..source import Path
from .cell_graph import CellGraph
from .lists import DefaultReader, Size, SizeReader
from .placed import At, Placed
from .priors import PriorReader
from .range_text import RangeReader, RangeText, is_set

T = TypeVar("T")

SHORT_FORMS = "`2...5`, `1e-4...1e-1 log, default 1e-3` or `{adam, sgd}`"


Type = Literal["int", "float", "choice", "ordinal", "bool", "permutation", "subset"]
TYPES: tuple[Type, ...] = (
    "int", "float", "choice", "ordinal", "bool", "permutation", "subset",
)  # fmt: skip


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
            f"write {or_list(TYPES)}",
        )

    def schema(self) -> Schema:
        """The types there are."""
        return {"enum": list(TYPES)}


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


class ValueReader:
    """`base * 2 ** depth`, `0.9`, `sgd`."""

    def read(self, node: Node, path: Path, reading: Reading) -> Expression | Invalid:
        """The term; what its names are is looked at once the space is known."""
        tree = read_expression(
            "condition", "a value or a term", "`base * 2 ** depth`", node, path, reading
        )
        return tree if isinstance(tree, Invalid) else cast("Expression", tree)

    def schema(self) -> Schema:
        """A scalar."""
        return {"type": ["string", "number", "boolean"]}


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
    default: At[Value | tuple[Value, ...]] | None = key(
        Placed(DefaultReader()), "The first value to try.", None
    )
    prior: At[Bell | Shares] | None = key(
        Placed(PriorReader()),
        "Where good values are expected.",
        None,
        example="normal(0.1, 0.02)",
    )
    size: At[Size] | None = key(
        Placed(SizeReader()), "How many values a subset has.", None, example="1...2"
    )
    when: At[Expression] | None = key(
        Placed(ConstraintReader()), "What must hold for it to take part.", None
    )
    count: At[int | str] | None = key(
        Placed(CountReader()), "The length of the array that it is, or the parameter with it.", None
    )
    shared: At[bool] | None = key(
        Placed(Bool()), "Whether all places of the array have one value.", None
    )
    graph: CellGraph | None = key(
        Block(CellGraph),
        "The network whose edges the places of the array are; says how many there are.",
        None,
        example="{nodes: 4, absent: none, identity: skip}",
    )
    value: At[Expression] | None = key(
        Placed(ValueReader()),
        "What it is computed from, or a constant; then it is not searched.",
        None,
        example="base * 2 ** depth",
    )
    submodule: MappingNode | None = key(
        SubmoduleReader(), "Parameters that hang on this one's value.", None
    )


class ParameterReader:
    """A parameter in either form."""

    def read(self, node: Node, path: Path, reading: Reading) -> Parameter | Invalid:
        """The parameter."""
        if isinstance(node, MappingNode) and not is_set(node):
            if _is_cut(node, reading):
                return INVALID
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
            f"or `= {node.text}` here",
        )

    def schema(self) -> Schema:
        """A short form, or the block."""
        return {"anyOf": [RangeReader().schema(), {"$ref": "#/definitions/Parameter"}]}


def _is_cut(node: MappingNode, reading: Reading) -> bool:
    """Whether YAML has cut a value at its comma, since the mapping is in braces; reports it."""
    if not node.flow:
        return False
    for entry, following in pairwise(node.entries):
        value = entry.value
        text = value.text if isinstance(value, Scalar) and value.plain else ""
        if text.count("(") > text.count(")") and ")" in following.key.text:
            key = entry.key.text
            reading.report(
                "OFC201",
                f"`{key}` ends at a comma, since it stands in braces",
                value.span,
                "YAML reads no further",
                f'put it in quotes: `{key}: "{text}, {following.key.text}"`',
            )
            return True
    return False


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
        else RangeText(
            ranged,
            node.inside(ranged.at.start, ranged.at.end),
            text=node.text[ranged.at.start : ranged.at.end] if node.exact else "",
        ),
        scale=at(form.scale),
        step=at(None if form.step is None else float(form.step)),
        default=at(form.default),
        prior=None
        if form.prior is None
        else At(form.prior, node.inside(form.prior.at.start, form.prior.at.end), node),
        size=at(form.size),
        when=at(form.when),
        count=at(form.count),
        shared=at(form.shared),
        value=at(form.value),
    )
