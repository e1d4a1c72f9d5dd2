"""A report with one finding of each kind, to be written in every format."""

from __future__ import annotations

from dataclasses import replace

from omniforce.compiler.diagnostics.report import Report, Suppressed
from omniforce.spec.diagnostic import Diagnostic, Edit, Related, Severity
from omniforce.spec.source import Source, Span

FILE = "specs/a b.yaml"
SOURCE = Source(FILE, "one: 1\ntwo: [2, 3]\n  three: 3 # ofc: ignore[OFC903] because it is 100%\n")
CLEAN = Source("clean.yaml", "one: 1\n")


def span(line: int, column: int, end_column: int, end_line: int = 0) -> Span:
    return Span(FILE, line, column, end_line or line, end_column)


ERROR = Diagnostic(
    "OFC101",
    "`two` is 100% unknown: [a](b), c",
    span(2, 1, 4),
    "unknown",
    "write `one`\nor nothing",
    related=(Related(span(1, 1, 4), "the other"),),
    edits=(Edit(span(2, 1, 4), "one"), Edit(span(3, 1, 1), "")),
)
WARNING = Diagnostic("OFC910", "an image", span(2, 6, 2, 3), severity=Severity.WARNING)
NOTE = Diagnostic("OFC901", "a seed", None, help="write it", severity=Severity.NOTE)
UNPLACED = Diagnostic("OFC001", "it cannot be read", None)
TAKEN = Suppressed(
    Diagnostic("OFC903", "a scale", span(3, 3, 8), severity=Severity.NOTE), "it is 100%"
)

REPORT = Report("lint", (ERROR, WARNING, NOTE), {s.name: s for s in (SOURCE, CLEAN)}, (TAKEN,))
NOTHING = Report("check", (), {CLEAN.name: CLEAN})


def moved(diagnostic: Diagnostic, lines: int) -> Diagnostic:
    """The same finding further down."""
    assert diagnostic.span is not None
    there = replace(
        diagnostic.span,
        line=diagnostic.span.line + lines,
        end_line=diagnostic.span.end_line + lines,
    )
    return replace(diagnostic, span=there)
