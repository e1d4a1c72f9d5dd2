"""Where the tokens and nodes stand that a rule of the grammar has matched."""

from __future__ import annotations

from typing import Any

from .tree import Offsets

Children = list[Any]
"""What a rule has matched: tokens, and nodes that other rules have made."""


def offsets_of(token: Any) -> Offsets:
    """The place of one token."""
    return Offsets(token.start_pos, token.end_pos)


def between(first: Any, last: Any) -> Offsets:
    """From the start of one token or node to the end of another."""
    return Offsets(_start(first), _end(last))


def _start(item: Any) -> int:
    return int(item.start_pos if hasattr(item, "start_pos") else item.at.start)


def _end(item: Any) -> int:
    return int(item.end_pos if hasattr(item, "end_pos") else item.at.end)
