"""JUnit XML: read back by a reader that others use, and by what CI counts."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from omniforce.compiler.diagnostics.junit import to_junit
from omniforce.compiler.diagnostics.report import Report
from omniforce.spec.diagnostic import Severity, about
from omniforce.spec.source import Source

from .reports import ERROR, NOTHING, REPORT, UNPLACED


def test_a_finding_fails_passes_or_is_skipped() -> None:
    assert (
        to_junit(replace(REPORT, diagnostics=REPORT.diagnostics[:2]))
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="ofc lint" tests="4" failures="1" errors="0" skipped="1">
  <testsuite name="specs/a b.yaml" tests="3" failures="1" errors="0" skipped="1" time="0">
    <testcase classname="specs/a b.yaml" name="OFC101: `two` is 100% unknown: [a](b), c" time="0">
      <failure type="OFC101" message="OFC101: `two` is 100% unknown: [a](b), c">specs/a b.yaml:2:1
error: `two` is 100% unknown: [a](b), c
help: write `one`
or nothing
docs: https://omniforce.dev/codes/OFC101
</failure>
    </testcase>
    <testcase classname="specs/a b.yaml" name="OFC910: an image" time="0">
      <system-out>specs/a b.yaml:2:6
warning: an image
docs: https://omniforce.dev/codes/OFC910
</system-out>
    </testcase>
    <testcase classname="specs/a b.yaml" name="OFC903: a scale" time="0">
      <skipped message="it is 100%"/>
    </testcase>
  </testsuite>
  <testsuite name="clean.yaml" tests="1" failures="0" errors="0" skipped="0" time="0">
    <testcase classname="clean.yaml" name="ofc lint" time="0"/>
  </testsuite>
</testsuites>
"""
    )


def test_what_fails_the_run_is_a_failure() -> None:
    root = ElementTree.fromstring(to_junit(replace(REPORT, fails=Severity.NOTE)))
    assert root.attrib["failures"] == "3"


def test_a_file_without_findings_is_a_test_that_passes() -> None:
    root = ElementTree.fromstring(to_junit(NOTHING))
    assert [(c.attrib["name"], len(c)) for c in root.iter("testcase")] == [("ofc check", 0)]


def test_no_text_of_a_spec_can_break_the_document() -> None:
    text = "</failure> ]]> & \" ' \x00 \x1b \ufffe \ud800"
    hostile = replace(ERROR, message=text, help=text, edits=())
    root = ElementTree.fromstring(to_junit(Report("check", (hostile,))))
    assert [c.attrib["type"] for c in root.iter("failure")] == ["OFC101"]


def test_a_reader_that_others_use_counts_the_same() -> None:
    junitparser = pytest.importorskip("junitparser")
    read = junitparser.JUnitXml.fromstring(to_junit(REPORT).encode())
    assert [(s.name, s.tests, s.failures, s.skipped) for s in read] == [
        ("specs/a b.yaml", 4, 1, 1),
        ("clean.yaml", 1, 0, 0),
    ]


def test_a_finding_about_no_line_is_a_test_of_the_file_it_is_about() -> None:
    files = {name: Source(name, "") for name in ("a.yaml", "b.yaml")}
    first, second = ElementTree.fromstring(
        to_junit(Report("check", about("b.yaml", [UNPLACED]), files))
    )
    assert (first.get("name"), first.get("failures")) == ("a.yaml", "0")
    assert (second.get("name"), second.get("failures")) == ("b.yaml", "1")
