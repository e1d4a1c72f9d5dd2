"""Trials that Katib or Trainer propose: values in, figures out, no store anywhere."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from omniforce.runtime.trial.alone import AGAIN, DONE, FAILED, NEVER, NotTold, number_of, run
from omniforce.runtime.trial.contract import TrialReport, TrialRequest, failed
from omniforce.runtime.trial.trainer import Status
from omniforce.targets.platforms.katib.experiment import METRIC
from tests.targets.foreign_search.small import SMALL, compiled, objects, one

VALUES = {
    "KUBEFLOW_TRAINER_OPT_LAYERS": "2",
    "KUBEFLOW_TRAINER_OPT_DROPOUT": "0.25",
    "KUBEFLOW_TRAINER_OPT_LEARNING_RATE": "0.01",
    "KUBEFLOW_TRAINER_OPT_BATCH_SIZE": "64",
}
needs_training = [
    pytest.mark.xdist_group("training"),
    *(
        pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"needs {name}")
        for name in ("duckdb", "sklearn", "torch")
    ),
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a pod of either target finds: its values, and the study that both mount."""
    from omniforce.targets.platforms.kubernetes.study_files import study_json

    program, found = compiled(SMALL, "katib")
    assert program is not None, found
    (tmp_path / "study.json").write_text(study_json(program), encoding="utf-8")
    return {
        "OFC_STUDY": "digits",
        "OFC_CONFIG": str(tmp_path),
        "OFC_DATA": str(tmp_path / "volume" / "data"),
        **VALUES,
    }


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omniforce.runtime.trial.alone.prepare_once", lambda *_: None)


def heard() -> tuple[list[Mapping[str, float]], Callable[[Mapping[str, float]], None]]:
    told: list[Mapping[str, float]] = []
    return told, told.append


@pytest.mark.usefixtures("prepared")
def test_the_values_reach_the_estimator_with_their_types(environment: dict[str, str]) -> None:
    asked: list[TrialRequest] = []

    def execute(request: TrialRequest, _: Any) -> TrialReport:
        asked.append(request)
        return TrialReport(outcome="completed", metrics={"accuracy": 0.5})

    told, tell = heard()
    assert run(environment, execute, tell) == DONE
    assert told == [{"accuracy": 0.5}]
    (request,) = asked
    searched = {"layers": 2, "dropout": 0.25, "learning_rate": 0.01, "batch_size": 64}
    assert {k: v for k, v in request.arguments.items() if k in searched} == searched
    assert request.arguments["family"] == "mlp"
    assert request.metrics == ("accuracy",)
    assert request.trial == number_of(searched)


@pytest.mark.usefixtures("prepared")
def test_derived_values_are_computed_in_the_trial(
    environment: dict[str, str], tmp_path: Path
) -> None:
    from omniforce.targets.platforms.kubernetes.study_files import study_json

    text = SMALL.replace("    dropout:", "    width: = 16 * 2 ** layers\n    dropout:")
    program, found = compiled(text, "trainer")
    assert program is not None, found
    (tmp_path / "study.json").write_text(study_json(program), encoding="utf-8")
    asked: list[TrialRequest] = []

    def execute(request: TrialRequest, _: Any) -> TrialReport:
        asked.append(request)
        return TrialReport(outcome="completed", metrics={"accuracy": 0.5})

    assert run(environment, execute, heard()[1]) == DONE
    assert asked[0].arguments["width"] == 64
    searched = [p["name"] for p in one(text, "katib", "Experiment")["spec"]["parameters"]]
    assert searched == ["layers", "dropout", "learning_rate", "batch_size"]


@pytest.mark.usefixtures("prepared")
def test_equal_points_train_with_equal_seeds_and_others_do_not(
    environment: dict[str, str],
) -> None:
    seeds: list[int] = []

    def execute(request: TrialRequest, _: Any) -> TrialReport:
        seeds.append(request.seed)
        return TrialReport(outcome="completed", metrics={"accuracy": 0.5})

    for value in ("2", "2.0", "3"):
        run(environment | {"KUBEFLOW_TRAINER_OPT_LAYERS": value}, execute, heard()[1])
    assert seeds[0] == seeds[1] != seeds[2]


@pytest.mark.usefixtures("prepared")
def test_a_failed_trial_is_never_tried_again(environment: dict[str, str]) -> None:
    told, tell = heard()
    assert run(environment, lambda *_: failed("nan", "`accuracy` is nan"), tell) == FAILED
    assert told == []


@pytest.mark.usefixtures("prepared")
def test_figures_that_nobody_takes_are_a_case_for_another_pod(environment: dict[str, str]) -> None:
    def tell(_: Mapping[str, float]) -> None:
        raise NotTold("503")

    done = TrialReport(outcome="completed", metrics={"accuracy": 0.5})
    assert run(environment, lambda *_: done, tell) == AGAIN


@pytest.mark.parametrize(
    "change",
    [
        {"KUBEFLOW_TRAINER_OPT_LAYERS": "${trialParameters.layers}"},
        {"KUBEFLOW_TRAINER_OPT_LAYERS": "4"},
        {"KUBEFLOW_TRAINER_OPT_BATCH_SIZE": ""},
        {"OFC_CONFIG": "/nowhere"},
        {"OFC_STUDY": ""},
    ],
)
def test_a_pod_that_is_not_as_the_manifests_make_it_gives_up(
    environment: dict[str, str], change: dict[str, str]
) -> None:
    def execute(*_: object) -> TrialReport:
        raise AssertionError("trained all the same")

    assert run(environment | change, execute, heard()[1]) == NEVER


class Controller(BaseHTTPRequestHandler):
    """The part of Trainer's controller that takes a TrainJob's status."""

    answers: list[int]
    asked: list[tuple[str | None, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked.append((self.headers["Authorization"], json.loads(body)))
        self.send_response(self.answers.pop(0) if self.answers else 200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def controller() -> Iterator[tuple[str, type[Controller]]]:
    handler = type("Here", (Controller,), {"answers": [], "asked": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/status", handler
    server.shutdown()
    server.server_close()
    thread.join()


def test_figures_are_pushed_into_the_train_jobs_status(
    controller: tuple[str, type[Controller]], tmp_path: Path
) -> None:
    url, handler = controller
    (tmp_path / "token").write_text("abc\n")
    Status(url, None, tmp_path / "token").tell({"accuracy": 0.5, "x" * 65: 1.0})
    ((authorization, body),) = handler.asked
    assert authorization == "Bearer abc"
    status = body["trainerStatus"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", status.pop("lastUpdatedTime"))
    assert body == {
        "trainerStatus": {
            "progressPercentage": 100,
            "estimatedRemainingSeconds": 0,
            "metrics": [{"name": "accuracy", "value": "0.5"}],
        }
    }


def test_a_controller_that_restarts_is_asked_again(
    controller: tuple[str, type[Controller]], tmp_path: Path
) -> None:
    url, handler = controller
    (tmp_path / "token").write_text("abc")
    handler.answers = [503, 429]
    Status(url, None, tmp_path / "token", pauses=(0.0, 0.0, 0.0)).tell({"accuracy": 0.5})
    assert len(handler.asked) == 3


@pytest.mark.parametrize(("answers", "tries"), [([403], 1), ([500, 500, 500], 3)])
def test_a_controller_that_refuses_is_told_of(
    controller: tuple[str, type[Controller]], tmp_path: Path, answers: list[int], tries: int
) -> None:
    url, handler = controller
    (tmp_path / "token").write_text("abc")
    handler.answers = list(answers)
    with pytest.raises(NotTold, match=str(answers[0])):
        Status(url, None, tmp_path / "token", pauses=(0.0, 0.0)).tell({"accuracy": 0.5})
    assert len(handler.asked) == tries


def _process(module: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"omniforce.runtime.trial.{module}"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


class TestForReal:
    """Whole processes that train on the digits."""

    pytestmark = needs_training

    def test_a_katib_trial_prints_what_the_collector_reads(
        self, environment: dict[str, str]
    ) -> None:
        ran = _process("katib", environment)
        assert ran.returncode == DONE, ran.stderr
        found = [re.findall(METRIC, line)[-1:] for line in ran.stdout.splitlines() if line]
        figures = {name: float(value) for ((name, value, *_),) in found}
        assert set(figures) == {"score", "accuracy"}
        assert 0.3 < figures["accuracy"] <= 1.0
        stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z accuracy=0\.\d+"
        assert re.search(rf"(?m)^{stamp}$", ran.stdout)

    def test_a_trial_runs_as_katib_runs_it(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        """The template filled in as text, the command in one line of a shell, a file for all."""
        (job,) = (o for o in objects(SMALL, "katib") if o["kind"] == "Experiment")
        template = json.dumps(job["spec"]["trialTemplate"]["trialSpec"])
        for each in job["spec"]["trialTemplate"]["trialParameters"]:
            value = VALUES[f"KUBEFLOW_TRAINER_OPT_{each['name'].upper()}"]
            template = template.replace(f"${{trialParameters.{each['name']}}}", value)
        assert "${" not in template
        (container,) = json.loads(template)["spec"]["template"]["spec"]["containers"]
        given = {e["name"]: e["value"] for e in container["env"]}
        here = {name: environment[name] for name in ("OFC_CONFIG", "OFC_DATA")}
        log = tmp_path / "metrics.log"
        line = " ".join(
            [*container["command"], f"1>{log} 2>&1", "&&", f"echo completed > {log}.pid"]
        )
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        ran = subprocess.run(
            ["sh", "-c", line], env={**os.environ, **given, **here, "PATH": path}, check=False
        )
        assert ran.returncode == DONE, log.read_text()
        assert Path(f"{log}.pid").read_text() == "completed\n"
        seen = [re.findall(METRIC, each) for each in log.read_text().splitlines()]
        accuracy = [value for ((name, value, *_),) in filter(None, seen) if name == "accuracy"]
        assert 0.3 < float(accuracy[-1]) <= 1.0

    def test_a_trainer_trial_pushes_its_figures(
        self,
        environment: dict[str, str],
        controller: tuple[str, type[Controller]],
        tmp_path: Path,
    ) -> None:
        url, handler = controller
        (tmp_path / "token").write_text("abc")
        heard_by = {
            "KUBEFLOW_TRAINER_SERVER_URL": url,
            "KUBEFLOW_TRAINER_SERVER_TOKEN": str(tmp_path / "token"),
        }
        ran = _process("trainer", environment | heard_by)
        assert ran.returncode == DONE, ran.stderr
        ((_, body),) = handler.asked
        names = [m["name"] for m in body["trainerStatus"]["metrics"]]
        assert sorted(names) == ["accuracy", "score"]

    def test_a_trainer_trial_without_the_gate_does_not_train(
        self, environment: dict[str, str]
    ) -> None:
        ran = _process("trainer", environment)
        assert ran.returncode == NEVER
        assert "TrainJobStatus" in ran.stderr
