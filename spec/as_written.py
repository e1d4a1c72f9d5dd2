"""Values back to what their readers read: `7200.0` seconds to `2h`, a goal to its text."""

from __future__ import annotations

from typing import Any, cast

from .blocks.long_form import long_form
from .blocks.nodes import NodeCount
from .blocks.search_space import SearchSpaceReader
from .blocks.warm_start import WarmStartReader
from .expression.print import duration_to_text, rule_to_text, size_to_text, to_text
from .expression.reading import (
    ConstraintReader,
    Duration,
    GoalReader,
    ModelChoiceReader,
    PromotionReader,
    Rule,
    Size,
)
from .nodes import MappingNode, Node, Scalar, SequenceNode
from .readers import Block, ListOf, MapOf, OneKeyOf, keys_of
from .yaml.text import Plain


def as_written(
    reader: object, value: Any, written: Node | None = None, filled: Node | None = None
) -> Plain:
    """The long form of a value; reading it gives the value again.

    Args:
        reader: of the value.
        value: what was read.
        written: its node, whose placeholders are kept; None for a default.
        filled: the same with the values of parameters; needed where the value is a `Space`, whose
            coordinates are no longer what was written.
    """
    if isinstance(written, Scalar) and "$(" in written.text:
        return written.text
    match reader:
        case Block() | OneKeyOf():
            return _block(value, written, filled)
        case ListOf():
            item = cast("ListOf[object]", reader).item
            return [
                as_written(item, each, _at(written, i), _at(filled, i))
                for i, each in enumerate(value)
            ]
        case MapOf():
            inner = cast("MapOf[object]", reader).value
            return {
                name: as_written(inner, each, _at(written, name), _at(filled, name))
                for name, each in value
            }
        case SearchSpaceReader():
            return {} if written is None or filled is None else long_form(written, filled)
        case Duration():
            return duration_to_text(value)
        case Size():
            return size_to_text(value)
        case GoalReader() | ConstraintReader() | ModelChoiceReader() | PromotionReader():
            return to_text(value)
        case NodeCount():
            return str(value) if value.elastic else value.most
        case WarmStartReader():
            return list(value.studies) if value.by == "name" else value.by
        case Rule():
            return rule_to_text(value)
        case _:
            plain: Plain = value
            return plain


def _block(block: object, written: Node | None, filled: Node | None) -> dict[str, Plain]:
    """Its keys that have a value: those in the file in their order, then the others."""
    keys = keys_of(type(block))
    entries = written.entries if isinstance(written, MappingNode) else ()
    names = dict.fromkeys(e.key.text for e in entries if e.key.text in keys)
    made: dict[str, Plain] = {}
    for name in (*names, *(k for k in keys if k not in names)):
        value = getattr(block, keys[name].attribute)
        if value is not None:
            made[name] = as_written(keys[name].reader, value, _at(written, name), _at(filled, name))
    return made


def _at(node: Node | None, step: str | int) -> Node | None:
    match node:
        case MappingNode() if isinstance(step, str):
            return node.get(step)
        case SequenceNode(items=items) if isinstance(step, int) and step < len(items):
            return items[step]
        case _:
            return None
