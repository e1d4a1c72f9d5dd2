"""Writes a tree as block YAML that versions 1.1 and 1.2 read the same, and always the same bytes.

kubectl reads YAML 1.1, other tools 1.2; what one of them would not take for a string is quoted.
Rather than list what is dangerous (`on`, `1.10`, `0755`, `1e3`, `1:30`, `<<`), a string stays
plain only where it begins with a letter or a slash and is no word of either version, or is a
quantity.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

_WORDS: Final = frozenset(
    ("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity")
)
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_UNITS: Final = frozenset(("m", "s", "Ki", "Mi", "Gi", "Ti"))
_STARTS: Final = frozenset(f"{_LETTERS}/_")
_PLAIN: Final = _STARTS | frozenset("0123456789-.:=@+%$* ")
_LONGEST_KEY: Final = 1000  # readers give up on a longer one that has no question mark
_MAPPING: Final = (dict, Mapping)  # the class itself first: asking an abstract one takes longer
_SEQUENCE: Final = (list, Sequence)
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def write(tree: Mapping[str, object]) -> str:
    """One document, with a line break at its end.

    Raises:
        TypeError: a value that YAML has no word for.
    """
    lines: list[str] = []
    _mapping(tree, "", lines)
    return "\n".join(lines) + "\n"


def _mapping(tree: Mapping[str, object], indent: str, lines: list[str]) -> None:
    if not tree:
        lines.append(f"{indent}{{}}")
    for key, value in tree.items():
        word = scalar(key)
        if len(word) > _LONGEST_KEY:
            lines.append(f"{indent}? {word}")
            word = ""
        _under(f"{indent}{word}:", value, indent, lines)


def _under(head: str, value: object, indent: str, lines: list[str]) -> None:
    """A value behind its key. A list stands at the key's own depth, as kubectl writes it."""
    if isinstance(value, str):  # most are, and this is asked in no time
        if not _is_block(value):
            lines.append(f"{head} {_string(value)}")
            return
        lines.append(f"{head} |" if value.endswith("\n") else f"{head} |-")
        lines += [f"{indent}  {line}" for line in value.removesuffix("\n").split("\n")]
    elif isinstance(value, _MAPPING) and value:
        lines.append(head)
        _mapping(value, indent + "  ", lines)
    elif _is_list(value) and value:
        lines.append(head)
        _items(value, indent, lines)
    else:
        lines.append(f"{head} {_empty_or_scalar(value)}")


def _items(values: object, indent: str, lines: list[str]) -> None:
    if not isinstance(values, Sequence):
        raise TypeError(f"{values!r} is no list")
    for value in values:
        place = len(lines)
        if isinstance(value, _MAPPING) and value:
            _mapping(value, indent + "  ", lines)
        elif _is_list(value) and value:
            _items(value, indent + "  ", lines)
        else:
            lines.append(f"{indent}- {_empty_or_scalar(value)}")
            continue
        # the first line of what is inside stands behind the dash
        lines[place] = f"{indent}- {lines[place][len(indent) + 2 :]}"


def _is_list(value: object) -> bool:
    return isinstance(value, _SEQUENCE) and not isinstance(value, str | bytes)


def _is_block(text: str) -> bool:
    """Whether several lines can stand as they are, each of them printable and not indented."""
    body = text.removesuffix("\n")
    return (
        "\n" in text
        and not body.endswith("\n")
        and body[:1] not in ("", " ", "\n")
        and all(
            line.isascii() and line.isprintable() and line == line.rstrip()
            for line in body.split("\n")
        )
    )


def _empty_or_scalar(value: object) -> str:
    if isinstance(value, _MAPPING):
        return "{}"
    return "[]" if _is_list(value) else scalar(value)


def scalar(value: object) -> str:
    """One value on one line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(value)
        case str():
            return _string(value)
        case _:
            raise TypeError(f"YAML has no word for {value!r}")


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else (".inf" if value > 0 else "-.inf")
    text = repr(value)
    # YAML 1.1 takes `1e-05` for a string: its floats have a point
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


@lru_cache(maxsize=4096)
def _string(text: str) -> str:
    if _is_plain(text):
        return text
    if text.isascii() and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escape, text)) + '"'


def _is_plain(text: str) -> bool:
    if text[:1].isdigit():
        # `500m` and `2Gi`, which no version takes for a number
        number = text.rstrip(_LETTERS)
        return number.isascii() and number.isdigit() and text[len(number) :] in _UNITS
    return (
        text != ""
        and text[0] in _STARTS
        and set(text) <= _PLAIN
        and text.lower() not in _WORDS
        and ": " not in text
        and text[-1] not in ": "
    )


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isascii() and character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
