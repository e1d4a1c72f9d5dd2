"""Diagnostics as workflow commands, which GitHub shows beside the lines of a pull request.

::error file=omniforce.yaml,line=4,endLine=4,col=3,title=OFC202%3A ...::step `c` is never used
"""

from __future__ import annotations

from omniforce.spec.diagnostic import Diagnostic, Severity

from .codes import title
from .report import Report, in_repository, sentence
from .width import visible

_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def to_github(report: Report) -> str:
    """One line for each finding; those that are suppressed are left out."""
    return "".join(f"{_command(d, report)}\n" for d in report.diagnostics)


def _command(diagnostic: Diagnostic, report: Report) -> str:
    span = diagnostic.span
    place: dict[str, str | int] = {}
    if span is not None:
        place = {
            "file": in_repository(span.file, report.root),
            "line": span.line,
            "endLine": span.end_line,
        }
        # GitHub refuses columns of an annotation over several lines.
        place |= {"col": span.column} if span.line == span.end_line else {}
    elif diagnostic.file:
        place["file"] = in_repository(diagnostic.file, report.root)
    place["title"] = f"{diagnostic.code}: {title(diagnostic.code)}"
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in place.items())
    return f"::{_WORDS[diagnostic.severity]} {properties}::{_data(sentence(diagnostic))}"


def _data(text: str) -> str:
    # Each line by itself: what steers a terminal is spelt out, line breaks stay.
    shown = "\n".join(visible(line) for line in text.replace("\r", "").split("\n"))
    return shown.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
