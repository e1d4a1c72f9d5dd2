"""Laws of search spaces: any text is a space or findings, and any point of a space is whole."""

from __future__ import annotations

import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from omniforce.spec.arguments import to_arguments
from omniforce.spec.blocks.search_space import SearchSpaceReader
from omniforce.spec.expression.parse import parse
from omniforce.spec.expression.syntax_problem import SyntaxProblem
from omniforce.spec.expression.tree import Expression
from omniforce.spec.plain.values import from_plain, to_plain
from omniforce.spec.readers import Reading
from omniforce.spec.resolving.constraints import join_constraints
from omniforce.spec.source import Source
from omniforce.spec.space import Space, active, prune, validate
from omniforce.spec.yaml.reader import read_yaml
from omniforce.strategies.points.sampling import Sampler
from omniforce.strategies.protocol import EmptySpace

DOMAINS = {
    "number": ("1...5", "0...3", "0.5...4.0", "1e-3...1e1 log", "1...5 prior normal(2, 1)"),
    "word": ("choice {x, y}", "choice {x, y, z}"),
    "order": ("permutation {x, y, z}",),
    "some": ("subset {x, y, z}", "subset {x, y, z} size 1...2"),
}
TERMS = (
    "{number} + {other}",
    "{number} * 2 ** {other}",
    "{number} / ({other} - 2)",
    "{number} // 2 % 3",
    "sum({number})",
    "max({number}, {other}) - min({number})",
    "log2({number}) + sqrt({other})",
    "round({number} / 3)",
    "size({some})",
    "position({order}, x)",
    "sum({number} * {other})",
    "{number}",
    "0.9",
)
TESTS = (
    "{number} > 1",
    "{word} == x",
    "x in {some}",
    "not y in {some}",
    "{word} in {some}",
    "size({some}) <= 2",
    "position({order}, x) < position({order}, z)",
    "sum({number}) <= 8",
    "max({number}) >= {other}",
    "{number} <= {other}",
    "{number}[0] >= 1",
    "sum({number}[0...1]) < 9",
    "{number} in {{2, 4}} or {other} > 1",
)


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A few parameters that mostly fit together, and constraints over them."""
    kinds: dict[str, list[str]] = {"number": ["n"], "word": [], "order": [], "some": []}
    rows = ['n: "1...2"']

    def filled(forms: tuple[str, ...]) -> str:
        # Now and then a name of another kind, or one that comes later.
        def one(kind: str) -> str:
            return draw(st.sampled_from(kinds[kind] or ["n", "later"]))

        form = draw(st.sampled_from([f for f in forms if _fits(f, kinds)]))
        given_ = {kind: one(kind) for kind in kinds} | {"other": one("number")}
        return form.format(**given_)

    for at in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from([*DOMAINS, "number", "computed", "computed"]))
        computed = kind == "computed"
        text = f"= {filled(TERMS)}" if computed else draw(st.sampled_from(DOMAINS[kind]))
        if not draw(st.integers(0, 2)):
            text += f", count {draw(st.sampled_from(['n', 'n', 2]))}"
            text += draw(st.sampled_from(["", " shared"]))
        if not draw(st.integers(0, 2)):
            text += f", when {filled(TESTS)}"
        rows.append(f'p{at}: "{text}"')
        kinds["number" if computed else kind].append(f"p{at}")
    if draw(st.booleans()):
        inside = draw(st.sampled_from(['"1...3"', '"= 2 * m"', '"permutation {x, y}"', '"= n"']))
        shared = draw(st.sampled_from(["", "shared: true, "]))
        rows.append(f"m: {{type: int, range: 0...2, {shared}submodule: {{k: {inside}}}}}")
    if draw(st.booleans()):
        graph = draw(st.sampled_from(["nodes: 3", "edges: [0>1]", "edges: [1>2, 0>1], absent: x"]))
        rows.append(f"g: {{type: choice, range: {{x, y}}, graph: {{{graph}}}}}")
    return "\n".join(rows), [filled(TESTS) for _ in range(draw(st.integers(0, 2)))]


def _fits(form: str, kinds: dict[str, list[str]]) -> bool:
    return all(kinds[kind] for kind in kinds if f"{{{kind}}}" in form)


def joined(text: str, constraints: list[str]) -> Space | None:
    node, _ = read_yaml(Source("s.yaml", text))
    assert node is not None
    reading = Reading()
    made = SearchSpaceReader().read(node, ("searchSpace",), reading)
    assert isinstance(made, Space) or reading.found
    if not isinstance(made, Space):
        return None
    trees: list[Expression] = [parse("condition", c) for c in constraints]  # type: ignore[misc]
    found = join_constraints(made, trees)
    return None if found.faults else found.space


@given(texts(), st.integers(0, 2**32))
@settings(max_examples=300)
def test_a_point_of_any_space_is_valid_and_has_arguments(
    text: tuple[str, list[str]], seed: int
) -> None:
    space = joined(*text)
    if space is None:
        return
    sampler, generator = Sampler.of(space), Random(seed)
    try:
        points = [sampler.random(generator) for _ in range(2)] + sampler.many(3, generator)
    except EmptySpace:
        return
    for point in points:
        assert validate(space, point) == ()
        assert prune(space, point) == point
        assert len(active(space, point)) == len(point)
        arguments = to_arguments(space, point)
        assert json.loads(json.dumps(arguments)) == arguments
        moved = sampler.neighbour(point, generator, 0.2)
        assert validate(space, moved) == ()


@given(texts())
@settings(max_examples=150)
def test_any_space_has_a_plain_form(text: tuple[str, list[str]]) -> None:
    space = joined(*text)
    if space is not None:
        assert from_plain(Space, json.loads(json.dumps(to_plain(space)))) == space


@given(st.text(alphabet="=abx0123456789.{}[]()<>*/%+-, _:") | st.text())
@settings(max_examples=300)
def test_any_short_form_is_a_parameter_or_findings(text: str) -> None:
    quoted = json.dumps(text)
    node, _ = read_yaml(Source("s.yaml", f'a: {quoted}\nb: "1...3"\nx: "subset {{a, b}}"'))
    if node is None:
        return
    reading = Reading()
    made = SearchSpaceReader().read(node, ("searchSpace",), reading)
    assert isinstance(made, Space) is not bool(reading.found)


@given(
    st.sampled_from(["a", "c", "order"]),
    st.text(alphabet="abcordexyz0123456789.{}[]()<>*/%+-=, ", max_size=30),
)
@settings(max_examples=300)
def test_any_condition_over_a_space_is_one_or_findings(name: str, text: str) -> None:
    try:
        tree = parse("condition", f"{name} {text}")
    except SyntaxProblem:
        return
    node, _ = read_yaml(
        Source("s.yaml", 'a: "1...3"\nc: "1...3 count a"\norder: "permutation {x, y}"')
    )
    assert node is not None
    made = SearchSpaceReader().read(node, (), Reading())
    assert isinstance(made, Space)
    join_constraints(made, [tree])  # type: ignore[list-item]
