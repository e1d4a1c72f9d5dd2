"""`params`: typed values that the writer, an overlay or `-p` sets, read as `$(params.name)`."""

from __future__ import annotations

from typing import Literal

from ..expression.tree import Value
from ..frozen import dataclass
from ..readers import ListOf, OneOf, Text, key
from .literal import LiteralReader


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of the spec itself; not to be confused with one of the search space."""

    type: Literal["int", "float", "string", "bool", "duration", "size"] = key(
        OneOf(("int", "float", "string", "bool", "duration", "size")), "What it takes."
    )
    default: Value | None = key(LiteralReader(), "Its value where nobody sets it.", None)
    minimum: Value | None = key(LiteralReader(), "The least it may be.", None)
    maximum: Value | None = key(LiteralReader(), "The most it may be.", None)
    choices: tuple[Value, ...] = key(ListOf(LiteralReader()), "What it may be.", ())
    doc: str = key(Text(), "What it is for.", "")
