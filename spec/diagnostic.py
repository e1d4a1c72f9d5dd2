"""What the user did wrong, as a value: collected, never raised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum
from typing import Literal

from .frozen import dataclass
from .source import Span


class Severity(Enum):
    """How bad it is: an error refuses the spec, a warning lets it pass, a note is advice."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Edit:
    """Other text in the place of a stretch of a file; an empty stretch is an insertion."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that the message is about, such as the first of two contradicting lines."""

    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding, with its place and a way out.

    Attributes:
        code: stable, `OFC` and three digits; `compiler/diagnostics/codes.py` lists them all.
        message: what *is*, lower case, names in backquotes.
        span: the place; None where no file is to blame (a missing dependency, a full disk).
        label: what stands at the place, printed under the caret.
        help: what to write instead; can be pasted.
        related: other places that belong to the finding.
        edits: what does as `help` says; `ofc fix` and editors apply all of them or none.
        applicable: `safe` where the edits cannot change what the writer meant; `maybe` where they
            are the likeliest of several meanings, and a person looks at them first.
        file: what it is about where `span` is None, by the name that spans would call it.
    """

    code: str
    message: str
    span: Span | None
    label: str = ""
    help: str = ""
    severity: Severity = Severity.ERROR
    related: tuple[Related, ...] = ()
    edits: tuple[Edit, ...] = ()
    applicable: Literal["safe", "maybe"] = "safe"
    file: str = ""

    @property
    def is_error(self) -> bool:
        """Whether this refuses the spec."""
        return self.severity is Severity.ERROR


def about(file: str, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Findings of one file, those that have no place with its name."""
    return tuple(replace(d, file=file) if d.span is None and not d.file else d for d in found)
