"""A program as a trial: what it is told, how it answers, and what it may not do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from omniforce.runtime.local.pool import Finished, PoolOptions, Reported
from omniforce.runtime.local.workers import WorkerPool
from omniforce.runtime.store.trial import Point
from omniforce.runtime.trial.command import located
from omniforce.runtime.trial.contract import TrialReport, TrialRequest
from omniforce.runtime.trial.door import LARGEST, TOKEN, URL
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.devices import Device, MeasureOptions
from omniforce.spec.problem import Problem

CLASS = "omniforce.runtime.trial.command:Command"
EXAMPLE = Path(__file__).parents[3] / "examples" / "shell-trial"

Run = Callable[..., tuple[TrialReport, list[Point]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a text as a program in `tmp_path`."""

    def run(
        script: str, *, interpreter: str = "/bin/sh", stop: bool = False, **changes: object
    ) -> tuple[TrialReport, list[Point]]:
        program = tmp_path / "train"
        program.write_text(f"#!{interpreter}\n{script}")
        program.chmod(0o755)
        command = ("./train", "a word; echo $HOME")
        (tmp_path / "model").mkdir(exist_ok=True)
        facts: dict[str, object] = {
            "study": "s",
            "trial": 0,
            "arguments": {"rate": 0.5, "layers": [1, 2]},
            "algorithm": AlgorithmInterface("custom/train", 0, CLASS, command=command),
            "data": str(tmp_path),
            "metrics": ("accuracy",),
            "model_dir": str(tmp_path / "model"),
            "timeout": 30.0,
        }
        made = TrialRequest(**(facts | changes))  # type: ignore[arg-type]
        options = PoolOptions(
            size=1,
            estimator=CLASS,
            command=command,
            log=tmp_path / "workers.log",
            path=(str(tmp_path),),
        )
        points: list[Point] = []
        with WorkerPool(options) as pool:
            pool.start(made, tmp_path / "log")
            for _ in range(60):
                for each in pool.wait(1.0):
                    if isinstance(each, Reported):
                        points += each.points
                        if stop:
                            pool.stop(0)
                    if isinstance(each, Finished):
                        return each.report, points
        raise AssertionError("the trial never ended")

    return run


def test_a_program_is_told_all_by_its_environment_and_no_shell_reads_its_words(
    run: Run, tmp_path: Path
) -> None:
    report, _ = run(
        'echo "$1|$KUBEFLOW_TRAINER_OPT_RATE|$KUBEFLOW_TRAINER_OPT_LAYERS|$OFC_TRIAL"\n'
        'echo "$OFC_PARAMS|$(cat $OFC_CONTRACT_DIR/params.json)|${OFC_REPORT_FD:-none}|$PWD"\n'
        "echo '{\"accuracy\": 0.5}' > $OFC_CONTRACT_DIR/result.json"
    )
    arguments = '{"layers": [1, 2], "rate": 0.5}'
    assert (report.outcome, report.message, report.metrics) == ("completed", "", {"accuracy": 0.5})
    assert report.tail.splitlines() == [
        "a word; echo $HOME|0.5|[1, 2]|0",
        f"{arguments}|{arguments}|none|{tmp_path}",
    ]


def test_lines_of_figures_come_in_and_the_last_ones_are_the_result(run: Run) -> None:
    report, points = run(
        "cd $OFC_CONTRACT_DIR\n"
        'echo \'{"step": 0, "metrics": {"accuracy": 0.1}}\' >> metrics.jsonl\n'
        'echo \'{"step": 5, "accuracy": 0.25, "loss": 3}\' >> metrics.jsonl\n'
        'printf \'{"accuracy": 0.75}\\n{"accuracy": 0.8}\' >> metrics.jsonl\n'
    )
    assert report.metrics == {"accuracy": 0.75, "loss": 3.0}
    assert points == [
        Point(0, "accuracy", 0.1),
        Point(5, "accuracy", 0.25),
        Point(5, "loss", 3.0),
        Point(2, "accuracy", 0.75),
    ]


def test_lines_that_are_none_are_told_in_the_log_and_change_nothing(run: Run) -> None:
    report, points = run(
        "cd $OFC_CONTRACT_DIR\n"
        "echo nonsense >> metrics.jsonl\n"
        'echo \'{"step": 1, "metrics": {"loss": NaN}}\' >> metrics.jsonl\n'
        'echo \'{"step": "x", "metrics": {"loss": 1}}\' >> metrics.jsonl\n'
        "head -c 200000 /dev/zero | tr '\\0' x >> metrics.jsonl\n"
        "echo >> metrics.jsonl\n"
        'echo \'{"step": 2, "metrics": {"accuracy": 1}}\' >> metrics.jsonl\n'
    )
    assert (report.outcome, points) == ("completed", [Point(2, "accuracy", 1.0)])
    assert [line.partition(":")[0] for line in report.tail.splitlines()] == [
        f"-- metrics.jsonl, line {number}" for number in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("result", "failure", "message"),
    [
        ('{"accuracy": NaN}', "nan", "`accuracy` is nan"),
        ('{"accuracy": 1e999}', "nan", "`accuracy` is inf"),
        ('{"accuracy": "0.9"}', "user-error", "`result.json`: `accuracy` is no number"),
        ("[1]", "user-error", "`result.json`: no object of JSON"),
        ('{"other": 1}', "user-error", "no metric `accuracy` was reported; there are `other`"),
        ("{", "user-error", "`result.json`: no JSON: "),
    ],
)
def test_a_result_that_is_none_is_a_failure_with_its_reason(
    run: Run, result: str, failure: str, message: str
) -> None:
    report, _ = run(f"echo '{result}' > $OFC_CONTRACT_DIR/result.json")
    assert (report.outcome, report.failure_class) == ("failed", failure)
    assert report.message.startswith(message)


@pytest.mark.parametrize(
    ("script", "failure", "message"),
    [
        ("exit 3", "exit", "the program ended with status 3"),
        ("kill -SEGV $$", "exit", "the process was ended by SIGSEGV"),
        ("echo MemoryError >&2; exit 1", "out-of-memory", "the program ended with status 1"),
        (
            "echo torch.OutOfMemoryError: CUDA out of memory. >&2; exit 1",
            "device-out-of-memory",
            "the program ended with status 1",
        ),
        ("true", "user-error", "no metric `accuracy` was reported; there are none"),
        ("sleep 60", "timeout", "still running after 1 s"),
        ("mkfifo $OFC_CONTRACT_DIR/result.json", "user-error", "no metric `accuracy` was"),
    ],
)
def test_how_a_program_ends_is_the_trials_failure(
    run: Run, script: str, failure: str, message: str
) -> None:
    report, _ = run(script, timeout=1.0 if failure == "timeout" else 30.0)
    assert (report.failure_class, report.message[: len(message)]) == (failure, message)


def test_a_program_that_looks_for_the_stop_ends_early(run: Run) -> None:
    report, _ = run(
        "cd $OFC_CONTRACT_DIR\n"
        "while [ ! -e stop ]; do echo '{\"accuracy\": 0.5}' >> metrics.jsonl; sleep 0.05; done\n"
        "echo '{\"accuracy\": 0.625}' > result.json",
        stop=True,
    )
    assert (report.outcome, report.metrics) == ("completed", {"accuracy": 0.625})


def test_what_a_program_leaves_in_the_background_is_ended_with_it(run: Run, tmp_path: Path) -> None:
    report, _ = run(
        f"sleep 600 & echo $! > {tmp_path}/child\n"
        "echo '{\"accuracy\": 1}' > $OFC_CONTRACT_DIR/result.json"
    )
    assert report.outcome == "completed"
    state = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] in "ZX"


ASKS = f"""
import json, os, urllib.error, urllib.request
URL, TOKEN = os.environ["{URL}"], os.environ["{TOKEN}"]

def ask(path, body=None, token=TOKEN):
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    headers = {{"Authorization": "Bearer " + token}}
    asked = urllib.request.Request(URL + path, data, headers)
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        said = json.loads(error.read())
        assert error.headers["Content-Type"] == "application/problem+json"
        assert said["status"] == error.code
        return error.code, said["detail"]

print(json.dumps([
    ask("/report", {{"step": 3, "metrics": {{"loss": 0.25}}}}),
    ask("/stop"),
    ask("/report", {{"step": 3, "metrics": {{"loss": 0.5}}}}, token="guess"),
    ask("/report", b"{{"),
    ask("/report", {{"step": 1, "metrics": {{"loss": float("nan")}}}}),
    ask("/report", {{"step": 1, "metrics": {{"x" * 300: 1}}}}),
    ask("/report", {{"step": 1}}),
    ask("/report", b"x" * {LARGEST + 1}),
    ask("/elsewhere", {{}}),
    ask("/result", {{"accuracy": "high"}}),
    ask("/result", {{"accuracy": 0.875}}),
]))
"""


def test_a_program_may_speak_http_with_its_token(run: Run) -> None:
    report, points = run(ASKS, interpreter=sys.executable)
    assert (report.message, report.metrics) == ("", {"accuracy": 0.875})
    assert points == [Point(3, "loss", 0.25)]
    answers = [status for status, _ in json.loads(report.tail)]
    assert answers == [204, 200, 401, 400, 422, 422, 422, 413, 404, 422, 204]
    assert json.loads(report.tail)[1][1] == '{"stop": false}\n'


def test_a_python_program_may_import_the_client(run: Run) -> None:
    report, points = run(
        "from omniforce.runtime.trial.client import report, should_stop\n"
        "for step in range(3):\n"
        "    report(step, {'accuracy': step / 4})\n"
        "assert not should_stop()\n",
        interpreter=sys.executable,
    )
    assert (report.message, report.metrics) == ("", {"accuracy": 0.5})
    assert [point.step for point in points] == [0, 1, 2]


SERVER = (Device("onnx", measure=MeasureOptions(1, 5, 1), name="server"),)


def test_a_device_needs_the_model_that_a_program_leaves(run: Run) -> None:
    report, _ = run("true", devices=SERVER, metrics=("latency.p95@server",))
    assert report.failure_class == "user-error"
    assert report.message.startswith("the program left no `model.onnx`, and a device is to run")


def test_a_program_outside_of_the_specs_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "spec"
    folder.mkdir()
    (folder / "link").symlink_to("/bin/sh")
    (folder / "plain").write_text("#!/bin/sh\n")
    found = {}
    for program in ("./link", "../x", "./plain", "./nothing", "no-such-program-anywhere"):
        with pytest.raises(Problem) as caught:
            located((program,), folder)
        found[program] = caught.value.diagnostic.code
    assert found == {
        "./link": "OFC860",
        "../x": "OFC860",
        "./plain": "OFC861",
        "./nothing": "OFC861",
        "no-such-program-anywhere": "OFC861",
    }
    assert located(("sh", "-c", "x"), folder)[1:] == ("-c", "x")


def test_the_example_in_sh_runs_from_its_spec(tmp_path: Path) -> None:
    for name in ("omniforce.yaml", "train.sh"):
        (tmp_path / name).write_bytes((EXAMPLE / name).read_bytes())
    (tmp_path / "train.sh").chmod(0o755)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "omniforce.compiler.cli.main"),
            *("run", "omniforce.yaml", "-p", "trials=3", "-o", "json"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    logs = sorted((tmp_path / ".ofc" / "shell-trial" / "logs").glob("trial-*.log"))
    assert len(logs) == 3
    assert all(" after 20 steps" in log.read_text() for log in logs)


def test_a_program_that_may_not_be_run_ends_the_run_before_any_trial(tmp_path: Path) -> None:
    (tmp_path / "omniforce.yaml").write_bytes((EXAMPLE / "omniforce.yaml").read_bytes())
    (tmp_path / "train.sh").write_text("#!/bin/sh\n")
    done = subprocess.run(
        [sys.executable, "-m", "omniforce.compiler.cli.main", "run", "omniforce.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    assert "OFC861" in done.stderr
    assert "chmod +x ./train.sh" in done.stderr


SERVED = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: served}
spec:
  data: {source: "sklearn://diabetes", target: progression}
  algorithm: {command: [./train.sh], metrics: [loss]}
  searchSpace: {rate: 0...1}
  objectives: [minimize loss, minimize latency.p50 on server]
  devices: {server: {runtime: onnx}}
  deployment: {to: server}
  search: {strategy: random, budget: {trials: 2}, parallelism: 1}
"""


def test_a_model_that_a_program_leaves_is_measured_checked_and_served(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="makes a model of ONNX")
    pytest.importorskip("kserve", reason="serves it as KServe does")
    from onnx import TensorProto, helper

    node = helper.make_node("ReduceMean", ["input"], ["output"], axes=[1], keepdims=1)
    places = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width])
        for name, width in (("input", 10), ("output", 1))
    ]
    graph = helper.make_graph([node], "mean", places[:1], places[1:])
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8),
        tmp_path / "ready.onnx",
    )
    (tmp_path / "omniforce.yaml").write_text(SERVED)
    (tmp_path / "train.sh").write_text(
        '#!/bin/sh\ncp ready.onnx "$OFC_MODEL_DIR/model.onnx"\n'
        'echo "{\\"loss\\": $KUBEFLOW_TRAINER_OPT_RATE}" > "$OFC_CONTRACT_DIR/result.json"\n'
    )
    (tmp_path / "train.sh").chmod(0o755)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "omniforce.compiler.cli.main"),
            *("run", "omniforce.yaml", "-o", "json"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (model,) = (tmp_path / ".ofc" / "served" / "models").glob("*/model.onnx")
    assert model.stat().st_size > 0
    assert "rows, answered in" in done.stderr
