"""The expressions of a spec in the spelling of the language's own printer, numbers as written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, cast

from ..blocks.parameter import Parameter, ParameterReader, SubmoduleReader, ValueReader
from ..blocks.priors import PriorReader
from ..blocks.range_text import RangeReader
from ..blocks.search_space import SearchSpaceReader
from ..blocks.study import Study, StudySpec
from ..expression.parse import Kind, parse
from ..expression.print import rule_to_text, to_text
from ..expression.reading import (
    ConstraintReader,
    GoalReader,
    ModelChoiceReader,
    PromotionReader,
    Rule,
)
from ..expression.syntax_problem import SyntaxProblem
from ..expression.tree import Requirement
from ..readers import Block, ListOf, MapOf, OneKeyOf, keys_of
from .pieces import Alias, Item, Items, Pair, Pairs, Piece, Word

_NUMBER: Final = re.compile(r"(?<![A-Za-z_0-9])[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CLAUSE: Final = re.compile(r", (step|default|prior|size|count|shared|when)\b")
_KINDS: Final[dict[type, Kind]] = {
    ConstraintReader: "condition",
    GoalReader: "goal",
    ModelChoiceReader: "model",
    PriorReader: "prior",
    PromotionReader: "promotion",
    RangeReader: "range",
    Rule: "rule",
    ValueReader: "condition",
}
_PARAMETER_KEYS: Final = frozenset(keys_of(Parameter)) - {"submodule"}
_DONE: Final = re.compile(r"[0-9.e-]+\.\.\.[0-9.e-]+|[A-Za-z_]\w*|[0-9.]+(ms|s|m|h|[KMG]i?B|%)?")


def spelled(root: Piece) -> dict[int, str]:
    """The text of each expression that is spelled otherwise, by the `id` of its word."""
    known: dict[tuple[Kind, str], str] = {}
    made: dict[int, str] = {}
    for word, kind in _expressions(*_study(root)):
        if word.marks or word.style in ("|", ">") or "\n" in word.raw or "$(" in word.value:
            continue
        if _DONE.fullmatch(word.value):
            continue
        if (kind, word.value) not in known:
            known[kind, word.value] = spelling(kind, word.value)
        text = known[kind, word.value]
        if text != word.value:
            made[id(word)] = text
    return made


def _study(root: Piece) -> tuple[Piece, object]:
    """What the blocks of a study stand in, and what reads it: a template has them in its body."""
    kind, body = _value(root, "kind"), _value(_value(root, "spec"), "body")
    if isinstance(kind, Word) and kind.value == "Template" and body is not None:
        return body, Block(StudySpec)
    return root, Block(Study)


def _value(piece: Piece | None, key: str) -> Piece | None:
    for pair in piece.entries if isinstance(piece, Pairs) else ():
        if isinstance(pair, Pair) and isinstance(pair.key, Word) and pair.key.value == key:
            return pair.value
    return None


def spelling(kind: Kind, text: str) -> str:
    """An expression as the printer writes it; as it was, where that would not be the same one."""
    try:
        tree = parse(kind, text)
        if isinstance(tree, Requirement) and kind == "rule":
            printed = rule_to_text(tree)
        else:
            printed = to_text(tree)
        made = _with_numbers(_with_commas(printed, text), text)
        if made is None or made == text:
            return text
        return made if parse(kind, made) == tree else text
    except (SyntaxProblem, ValueError, TypeError, AttributeError):
        return text


def _with_commas(printed: str, written: str) -> str:
    """The printed text with a comma before a clause only where the writer has one."""
    return _CLAUSE.sub(
        lambda found: found[0] if f",{found[1]}" in written.replace(" ", "") else f" {found[1]}",
        printed,
    )


def _with_numbers(printed: str, written: str) -> str | None:
    """The printed text with each number as it was written: `1e-4`, and not `0.0001`."""
    numbers = _NUMBER.findall(written)
    if len(_NUMBER.findall(printed)) != len(numbers):
        return None
    rest = iter(numbers)
    return _NUMBER.sub(lambda _: next(rest), printed)


def _expressions(piece: Piece, reader: object) -> Iterator[tuple[Word, Kind]]:
    kind = _KINDS.get(type(reader))
    match piece:
        case Alias():
            return
        case Word():
            if isinstance(reader, ParameterReader):
                yield piece, "parameter"
            elif kind is not None:
                yield piece, kind
        case Items(entries=entries):
            within: object | None = None
            if isinstance(reader, ListOf):
                within = cast("ListOf[object]", reader).item
            if kind == "range" and len(entries) == 1:
                within = reader  # `[2...5]`
            for item in entries:
                if within is not None and isinstance(item, Item):
                    yield from _expressions(item.value, within)
        case Pairs(entries=pairs):
            for pair in pairs:
                if isinstance(pair, Pair) and isinstance(pair.key, Word):
                    within = _reader_of(pair.key.value, pair.value, reader)
                    if within is not None:
                        yield from _expressions(pair.value, within)


def _reader_of(key: str, value: Piece, reader: object) -> object | None:
    """What reads the value of a key."""
    if key.startswith("x-"):
        return None
    match reader:
        case Block():
            known = keys_of(cast("Block[object]", reader).type).get(key)
            return None if known is None else known.reader
        case OneKeyOf():
            types = cast("OneKeyOf[object]", reader).types
            return next((Block(t) for t in types if key in keys_of(t)), None)
        case MapOf():
            return cast("MapOf[object]", reader).value
        case SearchSpaceReader():
            return ParameterReader()
        case ParameterReader():
            known = keys_of(Parameter).get(key)
            inner = known.reader if known is not None else None
            return getattr(inner, "reader", inner)  # what is read with its place
        case SubmoduleReader():
            return ParameterReader() if _is_parameter(value) else SearchSpaceReader()
        case _:
            return None


def _is_parameter(value: Piece) -> bool:
    """Whether what stands in a `submodule` is a parameter, and not the parameters of a value."""
    if not isinstance(value, Pairs):
        return True
    keys = {p.key.value for p in value.entries if isinstance(p, Pair) and isinstance(p.key, Word)}
    return bool(keys & _PARAMETER_KEYS)
