"""Diagnostics as text: rustc's shape, whatever the line holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.compiler.diagnostics.text import WINDOW, render_text
from omniforce.compiler.diagnostics.width import cells, visible
from omniforce.spec.diagnostic import Diagnostic, Related, Severity
from omniforce.spec.source import Source, Span


def span(line: int, column: int, end: int, file: str = "spec.yaml") -> Span:
    return Span(file, line, column, line, end)


def rendered(text: str, diagnostic: Diagnostic, **options: bool) -> str:
    return render_text([diagnostic], {"spec.yaml": Source("spec.yaml", text)}, **options)


def test_shows_the_place_the_label_the_help_and_the_page() -> None:
    text = "a: 1\nb: 2\nsteps:\n  c: {image: plot, in: a.rows}\n"
    warning = Diagnostic(
        "OFC202",
        "step `c` is never used",
        span(4, 3, 4),
        "nothing reads its outputs",
        "remove it, or list it under `keep: [c]` if it runs for its effect",
        Severity.WARNING,
    )
    assert (
        rendered(text, warning)
        == """\
warning[OFC202]: step `c` is never used
 --> spec.yaml:4:3
  |
4 |   c: {image: plot, in: a.rows}
  |   ^ nothing reads its outputs
  = help: remove it, or list it under `keep: [c]` if it runs for its effect
  = docs: https://omniforce.dev/codes/OFC202
"""
    )


def test_shows_the_first_place_above_the_second_and_other_files_below() -> None:
    text = "a: 1\n" * 12
    finding = Diagnostic(
        "OFC006",
        "`a` stands twice",
        span(12, 1, 2),
        "again here",
        "remove one\nof the two",
        related=(
            Related(span(1, 1, 2), "first here"),
            Related(span(3, 1, 2, "base.yaml"), "and there"),
        ),
    )
    assert (
        rendered(text, finding)
        == """\
error[OFC006]: `a` stands twice
  --> spec.yaml:12:1
   |
 1 | a: 1
   | - first here
...
12 | a: 1
   | ^ again here
  ::: base.yaml:3:1
   = help: remove one
           of the two
   = docs: https://omniforce.dev/codes/OFC006
"""
    )


def test_points_below_wide_letters_and_tabs() -> None:
    finding = Diagnostic("OFC101", "unknown", span(1, 6, 8), "here")
    assert rendered("名前:\t{名前}", finding).splitlines()[3:5] == [
        "1 | 名前:    {名前}",
        "  |           ^^^^ here",
    ]


@pytest.mark.parametrize(
    ("place", "marks"),
    [
        (span(1, 50, 60), "  |     ^ x"),
        (span(99, 2, 3), "   | ^ x"),
        (Span("spec.yaml", 1, 1, 9, 9), "  | ^^^^ x"),
        (span(1, 3, 3), "  |   ^ x"),
    ],
    ids=["past the line", "past the file", "over several lines", "empty"],
)
def test_spans_that_do_not_fit_still_have_a_caret(place: Span, marks: str) -> None:
    assert rendered("a: 1\n", Diagnostic("OFC101", "m", place, "x")).splitlines()[4] == marks


def test_a_finding_without_a_place_has_no_snippet() -> None:
    assert rendered("", Diagnostic("OFC701", "the disk is full", None)) == (
        "error[OFC701]: the disk is full\n = docs: https://omniforce.dev/codes/OFC701\n"
    )


def test_a_long_line_is_cut_around_the_place() -> None:
    finding = Diagnostic("OFC101", "m", span(1, 300, 303), "x")
    lines = rendered("a" * 299 + "bcd" + "e" * 300, finding).splitlines()
    assert lines[3][lines[4].index("^") :].startswith("bcd")
    assert len(lines[3]) <= WINDOW + len("1 | ......")


def test_nothing_in_a_spec_steers_the_terminal() -> None:
    finding = Diagnostic("OFC101", "key `\x1b[2J\u202e`", span(1, 1, 2), "\x07")
    text = rendered("\x1b[31m: 1", finding)
    assert text.isprintable() or set(text) - {"\n"} == {c for c in text if c.isprintable()}
    assert "\\u{1b}[2J\\u{202e}" in text


def test_colors_only_where_asked() -> None:
    finding = Diagnostic("OFC101", "m", span(1, 1, 2), "x", "h")
    colored = rendered("a: 1", finding, color=True)
    assert "\x1b[1;31merror[OFC101]\x1b[0m" in colored
    plain = colored
    for code in ("\x1b[1m", "\x1b[1;31m", "\x1b[1;34m", "\x1b[0m"):
        plain = plain.replace(code, "")
    assert plain == rendered("a: 1", finding)


@given(
    st.text(max_size=300),
    st.integers(1, 400),
    st.integers(0, 400),
    st.integers(1, 9),
    st.integers(0, 3),
)
def test_any_text_and_any_span_give_lines_that_align(
    text: str, column: int, length: int, line: int, more: int
) -> None:
    place = Span("spec.yaml", line, column, line + more, column + length)
    shown = rendered(text, Diagnostic("OFC101", text, place, text)).splitlines()
    assert shown[1].endswith(f" --> spec.yaml:{line}:{column}")
    assert all(c.isprintable() or cells(c) == 0 for row in shown for c in row)


@given(st.text())
def test_width_is_that_of_what_is_shown(text: str) -> None:
    assert cells(text) == cells(visible(text))
