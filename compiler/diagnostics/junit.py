"""Diagnostics as JUnit XML, which every CI shows as tests: a suite a file, a test a finding.

What fails the run is a failure, what does not is a test that passes and says why it stands there,
and what a comment suppresses is skipped. A file without findings is one test that passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass

from .codes import docs_url
from .report import Report, in_repository
from .width import visible


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    kind: str  # `failure`, `skipped` or ``
    body: str = ""


def to_junit(report: Report) -> str:
    """The whole document."""
    suites = [(file, tuple(_cases(report, name))) for name, file in _files(report).items()]
    every = [case for _, cases in suites for case in cases]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f"<testsuites name={_attribute(f'ofc {report.command}')} {_counts(every)}>")
    for file, cases in suites:
        lines.append(f'  <testsuite name={_attribute(file)} {_counts(list(cases))} time="0">')
        lines += [line for case in cases for line in _case(case, file)]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _files(report: Report) -> dict[str, str]:
    """The names of files as spans have them, with those that are shown."""
    suppressed = [s.diagnostic for s in report.suppressed or ()]
    named = [*report.sources, *map(report.file, (*report.diagnostics, *suppressed))]
    return {name: in_repository(name, report.root) for name in dict.fromkeys(named)}


def _cases(report: Report, name: str) -> Iterator[_Case]:
    here = [d for d in report.diagnostics if report.file(d) == name]
    for diagnostic in here:
        kind = "failure" if report.failing(diagnostic) else ""
        yield _Case(_name(diagnostic), kind, _body(diagnostic))
    for each in report.suppressed or ():
        if report.file(each.diagnostic) == name:
            yield _Case(_name(each.diagnostic), "skipped", each.reason)
    if not any(report.failing(d) for d in here):
        yield _Case(f"ofc {report.command}", "")


def _name(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.code}: {diagnostic.message}"


def _body(diagnostic: Diagnostic) -> str:
    place = f"{diagnostic.span}\n" if diagnostic.span is not None else ""
    help_ = f"help: {diagnostic.help}\n" if diagnostic.help else ""
    severity = diagnostic.severity.value
    return f"{place}{severity}: {diagnostic.message}\n{help_}docs: {docs_url(diagnostic.code)}\n"


def _case(case: _Case, file: str) -> Iterator[str]:
    head = f'    <testcase classname={_attribute(file)} name={_attribute(case.name)} time="0"'
    if not case.body:
        yield f"{head}/>"
        return
    yield f"{head}>"
    if case.kind == "failure":
        code = case.name.partition(":")[0]
        message = _attribute(case.name)
        yield f'      <failure type="{code}" message={message}>{_text(case.body)}</failure>'
    elif case.kind == "skipped":
        yield f"      <skipped message={_attribute(case.body)}/>"
    else:
        yield f"      <system-out>{_text(case.body)}</system-out>"
    yield "    </testcase>"


def _counts(cases: list[_Case]) -> str:
    failed = sum(c.kind == "failure" for c in cases)
    skipped = sum(c.kind == "skipped" for c in cases)
    return f'tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}"'


def _text(text: str) -> str:
    # XML has no letter for most control characters, so those are spelt out.
    return escape("\n".join(visible(line) for line in text.split("\n")))


def _attribute(text: str) -> str:
    return quoteattr(" ".join(visible(line) for line in text.split("\n")))
