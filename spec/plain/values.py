"""Our frozen values as what JSON can hold, and back: the study of a run, the IR's text, `-o json`.

A dataclass becomes an object with its fields in camel case, a tuple a list, an expression its text,
a span `file:line:column-line:column`. Where a field may be one of several classes, the object says
under `kind` which it is. `from_plain(type(x), to_plain(x)) == x`.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from ..readers import camel
from ..source import Span
from .malformed import MalformedPlain as MalformedPlain
from .malformed import shown
from .texts import Kind, decode_span, decode_text, encode_span, encode_text, text_kind

T = TypeVar("T")

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]


def to_plain(value: object, type_: object = None) -> Plain:
    """`value` as dictionaries, lists and scalars; keys in the order of the class.

    Args:
        value: of our frozen dataclasses, tuples and scalars.
        type_: what it is declared as, where that is more than its class (a union, a tuple).
    """
    return _codec(type(value) if type_ is None else type_).encode(value)


def from_plain(type_: type[T], plain: object) -> T:
    """The value of type `type_` that `plain` was made of.

    Raises:
        MalformedPlain: it is none.
    """
    return cast("T", _codec(cast("Any", type_)).decode(plain, ""))


@dataclass(frozen=True, slots=True)
class _Codec:
    encode: Callable[[Any], Plain]
    decode: Callable[[Any, str], object]


@cache
def _codec(hint: Any) -> _Codec:
    """How values declared as `hint` are written and read."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union(get_args(hint))
    if origin is Literal:
        return _literal(get_args(hint))
    if origin is tuple:
        return _tuple(get_args(hint))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(get_args(hint)[1])
    if hint in (bool, int, float, str, type(None)):
        return _scalar((hint,))
    if hint is Span:
        return _Codec(encode_span, decode_span)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum(hint)
    kind = text_kind(frozenset({hint}))
    if kind is not None:
        return _text_codec(kind, frozenset({hint}))
    if dataclasses.is_dataclass(hint):
        return _object(cast("type", hint))
    raise TypeError(f"`{hint}` has no plain form")


def _scalar(classes: tuple[type, ...]) -> _Codec:
    names = " or ".join(c.__name__ for c in classes)

    def decode(plain: Any, where: str) -> object:
        if type(plain) in classes:
            return plain
        if float in classes and type(plain) is int and abs(plain) <= 2**1000:
            return float(plain)
        raise MalformedPlain(where, f"expected {names}, found {shown(plain)}")

    return _Codec(lambda value: cast("Plain", value), decode)


def _literal(words: tuple[object, ...]) -> _Codec:
    def decode(plain: Any, where: str) -> object:
        if any(type(plain) is type(w) and plain == w for w in words):
            return plain
        raise MalformedPlain(where, f"expected one of {words}, found {shown(plain)}")

    return _Codec(lambda value: cast("Plain", value), decode)


def _enum(class_: type[Enum]) -> _Codec:
    def decode(plain: Any, where: str) -> object:
        try:
            return class_(plain)
        except ValueError:
            words = [member.value for member in class_]
            raise MalformedPlain(where, f"expected one of {words}") from None

    return _Codec(lambda value: cast("Plain", value.value), decode)


def _tuple(items: tuple[Any, ...]) -> _Codec:
    if len(items) == 2 and items[1] is Ellipsis:
        item = _codec(items[0])
        return _Codec(
            lambda value: [item.encode(v) for v in value],
            lambda plain, where: tuple(
                item.decode(p, f"{where}[{i}]") for i, p in enumerate(_list(plain, where))
            ),
        )
    codecs = tuple(map(_codec, items))

    def decode(plain: Any, where: str) -> object:
        if len(_list(plain, where)) != len(codecs):
            raise MalformedPlain(where, f"expected {len(codecs)} items, found {len(plain)}")
        pairs = zip(codecs, plain, strict=True)
        return tuple(c.decode(p, f"{where}[{i}]") for i, (c, p) in enumerate(pairs))

    return _Codec(lambda value: [c.encode(v) for c, v in zip(codecs, value, strict=True)], decode)


def _list(plain: object, where: str) -> list[Any]:
    if not isinstance(plain, list):
        raise MalformedPlain(where, f"expected a list, found {shown(plain)}")
    items: list[Any] = plain
    return items


def _mapping(item: Any) -> _Codec:
    codec = _codec(item)
    return _Codec(
        lambda value: {str(k): codec.encode(v) for k, v in value.items()},
        lambda plain, where: {
            k: codec.decode(p, f"{where}.{k}") for k, p in _dict(plain, where).items()
        },
    )


def _dict(plain: object, where: str) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise MalformedPlain(where, f"expected an object, found {shown(plain)}")
    return cast("dict[str, Any]", plain)


def _text_codec(kind: Kind, classes: frozenset[Any]) -> _Codec:
    return _Codec(
        lambda value: encode_text(kind, value),
        lambda plain, where: decode_text(kind, classes, plain, where),
    )


def _union(hints: tuple[Any, ...]) -> _Codec:
    """One of several; scalars are told by their type, objects by their `kind`."""
    others = tuple(h for h in hints if h is not type(None))
    optional = len(others) < len(hints)
    kind = text_kind(frozenset(others)) if all(isinstance(h, type) for h in others) else None
    if kind is not None:
        inner = _text_codec(kind, frozenset(others))
    elif len(others) == 1:
        inner = _codec(others[0])
    elif all(h in (bool, int, float, str) for h in others):
        inner = _scalar(others)
    else:
        inner = _tagged(others)
    if not optional:
        return inner
    return _Codec(
        lambda value: None if value is None else inner.encode(value),
        lambda plain, where: None if plain is None else inner.decode(plain, where),
    )


def _tagged(classes: tuple[Any, ...]) -> _Codec:
    by_name = {c.__name__: c for c in classes}

    def encode(value: Any) -> Plain:
        name = type(value).__name__
        return {"kind": name} | cast("dict[str, Plain]", _codec(by_name[name]).encode(value))

    def decode(plain: Any, where: str) -> object:
        found = dict(_dict(plain, where))
        kind = found.pop("kind", None)
        if not isinstance(kind, str) or kind not in by_name:
            raise MalformedPlain(
                f"{where}.kind", f"expected one of {sorted(by_name)}, found {shown(kind)}"
            )
        return _codec(by_name[kind]).decode(found, where)

    return _Codec(encode, decode)


def _object(class_: type) -> _Codec:
    hints = get_type_hints(class_)
    fields = tuple(f for f in dataclasses.fields(class_) if f.init)
    names = {f.name: camel(f.name) for f in fields}
    codecs = {f.name: _codec(hints[f.name]) for f in fields}
    required = {
        names[f.name] for f in fields if f.default is MISSING and f.default_factory is MISSING
    }
    by_key = {key: name for name, key in names.items()}

    # Fields of later releases are left out where they say nothing, so that old files do not change.
    quiet = {f.name: f.default for f in fields if f.metadata.get("quiet")}

    def encode(value: Any) -> Plain:
        given = {f: getattr(value, f) for f in codecs}
        return {
            names[f]: codecs[f].encode(v)
            for f, v in given.items()
            if f not in quiet or v != quiet[f]
        }

    def decode(plain: Any, where: str) -> object:
        given = _dict(plain, where)
        for key in given:
            if key not in by_key:
                raise MalformedPlain(where, f"`{shown(key)}` is no field of {class_.__name__}")
        for key in required:
            if key not in given:
                raise MalformedPlain(where, f"`{key}` of {class_.__name__} is missing")
        return class_(
            **{
                by_key[key]: codecs[by_key[key]].decode(p, f"{where}.{key}".lstrip("."))
                for key, p in given.items()
            }
        )

    return _Codec(encode, decode)
