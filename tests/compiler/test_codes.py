"""Codes: every one that is used has a line and a page, and none stands there unused."""

import re
from pathlib import Path

import pytest

from omniforce.compiler.diagnostics.codes import CODES, title
from omniforce.compiler.diagnostics.page import PAGES, SECTIONS, page

ROOT = Path(__file__).parents[2]
FOLDERS = ("spec", "compiler", "targets", "strategies", "runtime", "stdlib_algorithms")


def used() -> set[str]:
    found: set[str] = set()
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            if path.name == "codes.py":
                continue
            text = path.read_text(encoding="utf-8")
            # The examples of docstrings are not uses: a use is a whole string.
            found |= set(re.findall(r"[\"'](OFC[0-9]{3})[\"']", text))
    return found


def test_the_table_is_sorted() -> None:
    assert list(CODES) == sorted(CODES)


def test_every_code_that_is_used_has_a_line_and_every_line_is_used() -> None:
    assert used() == set(CODES)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {p.stem for p in PAGES.glob("*.md")} == set(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_page_has_the_title_and_the_four_sections(code: str) -> None:
    text = page(code) or ""
    assert text.splitlines()[0] == f"# {code}: {title(code)}"
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == SECTIONS
    for section in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]:
        assert section.strip(), f"{code} has an empty section"


@pytest.mark.parametrize("name", ["OFC999", "../codes", "OFC", "OFC\uff11\uff12\uff13", ""])
def test_there_is_no_page_of_what_is_no_code(name: str) -> None:
    assert page(name) is None
