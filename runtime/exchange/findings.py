"""What is noticed while a file of another system is read; nothing is passed over in silence."""

from __future__ import annotations

from dataclasses import dataclass, field

from omniforce.spec.diagnostic import Diagnostic, Severity
from omniforce.spec.source import Span

UNSAID = "OFC785"
OTHERWISE = "OFC786"
LACKING = "OFC787"
UNREADABLE = "OFC788"
LEFT_OUT = "OFC789"

MOST = 200
"""Findings of one file; a hostile one could have a million."""


@dataclass(slots=True)
class Findings:
    """Collected in the order of the file.

    Attributes:
        file: what a finding without a place is about.
    """

    file: str
    found: list[Diagnostic] = field(default_factory=list)
    more: int = 0

    def unsaid(self, what: str, span: Span | None, help_: str = "") -> None:
        """The file says something that a spec has no word for."""
        self._add(UNSAID, what, span, "not in the spec", help_, Severity.WARNING)

    def otherwise(self, what: str, span: Span | None, label: str, help_: str = "") -> None:
        """The spec says it in another way, which may mean a little else."""
        self._add(OTHERWISE, what, span, label, help_, Severity.WARNING)

    def lacking(self, what: str, help_: str, span: Span | None = None) -> None:
        """A spec needs what the file does not say."""
        self._add(LACKING, what, span, "", help_, Severity.WARNING)

    def left_out(self, what: str, help_: str) -> None:
        """A past trial is not taken over."""
        self._add(LEFT_OUT, what, None, "", help_, Severity.WARNING)

    def wrong(self, what: str, span: Span | None, label: str, help_: str) -> None:
        """The file is not what it should be."""
        self._add(UNREADABLE, what, span, label, help_, Severity.ERROR)

    @property
    def has_errors(self) -> bool:
        """Whether nothing can be made of the file."""
        return any(each.is_error for each in self.found)

    def _add(
        self, code: str, what: str, span: Span | None, label: str, help_: str, severity: Severity
    ) -> None:
        if len(self.found) >= MOST and severity is not Severity.ERROR:
            self.more += 1
            return
        file = "" if span is not None else self.file
        self.found.append(Diagnostic(code, what, span, label, help_, severity, file=file))

    def finished(self) -> tuple[Diagnostic, ...]:
        """All of them in the order of their places, and how many more there were."""
        self.found.sort(key=_place)
        if not self.more:
            return tuple(self.found)
        what = f"{self.more} more findings of this kind are not shown"
        last = Diagnostic(UNSAID, what, None, severity=Severity.WARNING, file=self.file)
        return (*self.found, last)


def _place(found: Diagnostic) -> tuple[bool, str, int, int]:
    span = found.span
    if span is None:
        return (True, "", 0, 0)
    return (False, span.file, span.line, span.column)
