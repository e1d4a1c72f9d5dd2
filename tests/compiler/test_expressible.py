"""What targets say they can express: asked of them all, for every word that there is."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

from omniforce.compiler.cli.composition import PLATFORMS, catalogue
from omniforce.compiler.expressible.ask import Answer, answers
from omniforce.compiler.expressible.features import FEATURES
from omniforce.compiler.expressible.shown import one_to_text, to_markdown, to_text
from omniforce.compiler.pipeline import compile_study
from omniforce.spec.load import load
from omniforce.spec.source import Source

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "targets-table.md"
HEAD = """\
# What each target can express

`ofc targets explain` prints this table, and `ofc targets explain TARGET` what one of them can.
Each answer was given by the target itself, asked with a small spec that uses the one thing; a
test holds this page to the answers. *in part* means that the target knows the thing and refuses
this use of it, *no* that the compiler refuses a spec that asks for it, at its line and with the
way out.

"""

NOT_WRITTEN = {"advise", "notify"}
"""Steps that the language has no block for yet."""


@pytest.fixture(scope="module")
def found() -> Mapping[str, tuple[Answer, ...]]:
    return answers({name: made().target for name, made in PLATFORMS.items()}, catalogue())


def words() -> set[str]:
    """Every word that the compiler can ask a target for; of a family, what stands before `:`."""
    made: set[str] = set()
    for name in ("capabilities.py", "language_uses.py"):
        tree = ast.parse((ROOT / "compiler" / name).read_text(encoding="utf-8"))
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
        for call in calls:
            if isinstance(call.func, ast.Name) and call.func.id == "Use" and call.args:
                match call.args[0]:
                    case ast.Constant(value=str(word)):
                        made.add(word)
                    case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
                        made.add(start)
                    case _:
                        pass
    return made


def test_there_is_a_feature_for_every_word_that_can_be_asked_for() -> None:
    asked = {f.word for f in FEATURES}
    missing = {
        word
        for word in words() - NOT_WRITTEN
        if not any(each == word or (word[-1] in ":." and each.startswith(word)) for each in asked)
    }
    assert missing == set()


def test_every_feature_is_a_spec_without_errors() -> None:
    refused = {}
    for feature in FEATURES:
        loaded = load(Source("probe.yaml", feature.spec))
        errors = [d for d in compile_study(loaded, catalogue()).diagnostics if d.is_error]
        if errors:
            refused[feature.what] = errors
    assert refused == {}


def test_every_target_answers_every_feature_and_every_no_has_a_way_out(
    found: Mapping[str, tuple[Answer, ...]],
) -> None:
    assert set(found) == set(PLATFORMS)
    for each in found.values():
        assert [a.feature for a in each] == list(FEATURES)
        assert [a.feature.what for a in each if a.says != "yes" and not a.way_out] == []


def test_the_page_is_what_the_targets_say(
    found: Mapping[str, tuple[Answer, ...]], update_golden: bool
) -> None:
    text = HEAD + to_markdown(found)
    if update_golden:
        TABLE.write_text(text, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == text


def test_katib_has_no_conditions_and_says_what_to_write_instead(
    found: Mapping[str, tuple[Answer, ...]],
) -> None:
    (answer,) = (a for a in found["katib"] if a.feature.word == "space.conditional")
    assert (answer.says, answer.way_out) == (
        "no",
        "search each branch in a study of its own, or let it always be set",
    )


def test_one_target_is_told_in_three_lists(found: Mapping[str, tuple[Answer, ...]]) -> None:
    text = one_to_text("kubernetes", found["kubernetes"])
    assert text.startswith("kubernetes can express\n  data          sklearn:// as the source\n")
    assert "\nin part\n  data          file:// as the source -> copy it onto" in text
    assert "\nand not\n  data          http:// as the source -> copy the data" in text


def test_all_targets_stand_side_by_side(found: Mapping[str, tuple[Answer, ...]]) -> None:
    first, second, *_ = to_text(found).splitlines()
    assert first.split() == list(PLATFORMS)
    assert second.split()[:2] == ["data", "sklearn://"]
