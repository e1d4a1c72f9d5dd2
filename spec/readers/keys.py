"""The keys of a block: the fields of a frozen dataclass that say how they are read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import MISSING, field
from typing import Any, Final

from ..frozen import dataclass
from .reading import Reader


def key(
    reader: Reader[object] | Callable[[], Reader[object]],
    doc: str,
    default: object = MISSING,
    *,
    name: str = "",
    example: object = None,
    compare: bool = True,
    quiet: bool = False,
) -> Any:  # as `dataclasses.field`: the annotation beside it says the type
    """A field of a block: how it is read, what it means, and its value where it is not written.

    Args:
        reader: or a function that makes it, where blocks refer to each other.
        doc: for people; becomes the description in the JSON Schema.
        default: none means that the key must be written; a mutable default is refused.
        name: the key in the file where it is not the field's name in camel case.
        example: a value for the JSON Schema.
        compare: whether it makes one block another; what is only a way to write others does not.
        quiet: whether plain values leave it out where it is not written.
    """
    facts = {"reader": reader, "doc": doc, "name": name, "example": example, "quiet": quiet}
    if default is MISSING:
        return field(metadata=facts, compare=compare)
    return field(default=default, metadata=facts, compare=compare)


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
