"""Diagnostics as SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from omniforce.spec.diagnostic import Diagnostic, Edit
from omniforce.spec.source import Span

from ..version import VERSION
from .codes import docs_url, title
from .page import page
from .report import Report, Suppressed, fingerprints, in_repository, sentence

VERSION_OF_SARIF = "2.1.0"
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "%SRCROOT%"

Object = dict[str, object]


def to_sarif(report: Report) -> str:
    """The log of one run. Lines and columns count characters from 1, ends are exclusive."""
    suppressed = report.suppressed or ()
    found = (*report.diagnostics, *(s.diagnostic for s in suppressed))
    codes = sorted({d.code for d in found})
    # A run either says of each result whether it is suppressed, or of none (3.27.23).
    reasons: list[tuple[Suppressed, ...] | None] = [
        None if report.suppressed is None else () for _ in report.diagnostics
    ]
    reasons += [(s,) for s in suppressed]
    marks = fingerprints(found, report.sources, report.root)
    run: Object = {
        "tool": {
            "driver": {
                "name": "ofc",
                "organization": "OmniForce",
                "semanticVersion": VERSION,
                "informationUri": "https://omniforce.dev",
                "rules": [_rule(code) for code in codes],
            }
        },
        "automationDetails": {"id": f"ofc/{report.command}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "artifacts": [{"location": _location(name, report.root)} for name in report.sources],
        "results": [
            _result(diagnostic, codes.index(diagnostic.code), mark, reason, report)
            for diagnostic, mark, reason in zip(found, marks, reasons, strict=True)
        ],
    }
    log = {"$schema": SCHEMA, "version": VERSION_OF_SARIF, "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str) -> Object:
    text = page(code) or title(code)
    return {
        "id": code,
        "shortDescription": {"text": title(code)},
        "helpUri": docs_url(code),
        "help": {"text": text, "markdown": text},
    }


def _result(
    diagnostic: Diagnostic,
    rule: int,
    mark: str,
    suppressed: tuple[Suppressed, ...] | None,
    report: Report,
) -> Object:
    root = report.root
    made: Object = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": {"text": _message(diagnostic)},
        "partialFingerprints": {"primaryLocationLineHash": mark},
    }
    if diagnostic.span is not None:
        made["locations"] = [{"physicalLocation": _physical(diagnostic.span, root)}]
    elif report.sources or diagnostic.file:
        # GitHub takes no log with a result that has no place.
        file = _location(report.file(diagnostic), root)
        made["locations"] = [{"physicalLocation": {"artifactLocation": file}}]
    if diagnostic.related:
        made["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _physical(each.span, root),
                "message": {"text": each.label or "see also"},
            }
            for number, each in enumerate(diagnostic.related, start=1)
        ]
    if diagnostic.edits:
        made["fixes"] = [_fix(diagnostic, root)]
    if suppressed is not None:
        made["suppressions"] = [
            {"kind": "inSource", "status": "accepted", "justification": each.reason}
            for each in suppressed
        ]
    return made


def _message(diagnostic: Diagnostic) -> str:
    # `[text](place)` is a link in a message of SARIF (3.11.6).
    return sentence(diagnostic).replace("](", "] (")


def _fix(diagnostic: Diagnostic, root: Path | None) -> Object:
    by_file: dict[str, list[Edit]] = {}
    for edit in diagnostic.edits:
        by_file.setdefault(edit.span.file, []).append(edit)
    return {
        "description": {"text": diagnostic.help or diagnostic.message},
        "artifactChanges": [
            {
                "artifactLocation": _location(file, root),
                "replacements": [_replacement(e) for e in edits],
            }
            for file, edits in by_file.items()
        ],
    }


def _replacement(edit: Edit) -> Object:
    made: Object = {"deletedRegion": _region(edit.span)}
    return made | ({"insertedContent": {"text": edit.text}} if edit.text else {})


def _physical(span: Span, root: Path | None) -> Object:
    return {"artifactLocation": _location(span.file, root), "region": _region(span)}


def _region(span: Span) -> Mapping[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _location(name: str, root: Path | None) -> Object:
    relative = in_repository(name, root)
    if Path(relative).is_absolute():
        return {"uri": f"file://{_quoted(Path(relative).as_posix())}"}
    return {"uri": _quoted(relative), "uriBaseId": ROOT}


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"))
