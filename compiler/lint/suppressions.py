"""Comments that take findings back, each with a reason.

    width: int 8...9000   # ofc: ignore[OFC903] because every width is as likely

    # ofc: ignore[OFC903, OFC917] because ...      alone on a line: for the next line with a value
    # ofc: ignore-file[OFC911] because ...         anywhere: for the whole file

An error refuses the spec and cannot be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Source, Span
from omniforce.spec.yaml.comments import Comment, comments

from ..diagnostics.report import Suppressed

MARK = "ofc:"

_MARK = re.compile(r"#+\s*ofc:\s*(?P<rest>.*)")
_FORM = re.compile(r"(?P<word>ignore|ignore-file)\s*\[(?P<codes>[^\]]*)\]\s*(?P<reason>.*)")
_LEAD = re.compile(r"^(because\b|since\b|:|--?|,)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One such comment.

    Attributes:
        line: the line that it speaks of; None for all of its file.
        codes: what it takes back, each with its place in the comment.
        reason: without the word `because`; empty where there is none.
        comment: the place of all of it.
        removal: what to cut so that nothing of it is left, not even an empty line.
    """

    line: int | None
    codes: tuple[tuple[str, Span], ...]
    reason: str
    comment: Span
    removal: Span


@dataclass(frozen=True, slots=True)
class Suppressions:
    """All comments to ofc, and those that say nothing that it understands."""

    good: tuple[Suppression, ...]
    bad: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """What is left of the findings, what comments took back, and which codes of which did so."""

    kept: tuple[Diagnostic, ...]
    suppressed: tuple[Suppressed, ...]
    used: frozenset[tuple[Span, str]] = frozenset()


def read_suppressions(sources: Iterable[Source]) -> Suppressions:
    """The comments to ofc, in the order of the files."""
    good: list[Suppression] = []
    bad: list[Comment] = []
    for source in sources:
        for comment, found in _read(source):
            if found is None:
                bad.append(comment)
            else:
                good.append(found)
    return Suppressions(tuple(good), tuple(bad))


def apply(found: Iterable[Diagnostic], read: Suppressions) -> Applied:
    """The findings without those that a comment takes back. Errors stay in any case."""
    places = _by_place(read)
    kept: list[Diagnostic] = []
    taken: list[Suppressed] = []
    used: set[tuple[Span, str]] = set()
    for diagnostic in found:
        span = diagnostic.span
        by: list[Suppression] = []
        if span is not None and not diagnostic.is_error:
            lines = (span.line, None)
            by = [s for n in lines for s in places.get((span.file, n, diagnostic.code), ())]
        if by:
            taken.append(Suppressed(diagnostic, by[0].reason))
            used |= {(s.comment, diagnostic.code) for s in by}
        else:
            kept.append(diagnostic)
    return Applied(tuple(kept), tuple(taken), frozenset(used))


def _by_place(
    read: Suppressions,
) -> Mapping[tuple[str, int | None, str], Sequence[Suppression]]:
    places: dict[tuple[str, int | None, str], list[Suppression]] = {}
    for each in read.good:
        for code, _ in each.codes:
            places.setdefault((each.comment.file, each.line, code), []).append(each)
    return places


def _read(source: Source) -> Iterator[tuple[Comment, Suppression | None]]:
    """The comments that begin with `# ofc:`, with what they say; None where that is nothing."""
    if MARK not in source.text:
        return
    lines = source.text.split("\n")
    for comment in comments(source):
        found = _MARK.fullmatch(comment.text)
        if found is not None:
            yield comment, _suppression(comment, found["rest"], found.start("rest"), lines)


def _suppression(
    comment: Comment, rest: str, start: int, lines: Sequence[str]
) -> Suppression | None:
    found = _FORM.fullmatch(rest)
    if found is None:
        return None
    begin = start + found.start("codes")
    codes = tuple(
        (each[0].upper(), comment.span.inside(begin + each.start(), begin + each.end()))
        for each in re.finditer(r"[^\s,]+", found["codes"])
    )
    if not codes:
        return None
    reason = _LEAD.sub("", found["reason"].strip()).strip()
    return Suppression(
        None if found["word"] == "ignore-file" else _subject(comment, lines),
        codes,
        reason if any(c.isalnum() for c in reason) else "",
        comment.span,
        _removal(comment, lines),
    )


def _subject(comment: Comment, lines: Sequence[str]) -> int:
    """The line that a comment speaks of: its own, or the next one with a value."""
    own = comment.span.line
    if not comment.alone:
        return own
    below = range(own, len(lines))
    texts = ((number + 1, lines[number].strip()) for number in below)
    return next((n for n, text in texts if text and not text.startswith("#")), own)


def _removal(comment: Comment, lines: Sequence[str]) -> Span:
    span = comment.span
    if comment.alone:
        return Span(span.file, span.line, 1, span.line + 1, 1)
    before = lines[span.line - 1][: span.column - 1].rstrip()
    return Span(span.file, span.line, len(before) + 1, span.end_line, span.end_column)
