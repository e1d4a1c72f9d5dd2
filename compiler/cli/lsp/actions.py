"""What can be done about a finding, by a click."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from omniforce.spec.diagnostic import Diagnostic, Edit
from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Source, Span

from ...lint.linter import COMMENTS, LINT_CODES
from .layout import cursor_at


@dataclass(frozen=True, slots=True)
class Action:
    """A change of the text.

    Attributes:
        kind: `fix` for one finding, `all` for everything that is safe at once, `silence` for a
            comment that takes an advice back.
        found: what it is about; None for `all`.
    """

    title: str
    kind: str
    edits: tuple[Edit, ...]
    found: Diagnostic | None = None


def actions(
    found: Iterable[Diagnostic], source: Source, first: int, last: int
) -> tuple[Action, ...]:
    """What can be done about the findings on the lines from `first` to `last`."""
    every, file = tuple(found), source.name
    made = [*_fixes(every, source, first, last)]
    sure = (d for d in every if d.applicable == "safe" and _is_whole(d, file))
    safe = tuple(e for d in sure for e in d.edits)
    if safe:
        made.append(Action("fix all that is safe to fix (ofc)", "all", safe))
    return tuple(made)


def _fixes(found: Iterable[Diagnostic], source: Source, first: int, last: int) -> Iterator[Action]:
    for each in found:
        if (
            each.span is None
            or each.span.file != source.name
            or not _touches(each.span, first, last)
        ):
            continue
        if _is_whole(each, source.name):
            yield Action(each.help or "fix", "fix", each.edits, each)
        if each.code in LINT_CODES and not each.is_error and each.code not in COMMENTS:
            edit = _comment(each.span, each.code, source)
            if edit is not None:
                title = f"ignore {each.code} here, and say why"
                yield Action(title, "silence", (edit,), each)


def _comment(span: Span, code: str, source: Source) -> Edit | None:
    """The comment above a line that takes an advice back; none inside of a block of text.

    Its reason is left to the writer, and asked for until it is there.
    """
    line = source.line(span.line)
    indent = len(line) - len(line.lstrip(" "))
    if cursor_at(source.text, span.line, indent + 1).role == "none":
        return None
    at = Span(span.file, span.line, 1, span.line, 1)
    return Edit(at, f"{' ' * indent}# ofc: ignore[{code}] because \n")


def _is_whole(found: Diagnostic, file: str) -> bool:
    """Whether there are edits, and all of them are of this file."""
    return bool(found.edits) and all(e.span.file == file for e in found.edits)


def _touches(span: Span, first: int, last: int) -> bool:
    return span.line <= last and span.end_line >= first
