"""`fix`: what is safe is done, again and again, and nothing gets worse."""

from __future__ import annotations

from pathlib import Path

import pytest

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.fixing import fix
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.diagnostic import Diagnostic, Edit
from omniforce.spec.edits import apply_edits
from omniforce.spec.fix import distance, is_sure
from omniforce.spec.load import load
from omniforce.spec.read_source import read_source
from omniforce.spec.source import Source, Span
from omniforce.spec.yaml.comments import comments

BROKEN = sorted((Path(__file__).parents[1] / "errors").glob("*.yaml"))


def diagnose(source: Source) -> tuple[Diagnostic, ...]:
    loaded = load(source)
    return (
        loaded.diagnostics if loaded.has_errors else compile_study(loaded, catalogue()).diagnostics
    )


def spec(inner: str, space: str = "lr: 1e-4...1e-1 log", head: str = "v1alpha2") -> str:
    return (
        f"apiVersion: omniforce.dev/{head}\nkind: OmniForce\nmetadata: {{name: digits}}\nspec:\n"
        "  data: {source: 'file:///rows.csv', target: label}\n"
        "  algorithm: {estimator: 'm:M', image: 'r/i:1', metrics: [accuracy]}\n"
        f"  searchSpace: {{{space}}}\n{inner}"
    )


SEARCH = "  objectives: [maximize accuracy]\n  search: {budget: {trials: 8}}\n"
DEVICE = (
    "  objectives: [maximize accuracy, minimize latency.p95 on server]\n"
    "  search: {budget: {trials: 8}}\n  devices: {server: {runtime: onnx}}\n"
)

FIXES = {
    "OFC101": (spec(SEARCH.replace("trials", "trails")), "trails", "trials"),
    "OFC103": (spec(SEARCH.replace("8}", "'8'}")), "'8'", "8"),
    "OFC105": (spec(DEVICE.replace("onnx", "onxx")), "onxx", "onnx"),
    "OFC110": (spec(SEARCH).replace("omniforce.dev/v", "v"), "v1", "omniforce.dev/v1"),
    "OFC112": (
        spec(DEVICE + "  deployment: {to: server, log: true}\n"),
        "log: true",
        "logger: all",
    ),
    "OFC201": (spec(SEARCH.replace("maximize", "maximise")), "maximise", "maximize"),
    "OFC202": (spec(SEARCH, "lr: 1e-1...1e-4 log"), "1e-1...1e-4", "1e-4...1e-1"),
    "OFC204": (
        spec(SEARCH, "opt: {type: choice, range: {adam, lion}, default: adan}"),
        "adan",
        "adam",
    ),
    "OFC205": (spec(SEARCH.replace("8}", "8, wallClock: 2hours}")), "2hours", "2h"),
    "OFC207": (spec(SEARCH, "depth: 1...3, w: {range: 1...2, when: detph > 1}"), "detph", "depth"),
    "OFC209": (
        spec(SEARCH, "opt: {adam, lion}, w: {range: 1...2, when: opt == adan}"),
        "adan",
        "adam",
    ),
    "OFC210": (spec(SEARCH, "k: {type: categorical, range: {a, b}}"), "categorical", "choice"),
    "OFC211": (spec(SEARCH, "k: {range: [a, b, a]}"), "[a, b, a]", "[a, b]"),
    "OFC308": (spec(DEVICE.replace("on server", "on sever")), "on sever", "on server"),
    "OFC309": (spec(DEVICE.replace(" on server", "")), "latency.p95", "latency.p95 on server"),
    "OFC334": (
        spec(SEARCH).replace("file:///rows.csv", "sklearn://digit"),
        "sklearn://digit",
        "sklearn://digits",
    ),
    "OFC330": (spec(SEARCH.replace("8}", "8}, strategy: randm")), "randm", "random"),
}


@pytest.mark.parametrize("code", FIXES)
def test_a_finding_of_each_code_is_fixed(code: str) -> None:
    text, old, new = FIXES[code]
    made = fix(Source("spec.yaml", text), diagnose)
    assert code in [d.code for d in made.done]
    assert made.text == text.replace(old, new, 1)
    assert [d for d in made.left if d.is_error] == []


def test_a_tab_is_fixed_and_then_what_it_hid() -> None:
    text = spec(SEARCH.replace("  search", "\tsearch")).replace("OmniForce", "Omniforce")
    made = fix(Source("spec.yaml", text), diagnose)
    assert [d.code for d in made.done] == ["OFC005", "OFC105"]
    assert made.text == spec(SEARCH)


def test_a_file_that_is_indented_with_tabs_is_fixed_at_once() -> None:
    good = spec(SEARCH) + "  x-text: |\n    a\n\n"
    text = good.replace("\n  ", "\n\t").replace("\t  a", "    a")
    made = fix(Source("spec.yaml", text), diagnose)
    assert [d.code for d in made.done] == ["OFC005"]
    assert made.text == good


INDENTED = {
    "a sibling of four spaces": (
        "spec:\n    data: 1\n\tsearch: 2\n",
        "spec:\n    data: 1\n    search: 2\n",
    ),
    "the first of siblings": (
        "spec:\n\tdata: 1\n    search: 2\n",
        "spec:\n    data: 1\n    search: 2\n",
    ),
    "under a key of two spaces": (
        "spec:\n  search:\n\tbudget: 8\n",
        "spec:\n  search:\n    budget: 8\n",
    ),
    "under a key, others have three": (
        "spec:\n   data:  # rows\n\t\tsource: 1\n   search: 2\n",
        "spec:\n   data:  # rows\n      source: 1\n   search: 2\n",
    ),
    "behind spaces": ("spec:\n  data: 1\n \tsearch: 2\n", "spec:\n  data: 1\n  search: 2\n"),
    "items and what is in them": (
        "goals:\n\t- a: 1\n\t  b: 2\n\n\t# two\n\t- a: 3\n",
        "goals:\n  - a: 1\n    b: 2\n\n  # two\n  - a: 3\n",
    ),
    "empty lines": ("spec:\n\tdata: 1\n\t\n\tsearch: 2\n", "spec:\n  data: 1\n\n  search: 2\n"),
    "the end of a line is two characters": (
        "spec:\r\n    data: 1\r\n\tsearch: 2\r\n",
        "spec:\r\n    data: 1\r\n    search: 2\r\n",
    ),
    "a key behind items": (
        "spec:\n  goals:\n    - a\n\tsearch: 1\n",
        "spec:\n  goals:\n    - a\n  search: 1\n",
    ),
    "an item behind what is in one": (
        "goals:\n  - a:\n      b: 1\n\t- c\n",
        "goals:\n  - a:\n      b: 1\n  - c\n",
    ),
    "one of two blocks": ("spec:\n  search:\n    budget: 8\n\tseed: 1\n", None),
    "no block": ("data: 1\n\tsearch: 2\n", None),
}


@pytest.mark.parametrize("words", INDENTED)
def test_a_tab_becomes_the_spaces_that_the_lines_around_it_have(words: str) -> None:
    text, expected = INDENTED[words]
    found = load(Source("spec.yaml", text)).diagnostics
    assert [d.code for d in found] == ["OFC005"]
    assert apply_edits(text, found[0].edits) == (expected or text)
    assert bool(found[0].edits) == (expected is not None)


def test_what_is_only_likely_is_left_unless_asked_for() -> None:
    text = spec(SEARCH, "lr: {range: 1...2, scale: logarithmic}")
    assert fix(Source("spec.yaml", text), diagnose).text == text
    made = fix(Source("spec.yaml", text), diagnose, unsafe=True)
    assert [d.code for d in made.done] == ["OFC105"]


def test_a_value_of_a_parameter_is_not_written_over() -> None:
    text = spec(SEARCH.replace("8}", "8}, strategy: $(params.s)")).replace(
        "spec:\n", "spec:\n  params: {s: {type: string, default: randm}}\n", 1
    )
    made = fix(Source("spec.yaml", text), diagnose)
    assert made.text == text


def test_an_edit_that_makes_new_errors_is_taken_back_and_the_others_done() -> None:
    place = [Span("s", 1, n, 1, n + 1) for n in range(1, 4)]

    def three(source: Source) -> tuple[Diagnostic, ...]:
        found = [
            Diagnostic(f"OFC{n}", letter, place[n], edits=(Edit(place[n], letter.upper()),))
            for n, letter in enumerate("abc")
            if source.text[n] == letter
        ]
        bad = [Diagnostic("OFC9", f"worse {n}", None) for n in range(2)]
        return (*found, *(bad if "B" in source.text else ()))

    made = fix(Source("s", "abc"), three)
    assert (made.text, [d.code for d in made.refused]) == ("AbC", ["OFC1"])


def test_two_edits_of_one_place_are_done_one_after_the_other() -> None:
    place = Span("s", 1, 1, 1, 2)

    def both(source: Source) -> tuple[Diagnostic, ...]:
        edits = {"a": ("b", "c"), "b": ("c",), "c": ()}[source.text]
        return tuple(Diagnostic(f"OFC{t}", t, place, edits=(Edit(place, t),)) for t in edits)

    assert fix(Source("s", "a"), both).text in ("b", "c")


def test_edits_that_undo_each_other_come_to_an_end() -> None:
    place = Span("s", 1, 1, 1, 2)

    def turning(source: Source) -> tuple[Diagnostic, ...]:
        other = "b" if source.text == "a" else "a"
        return (Diagnostic("OFC1", other, place, edits=(Edit(place, other),)),)

    made = fix(Source("s", "a"), turning)
    assert made.text in ("a", "b")
    assert [d.code for d in made.refused] == ["OFC1"]


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.stem)
def test_no_broken_spec_gets_worse(path: Path, unsafe: bool) -> None:
    source = read_source(path)
    if not isinstance(source, Source):
        return
    before = diagnose(source)
    made = fix(source, diagnose, unsafe=unsafe)
    again = fix(Source(source.name, made.text), diagnose, unsafe=unsafe)
    assert again.text == made.text
    assert len(comments(Source("", made.text))) >= len(comments(source))
    readable = not any(d.code in ("OFC004", "OFC005") for d in before)
    if readable:
        assert sum(d.is_error for d in made.left) <= sum(d.is_error for d in before)


@pytest.mark.parametrize(
    ("written", "meant", "known", "sure"),
    [
        ("wall_clock", "wallClock", (), True),
        ("targt", "target", (), True),
        ("trails", "trials", (), True),
        ("paralelizm", "parallelism", (), True),
        ("paraleliz", "parallelism", (), False),
        ("paralelism", "parallelism", (), True),
        ("conv1", "conv2", (), False),
        ("adm", "adam", (), True),
        ("sg", "sgd", (), False),
        ("layerx", "layera", ("layerb",), False),
        ("width", "depth", (), False),
    ],
)
def test_a_slip_of_the_pen_is_told_from_another_word(
    written: str, meant: str, known: tuple[str, ...], sure: bool
) -> None:
    assert is_sure(written, meant, (meant, *known)) is sure


def test_the_distance_counts_letters_and_swaps() -> None:
    pairs = (("abc", "abc"), ("abc", "acb"), ("abc", "abcd"), ("abc", "xbz"), ("abc", "xyz"))
    assert [distance(a, b, 3) for a, b in pairs] == [0, 1, 1, 2, 3]
    assert distance("abc", "xyz", 1) == 2
