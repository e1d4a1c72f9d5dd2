"""Gathers what is wrong with a YAML text, by offsets into it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NoReturn

from ..diagnostic import Diagnostic, Edit
from ..fix import NO_FIX, Fix
from ..source import Source, Span

LINES: Final = 100_000
"""Lines that a document may have."""
FINDINGS: Final = 100
"""Findings after which reading ends; a file with more is no spec."""


class Stop(Exception):  # noqa: N818 - ends the reading; what was found says why
    """Nothing more can be read."""


class YamlFindings:
    """What was found so far, and where the lines of the text begin."""

    def __init__(self, source: Source) -> None:
        self.found: list[Diagnostic] = []
        self._name = source.name
        self._text = source.text
        self._lines = [0]
        at = source.text.find("\n")
        while at >= 0 and len(self._lines) <= LINES:
            self._lines.append(at + 1)
            at = source.text.find("\n", at + 1)

    def check_lines(self) -> None:
        """Stops the reading of a file with too many lines."""
        if len(self._lines) > LINES:
            self.too_large(f"{LINES:,} lines", self._lines[-1], "one line too many")

    def place(self, start: int, end: int) -> Span:
        """The span from one offset to another."""
        lines = self._lines
        first = bisect_right(lines, start)
        column = start - lines[first - 1] + 1
        if first == len(lines) or end < lines[first]:
            return Span(self._name, first, column, first, end - lines[first - 1] + 1)
        last = bisect_right(lines, end)
        return Span(self._name, first, column, last, end - lines[last - 1] + 1)

    def line_with(self, word: str) -> Span:
        """The place of a word that is in the text, and of the rest of its line."""
        at = self._text.find(word)
        end = self._text.find("\n", at)
        return self.place(at, len(self._text) if end < 0 else end)

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        label: str,
        help_: str,
        fix: Fix = NO_FIX,
    ) -> None:
        """Adds an error."""
        self.add(
            Diagnostic(
                code,
                message,
                span,
                label,
                help_,
                edits=fix.edits,
                applicable=fix.applicable,
            )
        )

    def add(self, finding: Diagnostic) -> None:
        """Adds a finding; stops where there are too many."""
        self.found.append(finding)
        if len(self.found) >= FINDINGS:
            raise Stop

    def too_large(self, most: str, at: int, label: str) -> NoReturn:
        """Stops the reading of a file that has more than `most`."""
        help_ = "keep data out of the spec: `data.source` names where it is"
        self.stop("OFC003", f"a spec may have {most}, this one has more", at, at, label, help_)

    def stop(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        label: str,
        help_: str,
        edits: Iterable[tuple[int, int, str]] = (),
    ) -> NoReturn:
        """Adds an error behind which nothing can be read; `edits` are in offsets, too."""
        fix = Fix(tuple(Edit(self.place(first, last), text) for first, last, text in edits))
        self.report(code, message, self.place(start, end), label, help_, fix)
        raise Stop
