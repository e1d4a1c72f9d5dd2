"""Does as the messages of a spec advise, until nothing is left that is safe.

Every round the spec is looked at anew, so that what one edit uncovers is found as well. An edit
that makes more errors than there were is taken back, and so is one that loses a comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from omniforce.spec.diagnostic import Diagnostic, Edit
from omniforce.spec.edits import apply_edits
from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Source
from omniforce.spec.yaml.comments import comments

Diagnose = Callable[[Source], tuple[Diagnostic, ...]]

ROUNDS = 40
"""Rounds at most; one that is done in fewer has found nothing more to do."""

UNREADABLE = frozenset(f"OFC{number:03}" for number in (2, 3, 4, 5, 8, 9, 11))
"""Errors behind which nothing of the file is known: with one less, more may come to light."""

PLACEHOLDER = "OFC301"
"""The one error whose edit may replace a placeholder; elsewhere the value is another file's."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What became of a spec.

    Attributes:
        text: the new text.
        done: what was fixed, in the order in which it was done.
        refused: what has edits that would have made the spec worse.
        left: everything that is still to be said of it.
    """

    text: str
    done: tuple[Diagnostic, ...] = ()
    refused: tuple[Diagnostic, ...] = ()
    left: tuple[Diagnostic, ...] = ()


def fix(source: Source, diagnose: Diagnose, *, unsafe: bool = False) -> Fixed:
    """The spec with every edit done that makes it no worse.

    Args:
        source: the text.
        diagnose: what is wrong with a text of the same name.
        unsafe: with the edits as well that are only likely to be what was meant.
    """
    text, left = source.text, diagnose(source)
    done: list[Diagnostic] = []
    refused: dict[str, Diagnostic] = {}
    seen = {text}
    for _ in range(ROUNDS):
        wanted = [
            d for d in left if _may(d, Source(source.name, text), unsafe) and _key(d) not in refused
        ]
        if not wanted:
            break
        step = _step(source.name, text, left, wanted, diagnose)
        if step is None and len(wanted) > 1:
            # One of them does harm: the first alone, and the others in the rounds that follow.
            wanted = wanted[:1]
            step = _step(source.name, text, left, wanted, diagnose)
        if step is None or step[0] in seen:
            refused.update((_key(d), d) for d in wanted[:1])
            continue
        text, left = step
        seen.add(text)
        done += _apart(wanted)
    return Fixed(text, tuple(done), tuple(refused.values()), left)


def _step(
    name: str,
    text: str,
    left: tuple[Diagnostic, ...],
    wanted: list[Diagnostic],
    diagnose: Diagnose,
) -> tuple[str, tuple[Diagnostic, ...]] | None:
    """The text with the edits, and what is wrong with that; None where it is worse."""
    made = apply_edits(text, [edit for d in _apart(wanted) for edit in d.edits])
    if made == text or _comments(made) < _comments(text):
        return None
    found = diagnose(Source(name, made))
    return None if _badness(found) > _badness(left) else (made, found)


def _apart(wanted: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Those whose edits do not touch each other's, the first ones first."""
    taken: list[Edit] = []
    made: list[Diagnostic] = []
    for diagnostic in wanted:
        if any(_touch(a, b) for a in diagnostic.edits for b in taken if a != b):
            continue
        taken += diagnostic.edits
        made.append(diagnostic)
    return made


def _touch(one: Edit, other: Edit) -> bool:
    a, b = one.span, other.span
    return (a.line, a.column) <= (b.end_line, b.end_column) and (b.line, b.column) <= (
        a.end_line,
        a.end_column,
    )


def _may(diagnostic: Diagnostic, source: Source, unsafe: bool) -> bool:
    if not diagnostic.edits or (diagnostic.applicable != "safe" and not unsafe):
        return False
    for edit in diagnostic.edits:
        if edit.span.file != source.name:
            return False
        replaced = source.line(edit.span.line)[edit.span.column - 1 : edit.span.end_column - 1]
        if "$(" in replaced and diagnostic.code != PLACEHOLDER:
            return False
    return True


def _badness(found: Iterable[Diagnostic]) -> tuple[bool, int]:
    errors = [d for d in found if d.is_error]
    return any(d.code in UNREADABLE for d in errors), len(errors)


def _comments(text: str) -> int:
    return len(comments(Source("", text)))


def _key(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.code} {diagnostic.message} {diagnostic.edits}"
