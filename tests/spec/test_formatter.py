"""The house form, line by line."""

from __future__ import annotations

import pytest

from omniforce.spec.formatting.formatter import format_source
from omniforce.spec.source import Source


def formatted(text: str) -> str:
    made = format_source(Source("spec.yaml", text))
    assert isinstance(made, str)
    assert format_source(Source("spec.yaml", made)) == made
    return made


def spec(inner: str) -> str:
    return f"spec:\n  {inner}\n"


CASES = {
    "two spaces a level": ("a:\n    b:\n        c: 1\n", "a:\n  b:\n    c: 1\n"),
    "lists below their key": ("a:\n- 1\n-   2\n", "a:\n  - 1\n  - 2\n"),
    "spaces in braces": ("a: { b : 1,c:  2 ,d: {e} }\n", "a: {b: 1, c: 2, d: {e}}\n"),
    "braces on one line": ("a: {\n  b: 1,\n  c: [1,\n   2,],\n}\n", "a: {b: 1, c: [1, 2]}\n"),
    "quotes only where they are needed": (
        "a: 'x'\nb: \"no\"\nc: '1.0'\nd: \"x: y\"\ne: 'it''s'\nf: '\"'\n",
        'a: x\nb: "no"\nc: "1.0"\nd: "x: y"\ne: it\'s\nf: \'"\'\n',
    ),
    "one empty line at most": ("\n\na: 1\n\n\n\nb: 2\n\n\n", "a: 1\n\nb: 2\n"),
    "no empty line at the beginning of a block": ("a:\n\n  b: 1\n", "a:\n  b: 1\n"),
    "line feeds": ("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n"),
    "no spaces at the end": ("a: 1   \nb:   \n  c: 2 \n", "a: 1\nb:\n  c: 2\n"),
    "a line break at the end": ("a: 1", "a: 1\n"),
    "no marks of a document": ("---\na: 1\n...\n", "a: 1\n"),
    "a directive stays": ("%YAML 1.2\n---\na: 1\n", "%YAML 1.2\n---\na: 1\n"),
    "one space before a comment": ("a: 1      # b\n", "a: 1 # b\n"),
    "comments in one column stay in one": (
        "a: 1     # x\nbbb: 2   # y\n",
        "a: 1   # x\nbbb: 2 # y\n",
    ),
    "a comment is about what follows": (
        "a:\n  b: 1\n# of c\nc: 2\n",
        "a:\n  b: 1\n# of c\nc: 2\n",
    ),
    "a deeper comment ends its block": (
        "a:\n    b: 1\n    # of a\nc: 2\n",
        "a:\n  b: 1\n  # of a\nc: 2\n",
    ),
    "a comment behind a dash": ("-   # x\n    a: 1\n", "- # x\n  a: 1\n"),
    "a comment in braces breaks them": (
        "a: {b: 1, # x\n  c: 2}\n",
        "a:\n  {\n    b: 1, # x\n    c: 2,\n  }\n",
    ),
    "a block of text keeps its lines": (
        "a: |\n      x  \n        y\n\n      z\nb: 1\n",
        "a: |\n  x  \n    y\n\n  z\nb: 1\n",
    ),
    "a block of text keeps its end": (
        "a: |+\n  x\n\n\nb: >-\n  y\n",
        "a: |+\n  x\n\n\nb: >-\n  y\n",
    ),
    "a block of text that is deeper at first": (
        "a: |4\n        x\n      y\n",
        "a: |2\n      x\n    y\n",
    ),
    "anchors and aliases": (
        "a:  &x  1\nb: *x\n*x : &y\n  c: 1\n",
        "a: &x 1\nb: *x\n*x : &y\n  c: 1\n",
    ),
    "a list in a list": ("- -  a\n  -  b\n", "- - a\n  - b\n"),
    "nothing stays nothing": ("a:\nb: ~\nc: null\nd: ''\n", 'a:\nb: ~\nc: null\nd: ""\n'),
    "numbers as they are written": ("a: 1e-4\nb: 0x1F\nc: 1.50\n", "a: 1e-4\nb: 0x1F\nc: 1.50\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_text_is_written_like_this(name: str) -> None:
    written, expected = CASES[name]
    assert formatted(written) == expected


EXPRESSIONS = {
    "objectives: [maximize   accuracy, 'minimize  latency.p95 on  x']": (
        "objectives: [maximize accuracy, minimize latency.p95 on x]"
    ),
    "constraints: ['(a*b)<=1e3', a   >b or(c)]": "constraints: [a * b <= 1e3, a > b or c]",
    "searchSpace: {a: 1e-4 ... 1e-1  log ,default  1e-3}": (
        "searchSpace: {a: 1e-4...1e-1 log, default  1e-3}"
    ),
    "searchSpace: {a: '1e-4 ... 1e-1  log ,default  1e-3'}": (
        'searchSpace: {a: "1e-4...1e-1 log, default 1e-3"}'
    ),
    "searchSpace: {a: int 2 ... 5 when b==c}": "searchSpace: {a: int 2...5 when b == c}",
    "searchSpace: {a: {range: [2 ... 5], when: b==c}}": (
        "searchSpace: {a: {range: [2...5], when: b == c}}"
    ),
    "deployment: {model: pareto( latency.p95<=5ms )}": (
        "deployment: {model: pareto(latency.p95 <= 5ms)}"
    ),
    "deployment: {monitor: {drift: psi>0.20}}": "deployment: {monitor: {drift: psi > 0.20}}",
    "objectives: [require size<=256 KiB on s]": "objectives: [require size <= 256KiB on s]",
    "objectives: [max accuracy please]": "objectives: [max accuracy please]",
    "objectives: [require size <= $(params.most) on s]": (
        "objectives: [require size <= $(params.most) on s]"
    ),
    "x-mine: ['a<b']": "x-mine: [a<b]",
}


@pytest.mark.parametrize("written", EXPRESSIONS)
def test_an_expression_is_spelled_like_this(written: str) -> None:
    assert formatted(spec(written)) == spec(EXPRESSIONS[written])


def test_a_list_that_is_too_long_for_its_line_gets_one_of_its_own() -> None:
    items = ", ".join(f"parameter_{n}" for n in range(6))
    assert formatted(f"metrics_of_every_trial: [{items}]\n") == (
        f"metrics_of_every_trial:\n  [{items}]\n"
    )


def test_words_that_are_too_many_for_a_line_fill_several() -> None:
    items = [f"parameter_{n}" for n in range(9)]
    assert formatted(f"a: [{', '.join(items)}]\n") == (
        f"a:\n  [\n    {', '.join(items[:7])},\n    {', '.join(items[7:])},\n  ]\n"
    )


def test_a_mapping_that_is_too_long_for_a_line_has_a_key_on_each() -> None:
    keys = [f"parameter_{n}: {{type: int, range: 2...5}}" for n in range(3)]
    assert formatted(f"a: {{{', '.join(keys)}}}\n") == (
        "a:\n  {\n" + "".join(f"    {key},\n" for key in keys) + "  }\n"
    )


def test_what_is_too_long_in_braces_is_broken_as_well() -> None:
    words = [f"parameter_{n}" for n in range(8)]
    assert formatted(f"a: {{b: {{c: [{', '.join(words)}]}}}}\n") == (
        "a:\n  {\n    b: {\n      c: [\n"
        f"        {', '.join(words[:7])},\n        {words[7]},\n"
        "      ],\n    },\n  }\n"
    )


def test_what_is_no_yaml_is_told_and_not_formatted() -> None:
    made = format_source(Source("spec.yaml", "a: [1\n"))
    assert not isinstance(made, str)
    assert [d.code for d in made] == ["OFC004"]


def test_a_spec_with_errors_is_formatted() -> None:
    assert formatted("a:   1\na:  2\nb: !!int   3\n") == "a: 1\na: 2\nb: !!int 3\n"


def test_a_file_that_is_one_word_stays_as_it_is() -> None:
    assert formatted("hello  # there\n") == "hello  # there\n"


def test_a_template_is_formatted_like_a_spec() -> None:
    head = "kind: Template\nspec:\n  body:\n    objectives:\n"
    assert formatted(f"{head}    - maximize   accuracy\n") == f"{head}      - maximize accuracy\n"
