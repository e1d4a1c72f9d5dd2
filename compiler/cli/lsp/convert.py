"""Between our places, 1-based characters, and the protocol's, 0-based units of an encoding."""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from typing import Final

from lsprotocol import types as lsp
from pygls.uris import from_fs_path

from omniforce.spec.diagnostic import Diagnostic, Severity
from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Span

from ...diagnostics.codes import docs_url

SEVERITIES: Final = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.NOTE: lsp.DiagnosticSeverity.Hint,
}


@dataclass(frozen=True, slots=True)
class Units:
    """The lines of a text, and what the client counts in.

    Attributes:
        encoding: `utf-16` unless client and server agreed on another one.
    """

    lines: Sequence[str]
    encoding: str = "utf-16"

    def place(self, position: lsp.Position) -> tuple[int, int]:
        """Line and column; past the end of a line it is the end."""
        line = self._line(position.line)
        column = 0
        units = 0
        for character in line:
            if units >= position.character:
                break
            units += self._size(character)
            column += 1
        return position.line + 1, column + 1

    def position(self, line: int, column: int) -> lsp.Position:
        """The place in the client's units."""
        before = self._line(line - 1)[: column - 1]
        if before.isascii() or self.encoding == "utf-32":
            return lsp.Position(line - 1, len(before))
        return lsp.Position(line - 1, sum(map(self._size, before)))

    def range(self, span: Span) -> lsp.Range:
        """A span in the client's units."""
        return lsp.Range(
            self.position(span.line, span.column), self.position(span.end_line, span.end_column)
        )

    def _line(self, number: int) -> str:
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def _size(self, character: str) -> int:
        match self.encoding:
            case "utf-8":
                return len(character.encode("utf-8", "surrogatepass"))
            case "utf-32":
                return 1
            case _:
                return 2 if ord(character) > 0xFFFF else 1


def to_diagnostic(found: Diagnostic, units: Units, uri: str, file: str) -> lsp.Diagnostic:
    """A finding as an editor shows it.

    One of another file, such as a template, stands where this file names that one, and else at the
    beginning; the place itself is related to it.
    """
    span = found.span
    here = next((s for s in (span, *(r.span for r in found.related)) if _is_of(s, file)), None)
    message = f"{found.message}\n{found.label}" if found.label else found.message
    if found.help:
        message += f"\nhelp: {found.help}"
    related = [_related(r.span, r.label, units, uri, file) for r in found.related if r.span != here]
    if span is not None and span != here:
        message = f"{span}: {message}"
        related.insert(0, _related(span, found.label or found.message, units, uri, file))
    start = lsp.Position(0, 0)
    return lsp.Diagnostic(
        range=units.range(here) if here is not None else lsp.Range(start, start),
        message=message,
        severity=SEVERITIES[found.severity],
        code=found.code,
        code_description=lsp.CodeDescription(docs_url(found.code)),
        source="ofc",
        related_information=related or None,
    )


def _is_of(span: Span | None, file: str) -> bool:
    return span is not None and span.file == file


def _related(
    span: Span, label: str, units: Units, uri: str, file: str
) -> lsp.DiagnosticRelatedInformation:
    """A second place; in another file its columns are those of characters."""
    if span.file == file:
        return lsp.DiagnosticRelatedInformation(lsp.Location(uri, units.range(span)), label)
    there = lsp.Range(
        lsp.Position(span.line - 1, span.column - 1),
        lsp.Position(span.end_line - 1, span.end_column - 1),
    )
    other = from_fs_path(os.path.abspath(span.file)) or span.file
    return lsp.DiagnosticRelatedInformation(lsp.Location(other, there), label)
