"""Workflow commands: one line each, with everything escaped that would end it."""

from dataclasses import replace

from omniforce.compiler.diagnostics.github import to_github
from omniforce.compiler.diagnostics.report import Report

from .reports import ERROR, NOTHING, REPORT


def test_each_finding_is_a_command_and_what_is_suppressed_is_none() -> None:
    assert (
        to_github(REPORT)
        == """\
::error file=specs/a b.yaml,line=2,endLine=2,col=1,title=OFC101%3A unknown key::`two` is 100%25 \
unknown: [a](b), c%0Ahelp: write `one`%0Aor nothing
::warning file=specs/a b.yaml,line=2,endLine=3,title=OFC910%3A an image without a version::an image
::notice title=OFC901%3A the seed of a split is not written::a seed%0Ahelp: write it
"""
    )


def test_nothing_found_is_nothing_said() -> None:
    assert to_github(NOTHING) == ""


def test_no_message_can_begin_a_command_of_its_own() -> None:
    hostile = replace(ERROR, message="x\r\n::set-output name=a::b\x1b[2J\n::error::c", help="")
    said = to_github(Report("check", (hostile,)))
    assert said.count("\n") == 1
    assert said.endswith("::x%0A::set-output name=a::b\\u{1b}[2J%0A::error::c\n")
