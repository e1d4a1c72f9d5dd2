"""Curves drawn in characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from omniforce.runtime.watching.chart import Curve, chart


def drawn(*curves: Curve, width: int = 8, height: int = 2) -> list[str] | None:
    made = chart(curves, width, height, lambda value: f"{value:g}")
    return None if made is None else ["".join(c for c, _ in row) for row in made.rows]


def test_a_line_goes_from_corner_to_corner() -> None:
    assert drawn(Curve(((0, 0), (1, 1)), "")) == ["⠀⠀⠀⠀⣀⠤⠒⠉", "⣀⠤⠒⠉⠀⠀⠀⠀"]


def test_ends_are_named_and_the_last_curve_has_the_colour() -> None:
    made = chart([Curve(((1, 5), (3, 5)), "red"), Curve(((3, 5), (9, 10)), "blue")], 4, 1, str)
    assert made is not None
    assert (made.top, made.bottom, made.left, made.right) == ("10", "5", "1", "9")
    assert [style for _, style in made.rows[0]] == ["red", "blue", "blue", "blue"]


def test_what_is_not_finite_is_left_out_and_nothing_is_no_chart() -> None:
    nan, inf = float("nan"), float("inf")
    assert drawn(Curve(((0, nan), (1, inf)), "")) is None
    assert drawn() is None
    assert drawn(Curve(((0, nan), (1, 2)), ""), width=2, height=1) is not None


@given(
    points=st.lists(st.tuples(st.floats(), st.floats()), max_size=20),
    width=st.integers(0, 30),
    height=st.integers(0, 8),
)
def test_any_points_fit(points: list[tuple[float, float]], width: int, height: int) -> None:
    rows = drawn(Curve(tuple(points), ""), width=width, height=height)
    assert rows is None or [len(row) for row in rows] == [width] * height
