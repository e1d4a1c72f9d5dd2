"""Keeps what looks like a secret out of everything that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from omniforce.spec.diagnostic import Diagnostic, Related
from omniforce.spec.source import Source, Span

from .secrets import Secret, secrets

STARS = "***"

EVERYWHERE = 50
"""Secrets that are looked for in every text; as many again in texts about their own line."""

Place = tuple[str, int]


class Redaction:
    """The secrets of some files, and everything without them."""

    def __init__(self, found: Iterable[Secret]) -> None:
        self._by_place: dict[Place, list[Secret]] = {}
        for secret in found:
            self._by_place.setdefault((secret.span.file, secret.span.line), []).append(secret)
        texts = dict.fromkeys(s.text for each in self._by_place.values() for s in each)
        # The longest first: a shorter one may be a part of it.
        self._texts = sorted(list(texts)[:EVERYWHERE], key=len, reverse=True)

    def source(self, source: Source) -> Source:
        """The file with stars for its secrets; every other letter keeps its place."""
        here = {line: s for (file, line), s in self._by_place.items() if file == source.name}
        if not here:
            return source
        lines = source.text.split("\n")
        for number, found in here.items():
            text = lines[number - 1]
            pieces: list[str] = []
            at = 0
            for secret in found:  # in their order, and none over another
                start, end = secret.span.column - 1, secret.span.end_column - 1
                pieces += [text[at:start], "*" * (end - start)]
                at = end
            lines[number - 1] = "".join([*pieces, text[at:]])
        return Source(source.name, "\n".join(lines))

    def diagnostic(self, diagnostic: Diagnostic) -> Diagnostic:
        """The finding with stars for the secrets that its texts repeat."""
        if not self._by_place:
            return diagnostic
        near = self._near([diagnostic.span, *(r.span for r in diagnostic.related)])

        def hide(text: str) -> str:
            return _hidden(text, near)

        told = any(text in edit.text for edit in diagnostic.edits for text in near)
        return replace(
            diagnostic,
            message=hide(diagnostic.message),
            label=hide(diagnostic.label),
            help=hide(diagnostic.help),
            related=tuple(Related(r.span, hide(r.label)) for r in diagnostic.related),
            edits=() if told else diagnostic.edits,
        )

    def text(self, text: str, *spans: Span | None) -> str:
        """A text about some places, with stars for secrets."""
        return _hidden(text, self._near(spans))

    def _near(self, spans: Iterable[Span | None]) -> list[str]:
        places = {(s.file, s.line) for s in spans if s is not None}
        own = [s.text for p in places for s in islice(self._by_place.get(p, ()), EVERYWHERE)]
        return sorted(own, key=len, reverse=True) + self._texts


def _hidden(text: str, found: Sequence[str]) -> str:
    for secret in found:
        text = text.replace(secret, STARS)
    return text


def without_secrets(
    found: Iterable[Diagnostic], sources: Mapping[str, Source]
) -> tuple[tuple[Diagnostic, ...], dict[str, Source]]:
    """Findings and files as they may be shown; of the files only the lines that will be."""
    every = tuple(found)
    lines: dict[str, set[int]] = {}
    for diagnostic in every:
        for span in (diagnostic.span, *(r.span for r in diagnostic.related)):
            if span is not None and span.file in sources:
                lines.setdefault(span.file, set()).add(span.line)
    redaction = Redaction(s for file, n in lines.items() for s in secrets(sources[file], n))
    shown = {name: redaction.source(source) for name, source in sources.items()}
    return tuple(map(redaction.diagnostic, every)), shown


def text_without_secrets(text: str, sources: Iterable[Source]) -> str:
    """A text that was made of some files, with stars for what looks like a secret in either."""
    of_files = Redaction(secret for source in sources for secret in secrets(source))
    made = Source("", of_files.text(text))
    return Redaction(secrets(made)).source(made).text
