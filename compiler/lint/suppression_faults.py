"""What is wrong with the comments that suppress: no reason, no such code, nothing to suppress."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from omniforce.spec.diagnostic import Diagnostic, Edit, Severity
from omniforce.spec.readers import nearest
from omniforce.spec.source import Span

from ..diagnostics.codes import CODES
from .suppressions import Applied, Suppression, Suppressions

MOST = 200
"""Of one run; who has more of them has read the first."""

EXAMPLE = "write `# ofc: ignore[OFC905] because ...`, or `ignore-file[...]` for the whole file"


def suppression_faults(
    read: Suppressions, applied: Applied, looked_for: Collection[str]
) -> Iterator[Diagnostic]:
    """The first `MOST` faults, those of one kind after the other.

    Args:
        read: every comment.
        applied: what they did.
        looked_for: the codes that this run could have found; of others nothing is said.
    """
    return islice(_faults(read, applied, frozenset(looked_for)), MOST)


def _faults(read: Suppressions, applied: Applied, asked: frozenset[str]) -> Iterator[Diagnostic]:
    for comment in read.bad:
        yield _warning(
            "OFC943",
            f"`{comment.text[:60]}` is no comment that ofc understands",
            comment.span,
            "suppresses nothing",
            EXAMPLE,
        )
    errors = {d.code for d in applied.kept if d.is_error}
    for each in read.good:
        if not each.reason:
            listed = ", ".join(code for code, _ in each.codes)
            yield _warning(
                "OFC940",
                "a suppression gives no reason",
                each.comment,
                "why?",
                f"write `# ofc: ignore[{listed}] because ...`",
            )
        for code, place in each.codes:
            if code not in CODES:
                yield _unknown(code, place)
            elif code in errors:
                yield _of_an_error(code, place)
            elif code in asked and (each.comment, code) not in applied.used:
                yield _unused(each, code, place)


def _unknown(code: str, place: Span) -> Diagnostic:
    meant = nearest(code, CODES)
    return _warning(
        "OFC941",
        f"a suppression names `{code[:40]}`, and there is no such code",
        place,
        f"did you mean `{meant}`?" if meant else "unknown code",
        f"write `{meant}`" if meant else "`ofc explain` lists the codes",
    )


def _of_an_error(code: str, place: Span) -> Diagnostic:
    return _warning(
        "OFC944",
        f"`{code}` is an error here, and no comment takes an error back",
        place,
        "the spec is refused all the same",
        "correct what the error says, and remove the comment",
    )


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
