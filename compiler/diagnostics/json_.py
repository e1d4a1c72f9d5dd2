"""Diagnostics as JSON-able values, for editors and CI."""

from __future__ import annotations

from collections.abc import Iterable

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.source import Span

from .codes import docs_url

FORMAT_VERSION = "1.0"
"""Of every document that `-o json` writes: the minor part grows with new keys."""


def plain_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """One object for each; lines and columns count from 1, ends are exclusive."""
    return [_plain(d) for d in diagnostics]


def _plain(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "span": plain_span(diagnostic.span),
        "label": diagnostic.label,
        "help": diagnostic.help,
        "docs": docs_url(diagnostic.code),
        "related": [{"span": plain_span(r.span), "label": r.label} for r in diagnostic.related],
        "edits": [{"span": plain_span(e.span), "text": e.text} for e in diagnostic.edits],
        "applicable": diagnostic.applicable,
    }


def plain_span(span: Span | None) -> dict[str, object] | None:
    """A place; None where there is none."""
    if span is None:
        return None
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
