"""Comments that take findings back, each with a reason.

    width: int 8...9000   # ofc: ignore[OFC903] because every width is as likely

    # ofc: ignore[OFC903, OFC917] because ...      alone on a line: for the next line with a value
    # ofc: ignore-file[OFC911] because ...         anywhere: for the whole file

An error refuses the spec and cannot be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from omniforce.spec.comments import Comment, comments
from omniforce.spec.diagnostic import Diagnostic, Edit, Severity
from omniforce.spec.frozen import dataclass
from omniforce.spec.readers import nearest
from omniforce.spec.source import Source, Span

from ..diagnostics.codes import CODES
from ..diagnostics.report import Suppressed

MARK = "ofc:"
EXAMPLE = "write `# ofc: ignore[OFC905] because ...`, or `ignore-file[...]` for the whole file"

_MARK = re.compile(r"#+\s*ofc:\s*(?P<rest>.*)")
_FORM = re.compile(r"(?P<word>ignore|ignore-file)\s*\[(?P<codes>[^\]]*)\]\s*(?P<reason>.*)")
_LEAD = re.compile(r"^(because\b|since\b|:|--?|,)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One such comment.

    Attributes:
        file: the name of its file.
        line: the line that it speaks of; None for all of the file.
        codes: what it takes back, each with its place in the comment.
        reason: without the word `because`; empty where there is none.
        comment: the place of all of it.
        removal: what to cut so that nothing of it is left, not even an empty line.
    """

    file: str
    line: int | None
    codes: tuple[tuple[str, Span], ...]
    reason: str
    comment: Span
    removal: Span

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether it takes this finding back."""
        span = diagnostic.span
        if diagnostic.is_error or span is None or span.file != self.file:
            return False
        return self.meets(diagnostic) and self.line in (None, span.line)

    def meets(self, diagnostic: Diagnostic) -> bool:
        """Whether it names the code of this finding."""
        return any(code == diagnostic.code for code, _ in self.codes)


@dataclass(frozen=True, slots=True)
class Applied:
    """What is left of the findings, what comments took back, and which comments did so."""

    kept: tuple[Diagnostic, ...]
    suppressed: tuple[Suppressed, ...]
    used: frozenset[tuple[Span, str]] = frozenset()


def may_suppress(sources: Iterable[Source]) -> bool:
    """Whether such a comment can stand in any of the files; a quick look."""
    return any(MARK in source.text for source in sources)


def suppressions(sources: Iterable[Source]) -> tuple[Suppression, ...]:
    """Every good comment of this kind, in the order of the files."""
    every = (found for source in sources for _, found in _read(source))
    return tuple(found for found in every if found is not None)


def apply(found: Iterable[Diagnostic], comments_: Sequence[Suppression]) -> Applied:
    """The findings without those that a comment takes back. Errors stay in any case."""
    kept: list[Diagnostic] = []
    taken: list[Suppressed] = []
    used: set[tuple[Span, str]] = set()
    for diagnostic in found:
        by = [s for s in comments_ if s.covers(diagnostic)]
        if by:
            taken.append(Suppressed(diagnostic, by[0].reason))
            used |= {(s.comment, diagnostic.code) for s in by}
        else:
            kept.append(diagnostic)
    return Applied(tuple(kept), tuple(taken), frozenset(used))


def faults(
    sources: Sequence[Source],
    comments_: Sequence[Suppression],
    applied: Applied,
    looked_for: Iterable[str],
) -> Iterator[Diagnostic]:
    """What is wrong with the comments themselves.

    Args:
        sources: every file.
        comments_: the good ones among their comments.
        applied: what they did.
        looked_for: the codes that this run could have found; of others nothing is said.
    """
    asked = frozenset(looked_for)
    for source in sources:
        for comment, found in _read(source):
            if found is None:
                yield _warning(
                    "OFC943",
                    f"`{comment.text[:60]}` is no comment that ofc understands",
                    comment.span,
                    "suppresses nothing",
                    EXAMPLE,
                )
    for each in comments_:
        if not each.reason:
            listed = ", ".join(code for code, _ in each.codes)
            yield _warning(
                "OFC940",
                "a suppression gives no reason",
                each.comment,
                "why?",
                f"write `# ofc: ignore[{listed}] because ...`",
            )
        yield from _codes(each, applied, asked)


def _codes(each: Suppression, applied: Applied, asked: frozenset[str]) -> Iterator[Diagnostic]:
    errors = {d.code for d in applied.kept if d.is_error}
    for code, place in each.codes:
        if code not in CODES:
            meant = nearest(code, CODES)
            yield _warning(
                "OFC941",
                f"a suppression names `{code}`, and there is no such code",
                place,
                f"did you mean `{meant}`?" if meant else "unknown code",
                f"write `{meant}`" if meant else "`ofc explain` lists the codes",
            )
        elif code in errors:
            yield _warning(
                "OFC944",
                f"`{code}` is an error here, and no comment takes an error back",
                place,
                "the spec is refused all the same",
                "correct what the error says, and remove the comment",
            )
        elif code in asked and (each.comment, code) not in applied.used:
            yield _unused(each, code, place)


def _unused(each: Suppression, code: str, place: Span) -> Diagnostic:
    where = "in this file" if each.line is None else f"in line {each.line}"
    whole = len(each.codes) == 1
    return Diagnostic(
        "OFC942",
        f"`{code}` is suppressed, and {where} there is nothing of it",
        place,
        "suppresses nothing",
        "remove the comment" if whole else f"remove `{code}` from the list",
        Severity.WARNING,
        edits=(Edit(each.removal, ""),) if whole else (),
    )


def _warning(code: str, message: str, span: Span, label: str, help_: str) -> Diagnostic:
    return Diagnostic(code, message, span, label, help_, Severity.WARNING)


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
        comment.span.file,
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
