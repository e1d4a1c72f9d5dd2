"""A program as a drawing: the same bytes each time, nothing on top of another, valid everywhere."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.graph.diagram import ROLES, Arrow, Card, Diagram, diagram_of
from omniforce.compiler.graph.layout import Measures, lay_out
from omniforce.compiler.graph.mermaid import to_mermaid
from omniforce.compiler.graph.svg import description, to_svg
from omniforce.compiler.ir.program import OUTPUTS
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.load import load
from omniforce.spec.read_source import read_source
from omniforce.spec.source import Source

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def example(name: str) -> Diagram:
    source = read_source(str(ROOT / "examples" / name / "omniforce.yaml"))
    assert isinstance(source, Source)
    program = compile_study(load(source), catalogue()).program
    assert program is not None
    return diagram_of(program)


SMALL = Diagram(
    "small",
    (
        Card("prepare", "prepare", "data", ("sklearn://digits",)),
        Card("search", "search", "search", ()),
        Card("watch", "watch", "serve", ('psi > 0.2 | "x"; [y]',)),
    ),
    (Arrow("prepare", "search", "data"), Arrow("search", "watch")),
)


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    """Any small DAG whose arrows go forwards, as those of a program do."""
    count = draw(st.integers(1, 9))
    cards = tuple(Card(f"s{i}", "train", "model", ()) for i in range(count))
    pairs = draw(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=16))
    arrows = [(a, b) for a, b in pairs if a < b < count]
    return Diagram("d", cards, tuple(Arrow(f"s{a}", f"s{b}", "x") for a, b in arrows))


def test_mermaid_has_a_card_for_each_step_and_an_arrow_for_each_thing_handed_on() -> None:
    assert (
        to_mermaid(SMALL)
        == """\
flowchart LR
  accTitle: small
  s0["<b>prepare</b><br/>sklearn://digits"]:::data
  s1["<b>search</b>"]:::search
  s2["<b>watch</b><br/>psi #62; 0.2 #124; #34;x#34;#59; #91;y#93;"]:::serve
  s0 -->|data| s1
  s1 -.-> s2
  classDef data fill:#d5f2ec,stroke:#0f766e,color:#134e4a
  classDef search fill:#e6e0fb,stroke:#6d28d9,color:#3b0d84
  classDef serve fill:#d9f3dd,stroke:#15803d,color:#0f4d25
"""
    )


def test_the_drawing_is_told_in_words_to_who_cannot_see_it() -> None:
    assert description(SMALL) == ("prepare. search: data of prepare. watch: waits for search.")
    root = ElementTree.fromstring(to_svg(SMALL))
    assert (root.attrib["role"], root.attrib["aria-labelledby"]) == ("img", "title desc")
    assert root.findtext(f"{SVG}title") == "The program of small"
    assert root.findtext(f"{SVG}desc") == description(SMALL)


@pytest.mark.parametrize("name", ["digits-edge", "diabetes-tabular", "paper-listing-2"])
def test_an_example_is_drawn_the_same_each_time_and_asks_nobody_for_anything(name: str) -> None:
    drawn = to_svg(example(name))
    assert drawn == to_svg(example(name))
    root = ElementTree.fromstring(drawn)
    assert len(list(root.iter(f"{SVG}g"))) == len(example(name).cards) + 1
    assert set(re.findall(r"\w+://[^\s<\",]+", drawn)) <= {
        "http://www.w3.org/2000/svg",
        "sklearn://digits",
        "sklearn://diabetes",
    }
    assert "prefers-color-scheme: dark" in drawn


def test_each_kind_of_step_has_a_colour() -> None:
    assert set(ROLES) == set(OUTPUTS)


@given(diagrams())
def test_no_card_lies_on_another_and_no_arrow_goes_back(diagram: Diagram) -> None:
    measures = Measures()
    layout = lay_out(diagram, measures)
    places = [layout.corners[c.name] for c in diagram.cards]
    for i, (x, y) in enumerate(places):
        assert 0 <= x <= layout.width - measures.width + 1e-6
        assert -1e-6 <= y <= layout.height - measures.height + 1e-6
        for other_x, other_y in places[:i]:
            assert x != other_x or abs(y - other_y) >= measures.height
    for path in layout.paths:
        assert all(a[0] < b[0] for a, b in pairwise(path))


@given(diagrams())
def test_no_arrow_goes_through_a_card(diagram: Diagram) -> None:
    measures = Measures()
    layout = lay_out(diagram, measures)
    for arrow, path in zip(diagram.arrows, layout.paths, strict=True):
        for (x, y), (to_x, _) in zip(path[2::2], path[3::2], strict=False):
            for name, (left, top) in layout.corners.items():
                if name not in (arrow.source, arrow.target) and left == x:
                    assert to_x == left + measures.width
                    assert not top < y < top + measures.height


@given(st.text(), st.text())
def test_no_name_can_break_the_drawing(name: str, line: str) -> None:
    card = Card(name or "x", "train", "model", (line,))
    diagram = Diagram(name, (card,), ())
    ElementTree.fromstring(to_svg(diagram))
    text = to_mermaid(diagram)
    assert len(text.split("\n")) == 5
