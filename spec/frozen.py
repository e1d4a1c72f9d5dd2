"""Frozen, slotted dataclasses that are made in a quarter of the time.

The standard library compiles six functions for each class, which for all values of the language
takes half of the time that `ofc check` may take (benchmarks/README.md). Here only `__init__` is
compiled; the rest is shared. Type checkers see `dataclasses.dataclass`, and `fields`, `replace`
and `is_dataclass` of the standard library take these classes for what they are.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, slots=False, kw_only=False):
        """`dataclasses.dataclass`; a faster one where both `frozen` and `slots` are wished for."""

        def make(of):
            if not (frozen and slots):
                return dataclasses.dataclass(frozen=frozen, slots=slots, kw_only=kw_only)(of)
            # The standard one finds the fields, their order and `__match_args__`.
            return _made(
                dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(of)
            )

        return make if cls is None else make(cls)


T = TypeVar("T")


def _made(cls: type[T]) -> type[T]:
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    names = [f.name for f in fields]
    inherited = {slot for base in cls.__mro__[1:] for slot in getattr(base, "__slots__", ())}
    body = {k: v for k, v in vars(cls).items() if k not in (*names, "__dict__", "__weakref__")}
    body |= {
        "__slots__": tuple(n for n in names if n not in inherited),
        "__eq__": _equal,
        "__hash__": _hash,
        "__repr__": _repr,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__getstate__": _state,
        "__setstate__": _restore,
        # What equality and the hash look at; a tuple also where there is only one.
        "__values__": attrgetter("__class__", *(f.name for f in fields if f.compare)),
    }
    metaclass = cast("Any", type(cls))
    made: Any = metaclass(cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    made.__init__ = _init(made, fields)
    return cast("type[T]", made)


def _init(cls: type[Any], fields: tuple[Field[Any], ...]) -> Any:
    """The `__init__` of a class: each slot is set by its own descriptor."""
    known: dict[str, object] = {"MISSING": MISSING}
    places: list[str] = []
    words: list[str] = []
    lines: list[str] = []
    for field in fields:
        name = field.name
        known[f"set_{name}"] = getattr(cls, name).__set__
        value = name
        if field.default_factory is not MISSING:
            known[f"default_{name}"] = field.default_factory
            value = f"default_{name}() if {name} is MISSING else {name}"
            written = f"{name}=MISSING"
        elif field.default is not MISSING:
            known[f"default_{name}"] = field.default
            written = f"{name}=default_{name}"
        else:
            written = name
        (words if field.kw_only else places).append(written)
        lines.append(f" set_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    arguments = ", ".join(["self", *places, *(["*", *words] if words else [])])
    source = "\n".join([f"def __init__({arguments}):", *(lines or [" pass"])])
    exec(source, known)  # noqa: S102 - as the standard library does
    return known["__init__"]


def _equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self.__values__(self) == self.__values__(other)


def _hash(self: Any) -> int:
    values: Any = self.__values__(self)
    # Of a class without fields it is the class itself, whose hash differs from run to run.
    return 0 if values is self.__class__ else hash(values[1:])


def _repr(self: Any) -> str:
    shown = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _refuse(self: Any, name: str, *value: object) -> None:
    raise FrozenInstanceError(f"`{name}` of a {self.__class__.__name__} cannot be changed")


def _state(self: Any) -> list[object]:
    return [getattr(self, f.name) for f in dataclasses.fields(self)]


def _restore(self: Any, state: list[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
