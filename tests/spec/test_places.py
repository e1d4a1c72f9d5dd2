"""Whether something stands in one of many stretches of files."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.places import Places
from omniforce.spec.source import Span

SPANS = st.builds(
    Span, st.sampled_from("ab"), *(st.integers(1, 4) for _ in range(4))
).filter(lambda s: (s.line, s.column) <= (s.end_line, s.end_column))  # fmt: skip


@given(st.lists(SPANS, max_size=8), SPANS)
def test_it_is_as_looking_at_each_of_them(spans: list[Span], asked: Span) -> None:
    expected = any(
        s.file == asked.file
        and (s.line, s.column) <= (asked.line, asked.column)
        and (asked.end_line, asked.end_column) <= (s.end_line, s.end_column)
        for s in spans
    )
    assert Places(spans).around(asked) is expected
