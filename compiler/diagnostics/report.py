"""What a command found, as every format of a report shows it: places, fingerprints, severities."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from hashlib import sha256
from pathlib import Path
from typing import Final

from omniforce.spec.diagnostic import Diagnostic, Severity
from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Source

_RANKS: Final = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that a comment of the spec takes back, and the reason that stands there."""

    diagnostic: Diagnostic
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run of a command found.

    Attributes:
        command: its name; a report of `check` takes the place of the last one of `check` only.
        diagnostics: in the order in which they are shown.
        sources: every file that was looked at, by the name that spans call it; also those
            without a finding.
        suppressed: None where the command does not look for suppressions.
        fails: the least severity that fails a run.
        root: of the repository, absolute; places are given from there, as CI wants them.
    """

    command: str
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)
    suppressed: tuple[Suppressed, ...] | None = None
    fails: Severity = Severity.ERROR
    root: Path | None = None

    def failing(self, diagnostic: Diagnostic) -> bool:
        """Whether this finding alone makes the run fail."""
        return at_least(diagnostic.severity, self.fails)

    def place(self, diagnostic: Diagnostic) -> tuple[str, int]:
        """File and line of a finding; the first line where none is to blame."""
        line = diagnostic.span.line if diagnostic.span is not None else 1
        return in_repository(self.file(diagnostic), self.root), line

    def file(self, diagnostic: Diagnostic) -> str:
        """The name of the file of a finding; the first one where it is about none."""
        return file_of(diagnostic) or next(iter(self.sources), "omniforce.yaml")


def at_least(severity: Severity, least: Severity) -> bool:
    """Whether one is as bad as the other, or worse."""
    return _RANKS[severity] >= _RANKS[least]


def file_of(diagnostic: Diagnostic) -> str:
    """The file that a finding is about, as spans call it; empty where there is none."""
    return diagnostic.span.file if diagnostic.span is not None else diagnostic.file


def in_repository(name: str, root: Path | None) -> str:
    """A file's name from the root of the repository, with forward slashes; else as it is."""
    if root is None or name.startswith("<"):
        return name
    try:
        return Path(os.path.abspath(name)).relative_to(root).as_posix()
    except ValueError:
        return name


def fingerprints(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source], root: Path | None = None
) -> tuple[str, ...]:
    """One for each finding: stays the same when its line moves or is indented otherwise.

    It is made of the code, the file and the text of the line; the number behind the colon tells
    findings on equal lines apart.
    """
    seen: Counter[str] = Counter()
    found: list[str] = []
    lines = {name: source.text.split("\n") for name, source in sources.items()}
    for diagnostic in diagnostics:
        span = diagnostic.span
        here = lines.get(span.file, []) if span is not None else []
        number = span.line if span is not None else 0
        line = here[number - 1].strip() if 0 < number <= len(here) else diagnostic.message
        about = file_of(diagnostic)
        file = in_repository(about, root) if about else ""
        text = "\0".join((diagnostic.code, file, line))
        made = sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        seen[made] += 1
        found.append(f"{made}:{seen[made]}")
    return tuple(found)


def sentence(diagnostic: Diagnostic) -> str:
    """Message and help in one text, for formats that have no room for both."""
    help_ = f"\nhelp: {diagnostic.help}" if diagnostic.help else ""
    return f"{diagnostic.message}{help_}"
