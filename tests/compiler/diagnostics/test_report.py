"""What all formats of a report share: places from the repository's root, and fingerprints."""

from dataclasses import replace
from pathlib import Path

import pytest

from omniforce.compiler.diagnostics.report import fingerprints, in_repository
from omniforce.spec.diagnostic import about
from omniforce.spec.source import Source

from .reports import ERROR, FILE, SOURCE, UNPLACED, WARNING, moved


def test_a_place_is_given_from_the_root_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "specs").mkdir()
    monkeypatch.chdir(tmp_path / "specs")
    assert in_repository("a.yaml", tmp_path) == "specs/a.yaml"
    assert in_repository("../base.yaml", tmp_path) == "base.yaml"
    assert in_repository(str(tmp_path / "b.yaml"), tmp_path) == "b.yaml"
    assert in_repository("../../other.yaml", tmp_path) == "../../other.yaml"
    assert in_repository("<stdin>", tmp_path) == "<stdin>"
    assert in_repository("a.yaml", None) == "a.yaml"


def test_a_fingerprint_survives_that_its_line_moves_and_is_indented() -> None:
    below = Source(FILE, "# new\n# lines\none: 1\n    two: [2, 3]\n")
    (before,) = fingerprints([ERROR], {FILE: SOURCE})
    (after,) = fingerprints([moved(ERROR, 2)], {FILE: below})
    assert before == after


def test_a_fingerprint_changes_with_the_line_the_file_and_the_code() -> None:
    other = replace(ERROR, code="OFC102")
    edited = {FILE: Source(FILE, "one: 1\ntwo: [2, 4]\n")}
    (one,) = fingerprints([ERROR], {FILE: SOURCE})
    assert len({one, *fingerprints([other], {FILE: SOURCE}), *fingerprints([ERROR], edited)}) == 3


def test_findings_on_equal_lines_are_told_apart() -> None:
    first, second, third = fingerprints([ERROR, ERROR, WARNING], {FILE: SOURCE})
    assert (first.endswith(":1"), second.endswith(":2")) == (True, True)
    assert first[:-2] == second[:-2] != third[:-2]


def test_findings_about_no_line_of_two_files_are_told_apart() -> None:
    found = (*about("a.yaml", [UNPLACED]), *about("b.yaml", [UNPLACED]))
    assert len({mark.partition(":")[0] for mark in fingerprints(found, {})}) == 2


def test_what_has_its_file_keeps_it() -> None:
    assert about("b.yaml", about("a.yaml", [UNPLACED])) == about("a.yaml", [UNPLACED])
    assert about("b.yaml", [ERROR]) == (ERROR,)
