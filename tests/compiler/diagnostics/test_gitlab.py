"""GitLab's code quality report: the keys that GitLab asks for, and nothing suppressed."""

import json

from omniforce.compiler.diagnostics.gitlab import to_gitlab
from omniforce.compiler.diagnostics.report import Report, fingerprints
from omniforce.spec.diagnostic import about
from omniforce.spec.source import Source

from .reports import ERROR, NOTHING, REPORT, UNPLACED


def test_each_finding_is_an_issue_with_its_place() -> None:
    marks = fingerprints(REPORT.diagnostics, REPORT.sources)
    assert json.loads(to_gitlab(REPORT)) == [
        {
            "description": "`two` is 100% unknown: [a](b), c\nhelp: write `one`\nor nothing",
            "check_name": "OFC101",
            "fingerprint": marks[0],
            "severity": "major",
            "location": {"path": "specs/a b.yaml", "lines": {"begin": 2}},
        },
        {
            "description": "an image",
            "check_name": "OFC910",
            "fingerprint": marks[1],
            "severity": "minor",
            "location": {"path": "specs/a b.yaml", "lines": {"begin": 2}},
        },
        {
            "description": "a seed\nhelp: write it",
            "check_name": "OFC901",
            "fingerprint": marks[2],
            "severity": "info",
            "location": {"path": "specs/a b.yaml", "lines": {"begin": 1}},
        },
    ]


def test_nothing_found_is_an_empty_list() -> None:
    assert to_gitlab(NOTHING) == "[]\n"


def test_no_two_findings_have_one_fingerprint() -> None:
    issues = json.loads(to_gitlab(Report("check", (ERROR, ERROR, ERROR), REPORT.sources)))
    assert len({i["fingerprint"] for i in issues}) == 3


def test_a_finding_about_no_line_is_placed_in_the_file_it_is_about() -> None:
    files = {name: Source(name, "") for name in ("a.yaml", "b.yaml")}
    (issue,) = json.loads(to_gitlab(Report("check", about("b.yaml", [UNPLACED]), files)))
    assert issue["location"] == {"path": "b.yaml", "lines": {"begin": 1}}
