"""Laws of `ofc fmt`: it changes no value and no comment, and a second time it changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from omniforce.spec.blocks.long_form import plain
from omniforce.spec.formatting.formatter import format_source
from omniforce.spec.load import load
from omniforce.spec.read_source import read_source
from omniforce.spec.source import Source
from omniforce.spec.yaml.comments import comments
from omniforce.spec.yaml.reader import read_yaml
from tests.support import layouts
from tests.support.specs import EVERYTHING, SMALL

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for folder in ("examples", "tests/errors", "tests/golden", "compiler/cli")
    for path in (ROOT / folder).rglob("*.yaml")
    if "out" not in path.parts
)


def formatted(text: str) -> str | None:
    """The house form; None where the text is not YAML."""
    made = format_source(Source("spec.yaml", text))
    return made if isinstance(made, str) else None


def texts_of(text: str) -> list[str]:
    return sorted(comment.text for comment in comments(Source("spec.yaml", text)))


def values_of(text: str) -> object:
    tree, _ = read_yaml(Source("spec.yaml", text))
    return None if tree is None else plain(tree)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(layouts.blocks())
def test_whatever_the_layout_the_values_and_comments_stay(text: str) -> None:
    made = formatted(text)
    if made is None:
        return
    assert formatted(made) == made
    assert texts_of(made) == texts_of(text)
    assert values_of(made) == values_of(text)
    assert "\t" not in made
    assert made.endswith("\n")


@settings(max_examples=300)
@given(st.text(st.sampled_from("ab:-#|>'\"{}[],&*! \n?%"), max_size=40))
@example("a: |\n x")
@example("- |+\n\n a\n\n\n")
@example("a: &b://c\n")
@example("a:\n- 1\n# c\n- 2\n  # d\nb: 2\n")
@example("? a\n: b\n")
@example("[a: 1, ? b : c]")
@example("a: 'x''y'\r\nb: \"\\\r\n c\"\r\n")
def test_any_text_is_formatted_or_left_alone(text: str) -> None:
    made = formatted(text)
    if made is not None:
        assert formatted(made) == made


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_spec_here_means_the_same_afterwards(path: Path) -> None:
    source = read_source(path)
    if not isinstance(source, Source):
        return
    made = formatted(source.text)
    if made is None:
        return
    assert formatted(made) == made
    before, after = load(source), load(Source(source.name, made))
    assert after.study == before.study
    assert [d.code for d in after.diagnostics] == [d.code for d in before.diagnostics]
    assert texts_of(made) == texts_of(source.text)


ENDS = ("", "", "   ", " # why", "\n", "\n    # alone", "\n\n\n")


@st.composite
def restyled(draw: st.DrawFn) -> str:
    """A good spec with other empty lines, spaces at the end of lines and comments."""
    lines = draw(st.sampled_from((SMALL, EVERYTHING))).rstrip("\n").split("\n")
    ends = draw(st.lists(st.sampled_from(ENDS), min_size=len(lines), max_size=len(lines)))
    return "".join(
        f"{line}{end if '|' not in line and '$(' not in line else ''}\n"
        for line, end in zip(lines, ends, strict=True)
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(restyled())
def test_a_spec_in_any_style_is_the_same_study_afterwards(text: str) -> None:
    made = formatted(text)
    assert made is not None
    assert formatted(made) == made
    before, after = load(Source("spec.yaml", text)), load(Source("spec.yaml", made))
    assert before.study is not None
    assert after.study == before.study
    assert texts_of(made) == texts_of(text)
