"""The linter as a whole: quiet on what is good, choosable, and its page is what it has."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.diagnostics.codes import CODES, title
from omniforce.compiler.lint.linter import COMMENTS, LINT_CODES, Selection, lint
from omniforce.compiler.lint.table import LEAK, RULES
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.diagnostic import Severity
from omniforce.spec.edits import apply_edits
from omniforce.spec.load import load
from omniforce.spec.nodes import Entry, MappingNode, Node
from omniforce.spec.source import Source
from omniforce.spec.yaml.reader import read_yaml

from .linting import GOOD, codes, linted, with_space

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "lint.md"
MARK = "<!-- rules -->\n"


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*/omniforce.yaml")))
def test_an_example_has_no_finding(path: Path) -> None:
    assert codes(path.read_text(encoding="utf-8")) == []


def test_the_starter_has_no_finding() -> None:
    assert codes((ROOT / "compiler" / "cli" / "starter.yaml").read_text(encoding="utf-8")) == []


def test_a_good_spec_has_no_finding() -> None:
    assert codes(GOOD) == []


@pytest.mark.parametrize(
    "space",
    [
        ["a: 0...1000"],  # begins at zero, where no log scale can
        ["a: {type: int, range: 1...1000, step: 100}"],  # a step has no scale
        ["a: {1, 2, 3, 4}"],  # few enough to try each
        ["a: {1, 2, x, 4, 5}"],  # not only numbers
        ["a: bool"],
        ["a: int 1...3, default 3"],  # every value is at an edge
        ["a: 0...0.5, default 0"],  # off is no edge
        ["a: 0...1, default 1"],
    ],
)
def test_what_only_looks_like_a_slip_is_left_alone(space: list[str]) -> None:
    assert codes(with_space(*space)) == []


def test_rules_look_into_every_depth_of_a_tree() -> None:
    text = with_space(
        "kind:",
        "  type: choice",
        "  range: {a, b}",
        "  submodule:",
        "    a: {rate: 1e-4...1e-1}",
        "    b:",
        "      depth: {type: int, range: 1...2, submodule: {units: int 1...5000}}",
    )
    assert [(d.code, d.span and d.span.line) for d in linted(text).diagnostics] == [
        ("OFC903", 14),
        ("OFC903", 16),
    ]


def test_one_name_in_several_branches_is_looked_at_in_each_and_is_no_slip() -> None:
    text = with_space(
        "kind:",
        "  type: choice",
        "  range: {a, b}",
        "  submodule:",
        "    a: {rate: 1e-4...1e-1}",
        "    b: {rate: 1e-5...1e-1}",
    )
    assert [(d.code, d.span and d.span.line) for d in linted(text).diagnostics] == [
        ("OFC903", 14),
        ("OFC903", 15),
    ]


def test_advice_on_a_vendored_template_is_for_its_authors() -> None:
    text = with_space("a: 1e-4...1e-1")

    def found(place: str) -> list[str]:
        space, _ = read_yaml(Source(place, "a: 1e-4...1e-1\n"))
        loaded = load(Source("specs/spec.yaml", text))
        assert space is not None
        assert isinstance(loaded.filled, MappingNode)
        spec = with_value(loaded.filled.get("spec"), "searchSpace", space)
        moved = replace(loaded, filled=with_value(loaded.filled, "spec", spec))
        return [d.code for d in lint(moved, compile_study(moved, catalogue())).diagnostics]

    assert found("specs/vendor/there/template.yaml") == []
    assert found("specs/here/template.yaml") == ["OFC903"]


def test_only_what_is_chosen_is_shown() -> None:
    text = with_space("a: 1e-4...1e-1", "b: {x}")
    chosen = {
        "all": Selection(),
        "some": Selection(select=("OFC91",)),
        "without": Selection(ignore=("OFC916",)),
        "both": Selection(select=("OFC9",), ignore=("OFC90",)),
    }
    found = {name: [d.code for d in linted(text, s).diagnostics] for name, s in chosen.items()}
    assert found == {
        "all": ["OFC903", "OFC916"],
        "some": ["OFC916"],
        "without": ["OFC903"],
        "both": ["OFC916"],
    }


def test_an_error_is_shown_whatever_is_chosen_and_silences_advice() -> None:
    text = with_space("a: 4...2", "b: {x}")
    found = linted(text, Selection(select=("OFC916",))).diagnostics
    assert [d.code for d in found] == ["OFC202"]


@pytest.mark.parametrize(
    ("split", "after"),
    [
        ("{train: 0.6, valid: 0.4, test: 0}", "{train: 0.6, valid: 0.4, test: 0, seed: 0}"),
        ("\n      train: 0.6\n      valid: 0.4\n      test: 0", None),
    ],
)
def test_the_seed_is_written_where_the_split_is_and_changes_nothing(
    split: str, after: str | None
) -> None:
    text = GOOD.replace("{train: 0.6, valid: 0.2, test: 0.2, seed: 7}", split)
    (finding,) = linted(text).diagnostics
    mended = apply_edits(text, finding.edits)
    wanted = after if after is not None else f"{split}\n      seed: 0"
    assert mended == GOOD.replace("{train: 0.6, valid: 0.2, test: 0.2, seed: 7}", wanted)
    assert codes(mended) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1e-4...1e-1, default 1e-3", "a: 1e-4...1e-1 log, default 1e-3"),
        ("a: '1e-4...1e-1'", "a: '1e-4...1e-1 log'"),
        ("a: {range: 1...5000, type: int}", "a: {range: 1...5000, type: int, scale: log}"),
        ("a: {range: 1...5000, scale: linear}", "a: {range: 1...5000, scale: log}"),
        ("a: {\n      range: 1...5000}", "a: {\n      range: 1...5000, scale: log}"),
        ("a:\n      range: 1...5000", "a:\n      range: 1...5000\n      scale: log"),
        ("a: int 2...8 log when b", "a: int 2...8 when b"),
        ("a: {range: 2...8, scale: log}", "a: {range: 2...8, scale: linear}"),
        ("a: {type: choice, range: {1, 2, 3, 4, 5}}", "a: {type: ordinal, range: {1, 2, 3, 4, 5}}"),
    ],
)
def test_what_a_rule_offers_is_what_it_advises(before: str, after: str) -> None:
    text = with_space(before, "b: {type: bool}")
    (finding,) = linted(text).diagnostics
    assert finding.applicable == "maybe"
    mended = apply_edits(text, finding.edits)
    assert mended == with_space(after, "b: {type: bool}")
    assert codes(mended) == []


def test_what_a_placeholder_says_is_not_replaced() -> None:
    params = "spec:\n  params: {n: {type: int, default: 20}}\n"
    text = GOOD.replace("spec:\n", params).replace("8}", "8}\n    parallelism: $(params.n)")
    (finding,) = linted(text).diagnostics
    assert (finding.code, finding.edits) == ("OFC906", ())


def test_codes_go_up_and_each_rule_is_called_as_its_file() -> None:
    assert [r.code for r in RULES] == sorted({r.code for r in RULES})
    files = {p.stem for p in (ROOT / "compiler" / "lint" / "rules").glob("*.py")}
    assert files - {"__init__", "images"} == {r.check.__name__ for r in RULES}


def test_every_code_of_the_linter_is_in_its_range() -> None:
    assert {c for c in CODES if "OFC900" <= c < "OFC950"} == set(LINT_CODES)


def with_value(node: Node | None, key: str, value: Node) -> Node:
    assert isinstance(node, MappingNode)
    entries = (Entry(e.key, value) if e.key.text == key else e for e in node.entries)
    return MappingNode(tuple(entries), node.span)


def rules_table() -> str:
    rows = [(LEAK, "secret", Severity.WARNING)]
    rows += [(r.code, r.name, r.severity) for r in RULES]
    rows += [(code, "suppression", Severity.WARNING) for code in COMMENTS]
    lines = ["| code | rule | finds | as |", "|---|---|---|---|"]
    lines += [f"| {c} | `{name}` | {title(c)} | {s.value} |" for c, name, s in rows]
    return "\n".join(lines) + "\n"


def test_the_page_lists_every_rule(update_golden: bool) -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
    after = re.sub(r"\A(\|.*\n)*", "", rest)
    text = before + MARK + rules_table() + after
    if update_golden:
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text


LATE = ("lint", "diff", "graph", "expressible", "diagnostics.sarif", "diagnostics.text")
CHECK = """
import sys
from omniforce.compiler.cli.main import run
code = run(["check", sys.argv[1]])
rooms = tuple(f"omniforce.compiler.{room}" for room in sys.argv[2:])
sys.exit(code or [name for name in sys.modules if name.startswith(rooms)] or 0)
"""


def test_a_check_without_findings_imports_nothing_of_the_linter() -> None:
    spec = str(ROOT / "examples" / "digits-edge" / "omniforce.yaml")
    arguments = [sys.executable, "-c", CHECK, spec, *LATE]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
