"""Diagnostics as GitLab's code quality report."""

from __future__ import annotations

import json
from typing import Final

from omniforce.spec.diagnostic import Diagnostic, Severity

from .report import Report, fingerprints, sentence

_SEVERITIES: Final = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def to_gitlab(report: Report) -> str:
    """A JSON array, one object for each finding; those that are suppressed are left out."""
    marks = fingerprints(report.diagnostics, report.sources, report.root)
    found = [_issue(d, m, report) for d, m in zip(report.diagnostics, marks, strict=True)]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _issue(diagnostic: Diagnostic, fingerprint: str, report: Report) -> dict[str, object]:
    path, line = report.place(diagnostic)
    return {
        "description": sentence(diagnostic),
        "check_name": diagnostic.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {"path": path, "lines": {"begin": line}},
    }
