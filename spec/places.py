"""Stretches of files, and whether something stands in one of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from .source import Span

Point = tuple[int, int]


class Places:
    """Many spans, asked in the time that their number's logarithm takes."""

    def __init__(self, spans: Iterable[Span]) -> None:
        by_file: dict[str, list[tuple[Point, Point]]] = {}
        for span in spans:
            start, end = (span.line, span.column), (span.end_line, span.end_column)
            by_file.setdefault(span.file, []).append((start, end))
        # Of those that begin at or before a point, the one that reaches furthest decides.
        self._files = {
            file: ([s for s, _ in pairs], list(accumulate((e for _, e in pairs), max)))
            for file, pairs in ((f, sorted(found)) for f, found in by_file.items())
        }

    def around(self, span: Span) -> bool:
        """Whether one of them holds all of `span`."""
        starts, ends = self._files.get(span.file, ([], []))
        at = bisect_right(starts, (span.line, span.column))
        return at > 0 and ends[at - 1] >= (span.end_line, span.end_column)
