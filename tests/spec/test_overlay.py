"""One document over another: by key, by word, every value with its own place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniforce.spec.blocks.long_form import plain
from omniforce.spec.layers.overlay import lay_over
from omniforce.spec.load import Loaded, load
from omniforce.spec.nodes import MappingNode, Node
from omniforce.spec.source import Source
from omniforce.spec.yaml.reader import read_yaml
from omniforce.spec.yaml.text import Plain, to_yaml
from tests.support.specs import EVERYTHING, SMALL


def node(text: str, name: str = "f") -> Node:
    found, faults = read_yaml(Source(name, text))
    assert faults == ()
    assert found is not None
    return found


def laid(below: str, *above: str) -> Plain:
    """What comes of texts that lie over each other without a complaint."""
    made = node(below)
    for text in above:
        over = lay_over(made, node(text))
        assert over.found == ()
        made = over.document
    return plain(made)


def said(below: str, above: str) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in lay_over(node(below), node(above)).found]


@pytest.mark.parametrize(
    ("below", "above", "together"),
    [
        ("{a: {b: 1, c: 2}}", "{a: {c: 3}}", {"a": {"b": 1, "c": 3}}),
        ("{a: 1}", "{b: 2}", {"a": 1, "b": 2}),
        ("{a: {b: 1}}", "{a: x}", {"a": "x"}),
        ("{a: x}", "{a: {b: 1}}", {"a": {"b": 1}}),
        ("{a: [1, 2]}", "{a: [3]}", {"a": [3]}),
        ("{a: {sgd, adam}}", "{a: {lion}}", {"a": {"lion": None}}),
        ("{a: {sgd, adam}}", "{a: {b: 1}}", {"a": {"b": 1}}),
        ("{a: {b: 1}}", "{a: {sgd}}", {"a": {"sgd": None}}),
        ("{a: {b: 1}}", "{a: {}}", {"a": {"b": 1}}),
        ("{a: 1, b: 2}", "{a: {$patch: delete}}", {"b": 2}),
        ("{a: {b: 1, c: 2}}", "{a: {$patch: replace, c: 3}}", {"a": {"c": 3}}),
        ("{a: {b: 1}}", "{a: {$patch: merge, c: 3}}", {"a": {"b": 1, "c": 3}}),
        ("{a: [1, 2]}", "{a: [{$patch: append}, 3]}", {"a": [1, 2, 3]}),
        ("{a: [1, 2]}", "{a: [{$patch: prepend}, 3]}", {"a": [3, 1, 2]}),
        ("{a: [1, 2]}", "{a: [{$patch: replace}, 3]}", {"a": [3]}),
        ("{b: 1}", "{a: [{$patch: append}, 3]}", {"b": 1, "a": [3]}),
        ("{a: {b: {c: 1, d: 2}}}", "{a: {b: {c: {$patch: delete}}}}", {"a": {"b": {"d": 2}}}),
    ],
)
def test_two_documents_are_one(below: str, above: str, together: Plain) -> None:
    assert laid(below, above) == together


@pytest.mark.parametrize(
    ("below", "above", "code", "message"),
    [
        ("{ab: 1}", "{ac: {$patch: delete}}", "OFC343",
         "the overlay deletes `ac`, and nothing below it has that"),
        ("{ab: 1}", "{x: {y: {$patch: delete}}}", "OFC343",
         "the overlay deletes `y`, and nothing below it has that"),
        ("{ab: 1}", "{x: {$patch: replace, y: 1}}", "OFC343",
         "the overlay replaces `x`, and nothing below it has that"),
        ("{a: 1}", "{a: {$patch: remove}}", "OFC342",
         "`remove` is no way to lay a mapping over another"),
        ("{a: [1]}", "{a: [{$patch: delete}, 2]}", "OFC342",
         "`delete` is no way to lay a list over another"),
        ("{a: 1}", "{a: {$patch: [x]}}", "OFC342",
         "a list is no way to lay a mapping over another"),
        ("{a: 1}", "{a: {$patch: delete, b: 1}}", "OFC342",
         "`a` is deleted here and has a value"),
        ("{a: 1}", "{a: [{$patch: append}, 1]}", "OFC342",
         "`a` is the number `1` below, and no list to append to"),
        ("{a: [1]}", "{a: [1, {$patch: append}]}", "OFC342",
         "`$patch` stands in an item of a list"),
        ("{a: [1]}", "{a: [{$patch: append, b: 1}, 1]}", "OFC342",
         "a list's first item says how it is laid, and nothing else"),
        ("{a: 1}", "{$patch: delete}", "OFC342", "the document cannot be deleted"),
        ("{a: 1}", "a:\n", "OFC344",
         "`a` has no value here, and an overlay without one says nothing"),
        ("{a: 1}", "{a: null}", "OFC344",
         "`a` has no value here, and an overlay without one says nothing"),
    ],
)  # fmt: skip
def test_an_overlay_that_cannot_be_meant_is_named(
    below: str, above: str, code: str, message: str
) -> None:
    assert said(below, above) == [(code, message)]


def test_the_nearest_name_is_offered() -> None:
    (found,) = lay_over(node("{deployment: {to: s}}"), node("{deploymnet: {$patch: delete}}")).found
    assert found.help == "write `deployment`"


def test_each_value_keeps_the_place_where_it_is_written() -> None:
    made = lay_over(node("{a: 1, b: 2}", "base"), node("{b: 3}", "prod")).document
    assert isinstance(made, MappingNode)
    assert [(e.key.text, e.value.span.file) for e in made.entries] == [("a", "base"), ("b", "prod")]


def over(*overlays: str, text: str = SMALL, settings: tuple[str, ...] = ()) -> Loaded:
    sources = [Source(f"overlay{i}.yaml", o) for i, o in enumerate(overlays)]
    return load(Source("spec.yaml", text), overlays=sources, settings=settings)


def test_an_overlay_is_a_part_of_a_spec() -> None:
    loaded = over("spec: {search: {parallelism: 4}}", "spec: {search: {parallelism: 8, seed: 3}}")
    assert loaded.diagnostics == ()
    assert loaded.study is not None
    search = loaded.study.spec.search
    assert (search.parallelism, search.seed, search.budget.trials) == (8, 3, 8)
    assert [s.name for s in loaded.sources] == ["spec.yaml", "overlay0.yaml", "overlay1.yaml"]


def test_a_message_points_into_the_overlay() -> None:
    (found,) = over("spec:\n  search: {paralellism: 4}\n").diagnostics
    assert (found.code, str(found.span)) == ("OFC101", "overlay0.yaml:2:12")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "an overlay is a part of a spec, and this is a list"),
        (
            "kind: Template\nspec: {}",
            "the overlay says `kind: Template`, and its spec `kind: OmniForce`",
        ),
    ],
)
def test_what_is_no_overlay_is_refused(text: str, message: str) -> None:
    assert [(d.code, d.message) for d in over(text).diagnostics] == [("OFC341", message)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{search: {parallelism: }}", "parallelism"),
        ("{search: {budget: {trials: }}}", "trials"),
        ("{search: {trial: {resources: {gpu}}}}", "gpu"),
        ("{data: {target: }}", "target"),
        ("{devices: {edge: }}", "edge"),
        ("{searchSpace: {width: }}", "width"),
    ],
)
def test_a_key_in_braces_without_a_value_is_no_set(text: str, name: str) -> None:
    (found,) = over(f"spec: {text}\n").diagnostics
    assert (found.code, found.message) == (
        "OFC344",
        f"`{name}` has no value here, and an overlay without one says nothing",
    )


def test_a_set_in_braces_replaces_a_set() -> None:
    loaded = over("spec: {searchSpace: {width: {8, 16}}}\n")
    assert loaded.diagnostics == ()


def test_an_empty_overlay_is_told_what_an_overlay_is() -> None:
    (found,) = over("").diagnostics
    assert (found.code, found.help) == (
        "OFC010",
        "write `spec:` and below it what is to be otherwise, or leave the overlay out",
    )


def test_an_overlay_may_say_what_it_is() -> None:
    head = SMALL[: SMALL.index("metadata")]
    assert over(f"{head}spec: {{search: {{seed: 3}}}}\n").diagnostics == ()


def test_a_parameter_of_an_overlay_is_read_by_the_spec_below() -> None:
    text = SMALL.replace("trials: 8", "trials: $(params.trials)")
    loaded = over("spec: {params: {trials: {type: int, default: 5}}}", text=text)
    assert loaded.diagnostics == ()
    assert loaded.study is not None
    assert loaded.study.spec.search.budget.trials == 5


SCALARS = st.one_of(st.booleans(), st.integers(-9, 9), st.sampled_from(["x", "y z", ""]))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abcd"), inner, max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from("abcd"), TREES, max_size=4)


def tree(document: Plain) -> Node:
    return node(to_yaml(document))


@given(DOCUMENTS)
def test_nothing_over_a_document_is_the_document(document: dict[str, Plain]) -> None:
    made = lay_over(tree(document), tree({}))
    assert (plain(made.document), made.found) == (document, ())


@given(DOCUMENTS)
def test_a_document_over_nothing_is_the_document(document: dict[str, Plain]) -> None:
    made = lay_over(tree({}), tree(document))
    assert (plain(made.document), made.found) == (document, ())


@given(DOCUMENTS)
def test_a_document_over_itself_is_the_document(document: dict[str, Plain]) -> None:
    made = lay_over(tree(document), tree(document))
    assert (plain(made.document), made.found) == (document, ())


# As in the language, where each key takes one kind of thing: a mapping that replaces a list
# would otherwise forget that there was one.
KINDS = st.recursive(
    st.fixed_dictionaries({}, optional={"a": SCALARS, "l": st.lists(SCALARS, max_size=2)}),
    lambda inner: st.fixed_dictionaries(
        {}, optional={"a": SCALARS, "m": inner, "n": inner, "l": st.lists(SCALARS, max_size=2)}
    ),
    max_leaves=8,
)


@given(KINDS, KINDS, KINDS)
def test_what_is_laid_first_does_not_matter(
    a: dict[str, Plain], b: dict[str, Plain], c: dict[str, Plain]
) -> None:
    left = lay_over(lay_over(tree(a), tree(b)).document, tree(c)).document
    right = lay_over(tree(a), lay_over(tree(b), tree(c)).document).document
    assert plain(left) == plain(right)


@given(st.binary(max_size=200))
def test_any_bytes_over_a_spec_give_findings_or_a_study(data: bytes) -> None:
    loaded = over(data.decode("utf-8", "replace"), text=EVERYTHING)
    assert loaded.study is not None or loaded.has_errors


def test_an_overlay_without_a_version_has_that_of_its_spec() -> None:
    old = SMALL.replace("v1alpha2", "v1alpha1")
    overlay = "spec: {deployment: {to: server, log: true}, devices: {server: {runtime: onnx}}}"
    assert [d.code for d in over(overlay, text=old).diagnostics] == ["OFC111"]
    assert [
        d.code for d in over(overlay, text=SMALL.replace("v1alpha1", "v1alpha2")).diagnostics
    ] == ["OFC112"]
