"""A block as its single values, each by the path that the file has for it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from omniforce.spec.as_written import as_written
from omniforce.spec.expression.print import number_to_text, value_to_text
from omniforce.spec.expression.tree import Value
from omniforce.spec.readers import Block

Leaves = Mapping[str, str]
"""Text by dotted path."""


def leaves(path: str, block: object | None) -> Leaves:
    """All values of a block of the language, with its defaults; of None there are none."""
    if block is None:
        return {}
    return dict(_flat(path, as_written(Block(type(block)), block)))


def leaf(path: str, value: object | None) -> Leaves:
    """One value; of None there is none."""
    return {} if value is None else {path: text_of(value)}


def text_of(value: object) -> str:
    """A value on one line, as a spec would have it."""
    match value:
        case bool() | str():
            return value_to_text(value) if isinstance(value, bool) else value
        case int() | float():
            return number_to_text(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def set_of(values: tuple[Value, ...]) -> str:
    """`{a, b}`."""
    return f"{{{', '.join(map(value_to_text, values))}}}"


def _flat(path: str, plain: object) -> list[tuple[str, str]]:
    match plain:
        case dict():
            return [pair for key, each in plain.items() for pair in _flat(f"{path}.{key}", each)]
        case list() if any(isinstance(each, dict) for each in plain):
            return [pair for i, each in enumerate(plain) for pair in _flat(f"{path}.{i}", each)]
        case list():
            return [(path, f"[{', '.join(map(text_of, plain))}]")] if plain else []
        case None:
            return []
        case _:
            return [(path, text_of(plain))]
