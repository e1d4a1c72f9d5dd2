"""Reading typed values out of a YAML tree, every error collected with its place.

A block of the language is a frozen dataclass whose fields say how they are read:

    @dataclass(frozen=True, slots=True)
    class Split:
        train: float = key(number(minimum=0), doc="...", default=0.6)

`block(Split)` then reads a mapping, and `schema()` of the same reader is its JSON Schema. This
is written here, and not with pydantic, because building pydantic's models alone takes two thirds
of the time that `ofc check` may take (benchmarks/README.md), and its errors know no file.
"""

from .blocks import Block, ListOf, MapOf, OneKeyOf, read_keys
from .keys import KeyOf, camel, key, keys_of
from .reading import INVALID, Invalid, Reader, Reading, Schema
from .scalars import Bool, Number, OneOf, Text
from .words import called, describe, nearest, or_list

__all__ = [
    "INVALID",
    "Block",
    "Bool",
    "Invalid",
    "KeyOf",
    "ListOf",
    "MapOf",
    "Number",
    "OneKeyOf",
    "OneOf",
    "Reader",
    "Reading",
    "Schema",
    "Text",
    "called",
    "camel",
    "describe",
    "key",
    "keys_of",
    "nearest",
    "or_list",
    "read_keys",
]
