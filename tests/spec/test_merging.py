"""The merge of three versions of a spec: by keys and items, not by lines."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from omniforce.spec.blocks.long_form import plain
from omniforce.spec.formatting.formatter import format_source
from omniforce.spec.merging import merge
from omniforce.spec.source import Source
from omniforce.spec.yaml.reader import read_yaml
from tests.support import layouts

BASE = """\
# what it is
spec:
  search:
    budget: {trials: 24}
    parallelism: 2 # cores
  objectives:
    - maximize accuracy
    - minimize latency.p95 on server
  searchSpace:
    width: 8...64
    optimizer: {adam, sgd}
"""


def merged(ours: str, theirs: str, base: str = BASE) -> tuple[str, int]:
    made = merge(Source("base", base), Source("ours", ours), Source("theirs", theirs))
    assert made is not None
    return made.text, made.conflicts


def changed(*pairs: tuple[str, str]) -> str:
    text = BASE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


CASES = {
    "two keys on one line": (
        changed(("trials: 24", "trials: 48")),
        changed(("trials: 24", "trials: 24, wallClock: 2h")),
        changed(("trials: 24", "trials: 48, wallClock: 2h")),
    ),
    "two lines beside each other": (
        changed(("trials: 24", "trials: 48")),
        changed(("parallelism: 2", "parallelism: 4")),
        changed(("trials: 24", "trials: 48"), ("parallelism: 2", "parallelism: 4")),
    ),
    "both add to a list": (
        changed(("on server\n", "on server\n    - require size <= 2MiB on server\n")),
        changed(("on server\n", "on server\n    - maximize recall\n")),
        changed(
            (
                "on server\n",
                "on server\n    - require size <= 2MiB on server\n    - maximize recall\n",
            )
        ),
    ),
    "both add a key in one place": (
        changed(("width: 8...64\n", "width: 8...64\n    # how many\n    depth: 2...5\n")),
        changed(("width: 8...64\n", "width: 8...64\n    dropout: 0...0.5\n")),
        changed(
            (
                "width: 8...64\n",
                "width: 8...64\n    # how many\n    depth: 2...5\n    dropout: 0...0.5\n",
            )
        ),
    ),
    "both add to a set": (
        changed(("{adam, sgd}", "{adam, lion, sgd}")),
        changed(("{adam, sgd}", "{adam, sgd, rmsprop}")),
        changed(("{adam, sgd}", "{adam, lion, sgd, rmsprop}")),
    ),
    "one takes away what the other left": (
        changed(("    width: 8...64\n", "")),
        changed(("trials: 24", "trials: 48")),
        changed(("    width: 8...64\n", ""), ("trials: 24", "trials: 48")),
    ),
    "both to the same": (
        changed(("trials: 24", "trials: 48")),
        changed(("trials: 24", "trials: 48"), ("# cores", "# workers")),
        changed(("trials: 24", "trials: 48"), ("# cores", "# workers")),
    ),
    "one moves a block over lines, the other changes it": (
        changed(("budget: {trials: 24}", "budget:\n      trials: 24 # enough")),
        changed(("trials: 24", "trials: 48")),
        changed(("budget: {trials: 24}", "budget:\n      trials: 48 # enough")),
    ),
    "an item of a list that only one changed": (
        changed(("maximize accuracy", "maximize recall")),
        changed(("latency.p95", "latency.p99")),
        changed(("maximize accuracy", "maximize recall"), ("latency.p95", "latency.p99")),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_merge_without_a_conflict(name: str) -> None:
    ours, theirs, expected = CASES[name]
    assert merged(ours, theirs) == (expected, 0)


def test_one_value_changed_to_two_is_a_conflict_with_the_usual_markers() -> None:
    text, conflicts = merged(
        changed(("parallelism: 2", "parallelism: 3")), changed(("parallelism: 2", "parallelism: 4"))
    )
    assert conflicts == 1
    assert text == changed(
        (
            "    parallelism: 2 # cores\n",
            (
                "<<<<<<< ours\n    parallelism: 3 # cores\n=======\n"
                "    parallelism: 4 # cores\n>>>>>>> theirs\n"
            ),
        )
    )


def test_what_one_changed_and_the_other_took_away_is_a_conflict() -> None:
    text, conflicts = merged(changed(("8...64", "8...128")), changed(("    width: 8...64\n", "")))
    assert conflicts == 1
    assert "<<<<<<< ours\n    width: 8...128\n=======\n>>>>>>> theirs\n" in text


def test_a_conflict_in_braces_is_one_of_the_whole_line() -> None:
    text, conflicts = merged(
        changed(("trials: 24", "trials: 48")), changed(("trials: 24", "trials: 96"))
    )
    assert conflicts == 1
    assert "<<<<<<< ours\n    budget: {trials: 48}\n=======\n    budget: {trials: 96}\n" in text


def test_two_files_that_both_sides_added_are_merged_as_far_as_they_agree() -> None:
    assert merged("a: 1\nb: 2\n", "a: 1\nc: 3\n", base="") == ("a: 1\nb: 2\nc: 3\n", 0)


@pytest.mark.parametrize("broken", ["a: [1", "", "word"])
def test_what_is_no_spec_is_left_to_git(broken: str) -> None:
    assert merge(Source("b", BASE), Source("o", BASE), Source("t", broken)) is None


def test_an_alias_without_its_anchor_is_left_to_git() -> None:
    base = "a: &x 1\nb: 1\nc: 1\n"
    ours, theirs = "b: 1\nc: 1\n", "a: &x 1\nb: 1\nc: *x\n"
    assert merge(Source("b", base), Source("o", ours), Source("t", theirs)) is None


def values(text: str) -> object:
    tree, _ = read_yaml(Source("spec.yaml", text))
    return None if tree is None else plain(tree)


def good(text: str) -> bool:
    tree, found = read_yaml(Source("spec.yaml", text))
    return tree is not None and not found


UNHURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


@settings(max_examples=100, suppress_health_check=UNHURRIED)
@given(layouts.blocks().filter(good), layouts.blocks().filter(good))
def test_who_changed_nothing_gets_what_the_other_has(base: str, other: str) -> None:
    house = format_source(Source("spec.yaml", other))
    for ours, theirs in ((base, other), (other, base), (other, other)):
        made = merge(Source("b", base), Source("o", ours), Source("t", theirs))
        if made is None:
            continue  # an alias or an anchor of one side only
        assert made.conflicts == 0
        assert isinstance(house, str)
        assert values(made.text) == values(house)
