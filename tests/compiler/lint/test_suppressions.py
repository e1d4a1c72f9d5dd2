"""Comments take findings back where they stand, with a reason, and say when they are wrong."""

import pytest

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.lint.linter import lint
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.edits import apply_edits
from omniforce.spec.load import load
from omniforce.spec.source import Source

from .linting import GOOD, codes, linted, with_space

WIDE = "units: int 1...9000, default 50"


def reasons(text: str) -> list[tuple[str, str]]:
    return [(s.diagnostic.code, s.reason) for s in linted(text).suppressed]


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("# ofc: ignore[OFC903] because all are as likely", "all are as likely"),
        ("#ofc: ignore[ofc903]: all are as likely", "all are as likely"),
        ("# ofc: ignore[OFC911, OFC903] - all are as likely", "all are as likely"),
    ],
)
def test_a_comment_behind_a_value_takes_back_what_is_said_of_its_line(
    comment: str, reason: str
) -> None:
    text = with_space(f"{WIDE} {comment}")
    assert reasons(text) == [("OFC903", reason)]


def test_a_comment_of_its_own_speaks_of_the_next_line_with_a_value() -> None:
    text = with_space(
        "# ofc: ignore[OFC903] because all are as likely", "# and more", "", WIDE, "b: 1...9000"
    )
    assert reasons(text) == [("OFC903", "all are as likely")]
    assert codes(text) == ["OFC903"]


def test_a_comment_for_the_file_may_stand_anywhere() -> None:
    text = with_space(WIDE, "b: 1...9000") + "# ofc: ignore-file[OFC903] because we know\n"
    assert reasons(text) == [("OFC903", "we know")] * 2


def test_without_a_reason_it_works_and_is_found() -> None:
    text = with_space(f"{WIDE} # ofc: ignore[OFC903] because ...")
    assert (reasons(text), codes(text)) == ([("OFC903", "")], ["OFC940"])


def test_what_looks_like_one_in_a_string_is_none() -> None:
    text = GOOD.replace("metadata:", 'x-note: "# ofc: ignore[OFC903] because"\nmetadata:')
    assert codes(text.replace("int 8...128 log", "int 1...9000")) == ["OFC903"]


def test_no_comment_takes_back_an_error_or_a_finding_about_comments() -> None:
    text = with_space("a: 4...2 # ofc: ignore[OFC202, OFC944] because I want it")
    assert codes(text) == ["OFC202", "OFC944"]


def test_what_a_refused_spec_did_not_get_to_is_not_called_unused() -> None:
    text = with_space("a: 4...2", f"{WIDE} # ofc: ignore[OFC903] because all are as likely")
    assert codes(text) == ["OFC202"]


def test_an_unused_comment_is_removed_by_its_own_edit() -> None:
    text = GOOD.replace("log, default 32", "log, default 32   # ofc: ignore[OFC903] because")
    text = text.replace("  objectives", "  # ofc: ignore[OFC914] because of it\n  objectives")
    loaded = load(Source("spec.yaml", text))
    found = lint(loaded, compile_study(loaded, catalogue())).diagnostics
    assert apply_edits(text, [e for d in found if d.code == "OFC942" for e in d.edits]) == GOOD
