"""What the trials of real small studies advise, and how that is written into their specs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from textwrap import indent

import pytest
from click.testing import CliRunner

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.cli.main import ofc
from omniforce.compiler.pipeline import compile_study
from omniforce.runtime.advisor.advice import Advice
from omniforce.runtime.advisor.patch import patch
from omniforce.runtime.advisor.table import advise
from omniforce.runtime.engine import advance
from omniforce.runtime.store.store import Store
from omniforce.runtime.trial.contract import FailureClass, TrialReport, failed
from omniforce.spec.expression.tree import Value
from omniforce.spec.load import load
from omniforce.spec.plain.values import to_plain
from omniforce.spec.source import Source
from omniforce.strategies.table import make

Figures = Mapping[str, float] | FailureClass
Train = Callable[[Mapping[str, Value], Random], Figures]


def spec(space: str, goals: Sequence[str] = ("maximize accuracy",), trials: int = 60) -> str:
    return (
        "apiVersion: omniforce.dev/v1alpha2\nkind: OmniForce\nmetadata: {name: s}\nspec:\n"
        "  data: {source: sklearn://digits}\n"
        "  algorithm: {estimator: 'model:Model', metrics: [accuracy, loss]}\n"
        f"  searchSpace:\n{indent(space.strip(), '    ')}\n"
        f"  objectives: [{', '.join(goals)}]\n"
        "  search:\n"
        "    strategy: random\n"
        f"    budget: {{trials: {trials}}} # as agreed\n"
        "    parallelism: 6\n"
        "    trial: {timeout: 10m, resources: {memory: 1GiB}}\n"
    )


def study(text: str, train: Train, place: Path) -> tuple[Advice, ...]:
    """Runs a study with the real engine and store, and gives what its trials advise."""
    program = compile_study(load(Source("spec.yaml", text)), catalogue()).program
    assert program is not None
    store, noise, now = Store.at(place), Random(7), 0.0
    store.create_study("s", json.dumps(to_plain(program)), program.digest, now)
    while True:
        step = advance(store, program, make, now)
        if step.step in ("completed", "over"):
            break
        for number in step.proposed:
            lease = store.lease("s", number, 1, f"w{number}", 600.0, now)
            assert lease is not None
            store.heartbeat("s", number, 1, f"w{number}", 600.0, now, "running")
            figures = train(lease.point, noise)
            report = (
                failed(figures, "it was too much", 10.0)
                if isinstance(figures, str)
                else TrialReport(outcome="completed", metrics=figures, seconds=10.0)
            )
            store.finish("s", number, 1, report, now + 10)
        now += 11
    record = store.study("s")
    assert record is not None
    found = advise(record, program, store.trials("s"))
    store.close()
    return found


def rules(found: Sequence[Advice]) -> list[str]:
    return [each.rule for each in found]


def patched(text: str, found: Sequence[Advice]) -> str:
    loaded = load(Source("spec.yaml", text))
    assert loaded.document is not None
    return patch(loaded.source, loaded.document, found).text


RATE = "rate: 1e-4...1e-2 log # as in the paper\nwidth: int 4...64\n"


def _rising(point: Mapping[str, Value], _: Random) -> Figures:
    width = float(point["width"])
    return {"accuracy": 0.9 + 0.02 * math.log10(float(point["rate"])) - 1e-6 * (width - 30) ** 2}


def test_a_range_at_whose_end_the_best_stand_is_widened(tmp_path: Path) -> None:
    text = spec(RATE)
    found = [each for each in study(text, _rising, tmp_path / "s.db") if each.rule == "edges"]
    (only,) = found
    assert only.message == "the best trials have nearly the most that `rate` can be"
    assert only.help == "let it go to 0.1"
    assert patched(text, found) == text.replace("1e-4...1e-2 log", "1e-4...0.1 log")


def test_the_long_form_of_a_range_is_widened_where_it_stands(tmp_path: Path) -> None:
    text = spec("rate: {type: float, range: 1e-4...1e-2, scale: log}\nwidth: int 4...64\n")
    found = [each for each in study(text, _rising, tmp_path / "s.db") if each.rule == "edges"]
    assert patched(text, found) == text.replace("range: 1e-4...1e-2", "range: 1e-4...0.1")


def test_a_share_is_not_widened_beyond_one(tmp_path: Path) -> None:
    text = spec("share: 0.0...1.0\nwidth: int 4...64\n")

    def train(point: Mapping[str, Value], _: Random) -> Figures:
        return {"accuracy": 0.1 * float(point["share"]) - 1e-5 * (float(point["width"]) - 30) ** 2}

    assert "edges" not in rules(study(text, train, tmp_path / "s.db"))


def test_a_parameter_without_effect_is_fixed(tmp_path: Path) -> None:
    text = spec("kind: {a, b}\nrate: 1e-4...1e-1 log\n", trials=120)

    def train(point: Mapping[str, Value], _: Random) -> Figures:
        return {"accuracy": 1 - 0.1 * (math.log10(float(point["rate"])) + 2.5) ** 2}

    found = [e for e in study(text, train, tmp_path / "s.db") if e.rule == "idle-parameters"]
    assert [each.message for each in found] == [
        "`kind` makes no difference to `accuracy` that can be seen"
    ]


def test_a_parameter_with_an_effect_is_left_alone(tmp_path: Path) -> None:
    text = spec("kind: {a, b}\nrate: 1e-4...1e-1 log\n", trials=120)

    def train(point: Mapping[str, Value], noise: Random) -> Figures:
        off = math.log10(float(point["rate"])) + 2.5
        return {"accuracy": 1 - 0.1 * off**2 - 0.1 * (point["kind"] == "a") + noise.gauss(0, 0.02)}

    assert "idle-parameters" not in rules(study(text, train, tmp_path / "s.db"))


@pytest.mark.parametrize(
    ("failure", "before", "after"),
    [
        ("out-of-memory", "memory: 1GiB", "memory: 1536MiB"),
        ("timeout", "timeout: 10m", "timeout: 1200s"),
    ],
)
def test_what_trials_lack_is_raised(
    failure: FailureClass, before: str, after: str, tmp_path: Path
) -> None:
    text = spec(RATE, trials=24)

    def train(point: Mapping[str, Value], _: Random) -> Figures:
        return failure if float(point["width"]) > 40 else {"accuracy": 0.5}

    found = [each for each in study(text, train, tmp_path / "s.db") if each.rule == "failures"]
    assert len(found) == 1
    assert found[0].evidence[0].endswith(f"trials ended as `{failure}`")
    assert patched(text, found) == text.replace(before, after)


def test_a_requirement_that_nothing_meets_is_named(tmp_path: Path) -> None:
    text = spec(RATE, ("maximize accuracy", "require loss <= 0.1"))

    def train(point: Mapping[str, Value], _: Random) -> Figures:
        return {"accuracy": 0.5, "loss": 0.2 + float(point["rate"])}

    (only,) = study(text, train, tmp_path / "s.db")
    assert only.message == "no trial meets `require loss <= 0.1`"


def test_figures_that_are_noise_are_called_so(tmp_path: Path) -> None:
    text = spec("rate: 1e-4...1e-1 log\n", trials=80)

    def train(point: Mapping[str, Value], noise: Random) -> Figures:
        return {"accuracy": 0.9 + noise.gauss(0, 0.01)}

    assert "noise" in rules(study(text, train, tmp_path / "s.db"))


def test_a_budget_that_was_spent_too_late_is_cut_and_its_comment_stays(tmp_path: Path) -> None:
    text = spec("kind: {a, b, c, d, e}\nsize: int 1...40\n", trials=100)

    def train(point: Mapping[str, Value], _: Random) -> Figures:
        return {"accuracy": 1.0 if point["kind"] == "a" else 0.5}

    found = [each for each in study(text, train, tmp_path / "s.db") if each.rule == "budget"]
    assert len(found) == 1
    assert "budget: {trials: 20} # as agreed" in patched(text, found)


def test_a_study_of_a_few_trials_is_not_judged(tmp_path: Path) -> None:
    assert study(spec(RATE, trials=8), _rising, tmp_path / "s.db") == ()


def test_what_is_missing_is_written_as_a_new_key() -> None:
    from omniforce.runtime.advisor.advice import Change

    text = spec(RATE).replace("    trial: {timeout: 10m, resources: {memory: 1GiB}}\n", "")
    change = Change(("spec", "search", "trial", "timeout"), "20m")
    made = patched(text, [Advice("failures", "", (), "", (change,))])
    assert made == text.replace(
        "    strategy: random\n", "    trial: {timeout: 20m}\n    strategy: random\n"
    )


def test_the_command_shows_and_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = spec(RATE)
    home = tmp_path / ".ofc" / "s"
    home.mkdir(parents=True)
    study(text, _rising, home / "study.db")
    (tmp_path / "omniforce.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(ofc, ["advise", "s"])
    assert (shown.exit_code, (tmp_path / "omniforce.yaml").read_text()) == (0, text)
    assert "= help: let it go to 0.1" in shown.output
    CliRunner().invoke(ofc, ["advise", "s", "--write"])
    assert "rate: 1e-4...0.1 log # as in the paper" in (tmp_path / "omniforce.yaml").read_text()
