"""Writes plain values as YAML that means the same by the rules of 1.1 and of 1.2."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeGuard

from ..frozen import dataclass
from ..source import Path
from .characters import FORMATS

Plain = Mapping[str, "Plain"] | Sequence["Plain"] | str | bool | int | float | None
"""What JSON can say."""

_TEXT: Final = re.compile(r"[A-Za-z$]([\w./()<>=*+@$% -]|:(?=[\w/]))*(?<! )", re.ASCII)
_AMOUNT: Final = re.compile(
    r"[0-9]+(\.[0-9]+)?(us|ms|s|m|h|d|B|[KMGT]i?B|%)|-?[0-9][0-9.e+-]*\.\.\.-?[0-9][0-9.e+-]*"
)
# Several lines of ASCII, the first not indented, none of them blank but for its spaces.
_BLOCK: Final = re.compile(r"[!-~][ -~]*(\n+ *[!-~][ -~]*)+\n?|[!-~][ -~]*\n")
_WORDS: Final = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
_WIDTH: Final = 88


def to_yaml(value: Plain) -> str:
    """A document in block style, keys in the order of the mapping."""
    return "".join(f"{line.text}\n" for line in lines(value))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document, and the value that it says.

    Attributes:
        path: to the value, as in `("spec", "data")`.
        opens: whether it only opens a block, whose values stand below.
    """

    text: str
    path: Path
    opens: bool = False


def lines(value: Plain) -> list[Line]:
    """The lines of `to_yaml`."""
    return _lines(value, "", ())


def _lines(value: Plain, indent: str, path: Path) -> list[Line]:
    if isinstance(value, Mapping) and value:
        return [line for key, item in value.items() for line in _entry(key, item, indent, path)]
    if _is_list(value) and value:
        return [line for i, item in enumerate(value) for line in _item(item, indent, (*path, i))]
    return [Line(indent + _flow(value), path)]


def _entry(key: str, value: Plain, indent: str, above: Path) -> list[Line]:
    path = (*above, key)
    head = f"{indent}{_scalar(key)}:"
    if isinstance(value, Mapping) and value:
        return [Line(head, path, True), *_lines(value, indent + "  ", path)]
    if isinstance(value, str) and _BLOCK.fullmatch(value):
        rows = value.removesuffix("\n").split("\n")
        sign = "|" if value.endswith("\n") else "|-"
        below = (Line(f"{indent}  {row}" if row else "", path, True) for row in rows)
        return [Line(f"{head} {sign}", path), *below]
    line = f"{head} {_flow(value)}"
    if _is_list(value) and not (len(line) <= _WIDTH and all(map(_is_word, value))):
        return [Line(head, path, True), *_lines(value, indent + "  ", path)]
    return [Line(line, path)]


def _item(value: Plain, indent: str, path: Path) -> list[Line]:
    first, *rest = _lines(value, indent + "  ", path)
    return [Line(f"{indent}- {first.text.lstrip(' ')}", first.path, first.opens), *rest]


def _is_list(value: Plain) -> TypeGuard[Sequence[Plain]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_word(value: Plain) -> bool:
    return not (isinstance(value, Mapping) or _is_list(value) or " " in str(value))


def _flow(value: Plain) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_scalar(k)}: {_flow(v)}' for k, v in value.items())}}}"
    if _is_list(value):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value)


def _scalar(value: Plain) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return _float(value)
        case str() if _AMOUNT.fullmatch(value):
            return value
        case str() if _TEXT.fullmatch(value) and value.lower() not in _WORDS:
            return value
        case _:
            return quoted(str(value))


def quoted(value: str) -> str:
    """A string in double quotes, on one line."""
    return _SPELT.sub(_escaped, json.dumps(value, ensure_ascii=False))


# JSON lets these stand; some a spec may not have, the others would not be seen.
_SPELT: Final = re.compile(f"[\x7f-\x9f{FORMATS}]")


def _escaped(found: re.Match[str]) -> str:
    number = ord(found.group())
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _float(value: float) -> str:
    text = repr(value)
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[text]
    mantissa, e, exponent = text.partition("e")
    # A number of YAML 1.1 has a point, and a sign before its exponent.
    sign = "+" if e and exponent[0] not in "+-" else ""
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}{e}{sign}{exponent}"
