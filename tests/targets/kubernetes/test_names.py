"""Names that every controller can still add to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from omniforce.targets.platforms.kubernetes.names import content_name, is_label, named
from tests.support.programs import program

STUDIES = st.from_regex(r"[a-z]([-a-z0-9]{0,80}[a-z0-9])?", fullmatch=True)
PARTS = st.from_regex(r"[a-z]([-a-z0-9]{0,30}[a-z0-9])?", fullmatch=True)


def test_a_short_name_is_the_study_and_the_part() -> None:
    assert named("digits-edge", "search") == "digits-edge-search"
    assert named("digits-edge", "") == "digits-edge"


def test_a_long_name_keeps_its_part_and_gets_a_hash() -> None:
    assert named("a" * 70, "deadletter") == f"{'a' * 43}-98ac6bcd-deadletter"
    assert named("a" * 70, "", 40) == f"{'a' * 31}-6bd5e503"


@given(STUDIES, PARTS, st.sampled_from([40, 63]))
def test_every_name_is_a_label(study: str, part: str, longest: int) -> None:
    assert is_label(named(study, part, longest), longest)


@given(STUDIES, STUDIES, PARTS)
def test_two_long_studies_never_share_a_name(one: str, other: str, part: str) -> None:
    assert (named(one, part) == named(other, part)) == (one == other)


def test_what_is_no_label() -> None:
    for name in ("", "9a", "a.b", "A", "a-", "-a", "a" * 64, "a_b", "é"):
        assert not is_label(name), name


def test_new_content_is_a_new_name() -> None:
    assert content_name(program(), "study", "a") == "digits-edge-study-ca978112"
    assert content_name(program(), "study", "b") == "digits-edge-study-3e23e816"
