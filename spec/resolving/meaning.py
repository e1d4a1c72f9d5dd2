"""What the name of a parameter stands for in an expression: values, a list, or what is computed."""

from __future__ import annotations

from typing import Literal

from ..expression.bounds import Bounds
from ..expression.tree import Value
from ..frozen import dataclass
from ..space import Choice, DerivedType, Domain, FloatRange, IntRange

Kind = Literal["number", "truth", "word", "any"]

NOUNS: dict[Kind, str] = {
    "number": "a number",
    "truth": "true or false",
    "word": "a word",
    "any": "a value",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """A permutation or a subset of `values`: no single value, and so only asked about."""

    kind: Literal["permutation", "subset"]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Computed:
    """A derived value, or a constant."""

    type: DerivedType


Meaning = Domain | Listing | Computed

_COMPUTED: dict[DerivedType, Kind] = {
    "int": "number",
    "float": "number",
    "bool": "truth",
    "word": "word",
    "any": "any",
}


def kind_of(meaning: Meaning) -> Kind:
    """What an expression can do with its values."""
    match meaning:
        case Choice(values=values):
            return kind_of_values(values)
        case Computed(type=type_):
            return _COMPUTED[type_]
        case Listing():
            return "any"
        case _:
            return "number"


def kind_of_values(values: tuple[Value, ...]) -> Kind:
    """The kind that all of them are of."""
    if all(isinstance(v, bool) for v in values):
        return "truth"
    if all(isinstance(v, str) for v in values):
        return "word"
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return "number"
    return "any"


def bounds_of(meaning: Meaning | None, *, certain: bool = True) -> Bounds:
    """Where a parameter lies."""
    match meaning:
        case IntRange(low=low, high=high) | FloatRange(low=low, high=high):
            return Bounds(low, high, certain=certain)
        case Choice(values=values):
            numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
            if len(numbers) == len(values):
                return Bounds(min(numbers), max(numbers), certain=certain)
            # Of words and numbers together, some cannot be calculated with.
            return Bounds(sure=not numbers, certain=certain)
        case _:
            return Bounds(certain=certain)
