"""Applies edits to a text: from the end to the beginning, so that no place moves under another."""

from __future__ import annotations

from collections.abc import Iterable

from .diagnostic import Edit


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with every edit done; of two that touch the same characters, the first one only.

    Args:
        text: as it was read, line breaks and all.
        edits: places in this text, 1-based, in any order.
    """
    starts = _line_starts(text)
    placed = [
        (
            _offset(starts, e.span.line, e.span.column),
            _offset(starts, e.span.end_line, e.span.end_column),
            e,
        )
        for e in dict.fromkeys(edits)
    ]
    kept: list[tuple[int, int, Edit]] = []
    for start, end, edit in sorted(placed, key=lambda p: p[:2]):
        if not kept or (start >= kept[-1][1] and (start, end) != kept[-1][:2]):
            kept.append((start, end, edit))
    for start, end, edit in reversed(kept):
        text = text[:start] + edit.text + text[end:]
    return text


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for at, character in enumerate(text):
        if character == "\n":
            starts.append(at + 1)
    return [*starts, len(text)]


def _offset(starts: list[int], line: int, column: int) -> int:
    return min(starts[min(line - 1, len(starts) - 1)] + column - 1, starts[-1])
