"""The commands by which people live with a study, in this process, on a store of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.cli import exits
from omniforce.compiler.cli.main import run
from omniforce.runtime.store.trial import Point
from omniforce.runtime.trial.contract import TrialReport

from ..runtime.exchange.studies import Made, spec
from ..runtime.exchange.test_determined import CONFIG as DETERMINED
from ..runtime.exchange.test_katib import EXPERIMENT, trial

SPACE = 'depth: 1...9 default 2\nfamily: "{mlp, cnn}"\nwidth: int 4...32 when family == cnn\n'
MLP = {"depth": 3, "family": "mlp"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("FORCE_COLOR", "OFC_DEBUG", "OFC_API"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def study(here: Path) -> Iterator[Made]:
    (here / ".ofc" / "s" / "logs").mkdir(parents=True)
    text = spec(SPACE, ["maximize accuracy"])
    (here / "omniforce.yaml").write_text(text)
    made = Made(text, here / ".ofc" / "s" / "study.db")
    yield made
    made.store.close()


class Ofc:
    """Runs `ofc` and holds what it said."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured = captured

    def __call__(self, *arguments: str, code: int = exits.OK) -> str:
        got = run(arguments)
        self.out, self.err = self._captured.readouterr()
        assert got == code, (got, self.out, self.err)
        return self.out

    def json(self, *arguments: str, code: int = exits.OK) -> Any:
        found = json.loads(self(*arguments, "-o", "json", code=code))
        del found["formatVersion"]
        return found


@pytest.fixture
def ofc(capsys: pytest.CaptureFixture[str]) -> Ofc:
    return Ofc(capsys)


def test_a_study_is_paused_resumed_and_stopped(study: Made, ofc: Ofc) -> None:
    study.start(study.propose(MLP))
    assert ofc("pause", "s") == "`s` is paused; 1 trial under way and still counting\n"
    assert ofc("pause", "s", code=exits.FAILED) == ""
    assert "error[OFC781]: the study `s` is paused and cannot be paused" in ofc.err
    assert ofc.json("resume") == {
        "study": "s",
        "state": "running",
        "reason": None,
        "revision": 1,
        "extra": {},
        "underWay": [0],
    }
    assert ofc("stop", "s") == "`s` is completed (stopped)\n"
    assert [trial.state for trial in study.store.trials("s")] == ["cancelled"]


def test_a_budget_is_extended_by_what_it_bounds(study: Made, ofc: Ofc) -> None:
    assert ofc.json("extend", "s", "--trials", "5")["extra"] == {"trials": 5.0}
    ofc("extend", "s", "--usd", "3", code=exits.FAILED)
    assert "has no bound `usd` to extend" in ofc.err
    ofc("extend", "s", code=exits.USAGE)
    ofc("extend", "s", "--trials", "-3", code=exits.USAGE)
    ofc("extend", "s", "--wall-clock", "soon", code=exits.USAGE)


def test_trials_are_cancelled_or_asked_to_end(study: Made, ofc: Ofc) -> None:
    for _ in range(3):
        study.start(study.propose(MLP))
    assert ofc("cancel", "s", "0", "1") == "cancelled: 0, 1\n"
    assert ofc.json("cancel", "s", "2", "0", "--end-early", code=exits.FAILED) == {
        "study": "s",
        "endEarly": True,
        "trials": [2],
        "diagnostics": [
            {
                "code": "OFC781",
                "severity": "error",
                "message": "trial 0 of `s` is over: cancelled",
                "span": None,
                "label": "",
                "help": "see `ofc trials --where 'state == running'` for those that are not",
                "docs": "https://omniforce.dev/codes/OFC781",
                "related": [],
                "edits": [],
                "applicable": "safe",
            }
        ],
    }
    states = [(trial.state, trial.stop is not None) for trial in study.store.trials("s")]
    assert states == [("cancelled", False), ("cancelled", False), ("running", True)]
    ofc("cancel", "s", "7", code=exits.FAILED)
    ofc("cancel", "s", "-1", code=exits.USAGE)


def test_a_trial_is_added_in_the_grammar_of_the_spec(study: Made, ofc: Ofc) -> None:
    assert ofc("add", "s", "family=cnn", "width=0x10") == "trial 0: depth=2 family=cnn width=16\n"
    assert ofc.json("add", "s", "family=mlp", "depth=4") == {
        "study": "s",
        "trial": 1,
        "state": "proposed",
        "origin": "person",
        "parameters": {"depth": 4, "family": "mlp"},
    }
    for values, message in (
        (["family=svm"], "`family` is `svm`, which its range does not hold"),
        (["family=mlp", "width=4"], "`width` is not active there"),
        (["depth=3"], "`family` is missing, and has no default"),
        (["family=mlp", "depht=3"], "there is no parameter `depht`"),
        (["family=mlp", "depth=2.5"], "`depth` is `2.5`, which its range does not hold"),
    ):
        ofc("add", "s", *values, code=exits.FAILED)
        assert f"error[OFC783]: {message}" in ofc.err
    for values in (["family"], ["=3"], ["depth=3", "depth=4"], ["depth={a: 1}"], ["depth=[1"]):
        ofc("add", "s", *values, code=exits.USAGE)


def test_ratings_are_kept_and_found_again(study: Made, ofc: Ofc) -> None:
    study.run(MLP, {"accuracy": 0.5})
    study.run(MLP, {"accuracy": 0.75})
    assert ofc("rate", "s", "1", "4.5") == "trial 1: rated 4.5\n"
    assert ofc("rate", "s", "0", "-2") == "trial 0: rated -2\n"
    assert ofc("trials", "--where", "rating >= 4", "--columns", "trial,rating") == (
        "trial  rating\n1      4.5\n"
    )
    ofc("rate", "s", "1", "--clear")
    assert [trial.rating for trial in study.store.trials("s")] == [-2.0, None]
    ofc("rate", "s", "1", code=exits.USAGE)
    ofc("rate", "s", "1", "nan", code=exits.USAGE)
    ofc("rate", "s", "9", "1", code=exits.FAILED)


def test_what_people_did_is_listed(study: Made, ofc: Ofc) -> None:
    assert ofc("actions", "s") == "nobody did anything to `s`\n"
    ofc("pause", "s")
    ofc("extend", "s", "--trials", "2")
    found = ofc.json("actions")["actions"]
    assert [(each["action"], each["detail"]) for each in found] == [
        ("pause", {}),
        ("extend", {"trials": 2}),
    ]
    assert all("@" in each["actor"] for each in found)


def test_trials_are_filtered_sorted_and_cut(study: Made, ofc: Ofc) -> None:
    for place, accuracy in enumerate((0.5, 0.75, 0.25, 0.875)):
        study.run({"depth": place + 1, "family": "mlp"}, {"accuracy": accuracy})
    study.run(MLP, None)
    wanted = ("trials", "--where", "accuracy > 0.3 and depth <= 4", "--sort", "-accuracy")
    assert ofc(*wanted, "--limit", "2", "--columns", "trial,accuracy,depth") == (
        "trial  accuracy  depth\n3      0.875     4\n1      0.75      2\n"
    )
    assert ofc("trials", "--columns", "trial, state", "--state", "failed", "-o", "yaml") == (
        'formatVersion: "1.0"\nstudy: s\ntrials:\n  - trial: 4\n    state: failed\n'
    )
    assert [each["trial"] for each in ofc.json("trials", "--front")["trials"]] == [3]
    assert ofc.json("trials", "--origin", "person")["trials"] == []
    ofc("trials", "--where", "accuracy >", code=exits.FAILED)
    assert "error[OFC794]" in ofc.err
    ofc("trials", "--columns", "nothing", code=exits.FAILED)


def test_logs_are_shown_without_what_steers_a_terminal(study: Made, ofc: Ofc, here: Path) -> None:
    study.run(MLP, {"accuracy": 0.5}, tail="kept end\n")
    assert ofc("logs", "s", "0") == "kept end\n"
    log = here / ".ofc" / "s" / "logs" / "trial-0000.log"
    log.write_bytes(b"\x1b[31mred\x1b[0m\n\x07bell\x1b]0;title\x07\n\xff\xfe\x00end\n")
    assert ofc("logs", "s", "0") == (
        "red\n\\u{7}bell\\u{1b}]0;title\\u{7}\n\ufffd\ufffd\\u{0}end\n"
    )
    assert ofc("logs", "s", "0", "--tail", "1") == "\ufffd\ufffd\\u{0}end\n"
    assert ofc("logs", "s", "0", "--follow", "--tail", "1") == "\ufffd\ufffd\\u{0}end\n"
    assert ofc.json("logs", "s", "0", "--attempt", "1")["log"] == "kept end\n"
    ofc("logs", "s", "0", "--attempt", "2", code=exits.FAILED)
    assert "trial 0 has 1 attempt, and no number 2" in ofc.err
    ofc("logs", "s", "8", code=exits.FAILED)
    ofc("logs", "s", "0", "-f", "-o", "json", code=exits.USAGE)


def test_a_study_that_is_over_is_watched_at_once(study: Made, ofc: Ofc) -> None:
    study.run(MLP, {"accuracy": 0.5}, [Point(0, "accuracy", 0.25), Point(1, "accuracy", 0.5)])
    ofc("stop", "s")
    assert ofc("watch", "s").splitlines()[:2] == [
        "`s` is completed (stopped)",
        "trial 0: accuracy 0.5 in 10 s [1 of 20 over, 0 running]",
    ]
    shown = ofc("watch", "--once")
    assert "best     trial 0: accuracy 0.5" in shown
    assert "accuracy by steps" in shown
    found = ofc.json("watch", "s")
    assert (found["state"], found["trials"], found["curves"]) == (
        "completed",
        {"completed": 1},
        {"accuracy": {"0": [[0, 0.25], [1, 0.5]]}},
    )


def test_a_changed_spec_says_first_what_becomes_of_the_trials(
    study: Made, ofc: Ofc, here: Path
) -> None:
    study.run(MLP, {"accuracy": 0.5})
    study.run({"depth": 9, "family": "mlp"}, {"accuracy": 0.75})
    new = spec(SPACE.replace("1...9", "1...5"), ["maximize accuracy"])
    (here / "new.yaml").write_text(new)
    shown = ofc("revise", "s", "-f", "new.yaml", "--dry-run", code=exits.CHANGES)
    assert "~ spec.searchSpace.depth.range: 1...9 -> 1...5\n" in shown
    assert shown.endswith("trials: 1 kept, 1 invalidated\n")
    assert [trial.fate for trial in study.store.trials("s")] == ["kept", "kept"]
    found = ofc.json("revise", "-f", "new.yaml")
    assert (found["revision"], found["trials"]) == (
        2,
        {"kept": 1, "imputed": 0, "invalidated": 1, "cancelled": []},
    )
    assert [trial.fate for trial in study.store.trials("s")] == ["kept", "invalidated"]
    assert ofc("revise", "s", "-f", "new.yaml") == "the spec is the one that `s` has already\n"
    (here / "other.yaml").write_text(new.replace("{name: s}", "{name: t}"))
    ofc("revise", "s", "-f", "other.yaml", code=exits.FAILED)
    assert "error[OFC784]: the spec is of `t`, and the study is `s`" in ofc.err
    (here / "bad.yaml").write_text(new.replace("1...5", "5...1"))
    ofc("revise", "s", "-f", "bad.yaml", code=exits.INVALID)


def test_a_study_is_exported_by_the_end_of_the_name(study: Made, ofc: Ofc, here: Path) -> None:
    study.run(MLP, {"accuracy": 0.5}, [Point(0, "accuracy", 0.25)])
    assert ofc("export", "s", "--to", "t.csv") == "1 trial of `s` in t.csv\n"
    assert ofc.json("export", "--to", "c.json", "--table", "curves") == {
        "study": "s",
        "to": "c.json",
        "name": "s",
        "table": "curves",
        "rows": 1,
    }
    ofc("export", "--to", "t.csv", code=exits.FAILED)
    ofc("export", "--to", "t.xlsx", code=exits.FAILED)
    ofc("export", "--to", "sqlite:///x.db", "--table", "curves", code=exits.USAGE)


def test_an_experiment_is_imported_and_its_trials_begin_the_study(ofc: Ofc, here: Path) -> None:
    (here / "katib.yaml").write_text("---\n".join([EXPERIMENT, trial("t-1", "0.02")]))
    text = ofc("import", "katib.yaml")
    assert text.startswith("# yaml-language-server:")
    assert "estimator: estimator:Estimator" in text
    assert "warning[OFC787]" in ofc.err
    (here / "spec.yaml").write_text(text)
    ofc("check", "spec.yaml")

    ofc("import", "katib.yaml", "--trials", "--out", "half.yaml", code=exits.FAILED)
    assert "error[OFC787]: the trials were not taken over" in ofc.err
    assert not (here / ".ofc").exists()

    more = ("--source", "sklearn://digits", "--estimator", "model:Model")
    found = ofc.json("import", "katib.yaml", "--trials", "--out", "omniforce.yaml", *more)
    assert (found["study"], found["system"], found["pastTrials"], found["takenOver"]) == (
        "tpe-example",
        "katib",
        1,
        [0],
    )
    assert ofc.json("trials")["trials"][0]["origin"] == "import"
    ofc("import", "katib.yaml", "--trials", "--spec", "omniforce.yaml", code=exits.FAILED)
    assert "error[OFC796]" in ofc.err
    ofc("import", "katib.yaml", "--out", "omniforce.yaml", code=exits.FAILED)
    assert "error[OFC702]" in ofc.err


def test_trials_go_into_a_spec_that_was_finished_by_hand(ofc: Ofc, here: Path) -> None:
    (here / "det.yaml").write_text(DETERMINED)
    text = ofc("import", "det.yaml", "--source", "sklearn://digits")
    text = text.replace("validation_loss", "loss")
    (here / "omniforce.yaml").write_text(text)
    hparams = {
        "optimizer": {"kind": "SGD", "learning_rate": 0.5},
        "layers": 1,
        "dropout": 0.3,
    }
    validation = {"metrics": {"avgMetrics": {"validation_loss": 0.2}}}
    one = {"id": 5, "hparams": hparams, "bestValidation": validation}
    (here / "trials.json").write_text(json.dumps([one]))
    ofc("import", "det.yaml", "--trials", "trials.json", "--spec", "omniforce.yaml")
    assert ofc.err == "1 trial of 1 taken over into `mnist-search`\n"
    assert [each["metrics"] for each in ofc.json("trials")["trials"]] == [{"loss": 0.2}]


def test_what_is_no_experiment_is_refused(ofc: Ofc, here: Path) -> None:
    (here / "README.md").write_text("# hello\n")
    ofc("import", "README.md", code=exits.FAILED)
    assert "is no experiment of Optuna, Katib, NNI or Determined" in ofc.err
    ofc("import", "nowhere.yaml", code=exits.FAILED)
    ofc("import", "sqlite:///nowhere.db", code=exits.FAILED)
    (here / "bad.yaml").write_text("kind: Experiment\n")
    found = ofc.json("import", "bad.yaml", code=exits.INVALID)
    assert [each["code"] for each in found["diagnostics"]] == ["OFC788"]
    ofc("import", "bad.yaml", "--spec", "x.yaml", code=exits.USAGE)


def test_past_trials_cost_nothing_and_the_search_learns_from_them(
    ofc: Ofc, here: Path, study: Made
) -> None:
    """The engine's own budget counts the trials of this study only."""
    from omniforce.runtime.engine import advance
    from omniforce.runtime.store.past import Past, adopt
    from omniforce.strategies.table import make

    past = [
        Past(point=MLP, metrics={"accuracy": 0.5}, started=None, finished=1.0, message="")
        for _ in range(19)
    ]
    with study.store.lock("s") as session:
        assert adopt(session.connection, "s", 1, past) == tuple(range(19))
    step = advance(study.store, study.program, make, study.now + 100)
    assert (step.step, step.proposed) == ("proposed", (19, 20, 21, 22))


def test_a_report_after_the_stop_signal_is_a_result(study: Made, ofc: Ofc) -> None:
    number = study.propose(MLP)
    study.start(number)
    ofc("cancel", "s", "0", "--end-early")
    wish = study.store.heartbeat("s", 0, 1, "w0", 600, study.now + 1)
    assert wish == "stop"
    report = TrialReport(outcome="completed", metrics={"accuracy": 0.5}, seconds=1.0)
    assert study.store.finish("s", 0, 1, report, study.now + 2)
    assert ofc.json("trials")["trials"][0]["metrics"] == {"accuracy": 0.5}


def test_ctrl_c_ends_the_watching_and_nothing_of_the_study(study: Made, here: Path) -> None:
    study.run(MLP, {"accuracy": 0.5})
    command = [sys.executable, "-m", "omniforce.compiler.cli.main", "watch", "s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=here) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline() == "`s` is running\n"
        watching.send_signal(signal.SIGINT)
        watching.stdout.read()
        assert watching.wait(60) == exits.INTERRUPTED
    record = study.store.study("s")
    assert record is not None
    assert record.state == "running"
