"""Keeps what looks like a secret out of everything that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from omniforce.spec.diagnostic import Diagnostic, Related
from omniforce.spec.source import Source

from .secrets import Secret, secrets

STARS = "***"


def redacted_source(source: Source, found: Iterable[Secret]) -> Source:
    """The file with stars in the place of its secrets; every other letter keeps its place."""
    lines = source.text.split("\n")
    touched = False
    for secret in found:
        if secret.span.file == source.name:
            touched = True
            at, start = secret.span.line - 1, secret.span.column - 1
            end = secret.span.end_column - 1
            lines[at] = lines[at][:start] + "*" * (end - start) + lines[at][end:]
    return Source(source.name, "\n".join(lines)) if touched else source


def redacted(diagnostic: Diagnostic, found: Sequence[Secret]) -> Diagnostic:
    """The finding with stars in the place of secrets that its texts repeat."""
    if not found:
        return diagnostic
    return replace(
        diagnostic,
        message=redacted_text(diagnostic.message, found),
        label=redacted_text(diagnostic.label, found),
        help=redacted_text(diagnostic.help, found),
        related=tuple(Related(r.span, redacted_text(r.label, found)) for r in diagnostic.related),
        edits=() if any(_tells(e.text, found) for e in diagnostic.edits) else diagnostic.edits,
    )


def redacted_text(text: str, found: Iterable[Secret]) -> str:
    """A text with stars in the place of secrets."""
    for secret in found:
        text = text.replace(secret.text, STARS)
    return text


def _tells(text: str, found: Iterable[Secret]) -> bool:
    return any(secret.text in text for secret in found)


def without_secrets(
    found: Iterable[Diagnostic], sources: Mapping[str, Source]
) -> tuple[tuple[Diagnostic, ...], dict[str, Source]]:
    """Findings and files as they may be shown; of the files only the lines that will be."""
    every = tuple(found)
    spans = [d.span for d in every] + [r.span for d in every for r in d.related]
    lines: dict[str, set[int]] = {}
    for span in spans:
        if span is not None and span.file in sources:
            lines.setdefault(span.file, set()).add(span.line)
    hidden = tuple(
        each for file, numbers in lines.items() for each in secrets(sources[file], numbers)
    )
    if not hidden:
        return every, dict(sources)
    return tuple(redacted(d, hidden) for d in every), {
        name: redacted_source(source, hidden) for name, source in sources.items()
    }
