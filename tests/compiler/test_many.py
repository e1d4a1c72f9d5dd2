"""Many specs at once: on several processes, and unchanged ones not looked at again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from omniforce.compiler.cli import checking, compiling
from tests.support.specs import SMALL

Call = Callable[..., tuple[int, str, str]]
COUNT = 12


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command runs in an empty folder, with a cache of its own and without colours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    monkeypatch.setenv("NO_COLOR", "1")


def specs() -> list[str]:
    names = [f"{i:02d}.omniforce.yaml" for i in range(COUNT)]
    for i, name in enumerate(names):
        Path(name).write_text(SMALL.replace("digits}", f"digits-{i}}}"), encoding="utf-8")
    return names


def test_many_specs_are_told_in_their_order_as_one_after_the_other(call: Call) -> None:
    names = specs()
    Path(names[3]).write_text(SMALL.replace("trials: 8", "trails: 8"), encoding="utf-8")
    alone = call("check", "--jobs", "1", "--no-cache", *names)
    together = call("check", "--jobs", "3", "--no-cache", *names)
    assert alone == together
    assert alone[0] == 3
    assert "03.omniforce.yaml:" in alone[2]


def test_what_has_not_changed_is_not_looked_at_again(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = specs()
    first = call("check", *names)
    looked: list[str] = []
    check = checking.check

    def noted(question: checking.Question) -> checking.Checked:
        looked.extend(question.chosen.files)
        return check(question)

    monkeypatch.setattr("omniforce.compiler.cli.commands.check.check", noted)
    assert call("check", "--jobs", "1", *names) == first
    assert looked == []
    Path(names[5]).write_text(Path(names[5]).read_text() + "# more\n", encoding="utf-8")
    call("check", "--jobs", "1", *names)
    assert looked == [names[5]]
    looked.clear()
    call("check", "--jobs", "1", "--no-cache", *names)
    assert looked == names


def test_what_was_refused_is_refused_again(call: Call) -> None:
    names = specs()
    Path(names[0]).write_text(SMALL.replace("trials: 8", "trails: 8"), encoding="utf-8")
    assert call("check", *names)[0] == call("check", *names)[0] == 3


def test_another_parameter_or_target_is_another_question(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = specs()
    call("check", *names)
    asked = []
    monkeypatch.setattr(
        "omniforce.compiler.cli.commands.check.check",
        lambda question: asked.append(question) or checking.check(question),
    )
    call("check", "--jobs", "1", "--target", "kubernetes", *names)
    assert len(asked) == COUNT


def test_a_damaged_cache_is_no_cache(call: Call, tmp_path: Path) -> None:
    names = specs()
    call("check", *names)
    place = tmp_path / ".cache" / "omniforce" / "specs.json"
    assert json.loads(place.read_text())["formatVersion"] == "1.0"
    for text in ("", "[]", '{"formatVersion": "1.0", "tasks": 3}', "\x00"):
        place.write_text(text)
        assert call("check", *names)[0] == 0


def test_outputs_that_stand_are_not_made_again(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    names = specs()
    assert call("compile", *names)[0] == 0
    before = {p: p.read_bytes() for p in Path("dist").rglob("*") if p.is_file()}
    made: list[str] = []
    make = compiling.make

    def noted(task: compiling.Task) -> compiling.Made:
        made.extend(task.chosen.files)
        return make(task)

    monkeypatch.setattr("omniforce.compiler.cli.commands.compile.make", noted)
    code, out, _ = call("compile", "--format", "json", "--jobs", "1", *names)
    assert (code, made) == (0, [])
    assert [s["study"] for s in json.loads(out)["studies"]] == [f"digits-{i}" for i in range(COUNT)]
    Path("dist/digits-2/ofc.lock").unlink()
    next(Path("dist/digits-4").glob("*broker*")).write_text("edited")
    Path(names[7]).write_text(Path(names[7]).read_text() + "# more\n", encoding="utf-8")
    assert call("compile", "--jobs", "1", *names)[0] == 0
    assert made == [names[2], names[4], names[7]]
    assert {p: p.read_bytes() for p in Path("dist").rglob("*") if p.is_file()} == before
