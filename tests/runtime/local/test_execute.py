"""One trial in this process: what it is given, and what is said of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from omniforce.runtime.local.process import WorkerProcess
from omniforce.runtime.trial.as_json import (
    report_from_json,
    report_to_json,
    request_from_json,
    request_to_json,
)
from omniforce.runtime.trial.client import DESCRIPTOR, ReportRefused, channel, report
from omniforce.runtime.trial.contract import TrialReport, TrialRequest, environment, seed_of
from omniforce.runtime.trial.execute import classify, execute
from omniforce.runtime.trial.frames import BrokenFrame, Decoder, encode, receive, send
from omniforce.runtime.trial.load import load_class, missing_module
from omniforce.spec.blocks.algorithm import AlgorithmInterface, Argument, ReportedMetric
from omniforce.spec.blocks.devices import Device, MeasureOptions
from omniforce.spec.problem import Problem

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))


def request(tmp_path: Path, **arguments: object) -> TrialRequest:
    return TrialRequest(
        study="s",
        trial=7,
        attempt=2,
        arguments={"kind": "good", "widths": [8, None, 16], **arguments},  # type: ignore[dict-item]
        algorithm=AlgorithmInterface(
            "custom/estimator",
            0,
            "hostile_estimators:Estimator",
            metrics=(ReportedMetric("accuracy", "higher"),),
            arguments=(Argument("kind", "choice", values=("good", 1, True)),),
        ),
        data="/data",
        seed=3,
        devices=(Device("onnx", measure=MeasureOptions(1, 5, 1), name="server"),),
        metrics=("accuracy",),
        model_dir=str(tmp_path),
        timeout=5.0,
        memory=2**28,
    )


def without_devices(made: TrialRequest) -> TrialRequest:
    from dataclasses import replace

    return replace(made, devices=())


def test_the_environment_of_a_trial_says_all_that_it_needs(tmp_path: Path) -> None:
    assert environment(request(tmp_path, rate=0.1, on=True)) == {
        "OFC_STUDY": "s",
        "OFC_TRIAL": "7",
        "OFC_ATTEMPT": "2",
        "OFC_PARAMS": '{"kind": "good", "on": true, "rate": 0.1, "widths": [8, null, 16]}',
        "OFC_DATA": "/data",
        "OFC_SEED": "3",
        "OFC_MODEL_DIR": str(tmp_path),
        "OFC_METRICS": "accuracy",
        "OFC_IS_TRAINER": "false",
        "OFC_CONTRACT_DIR": f"{tmp_path}.contract",
        "KUBEFLOW_TRAINER_OPT_KIND": "good",
        "KUBEFLOW_TRAINER_OPT_WIDTHS": "[8, null, 16]",
        "KUBEFLOW_TRAINER_OPT_RATE": "0.1",
        "KUBEFLOW_TRAINER_OPT_ON": "true",
    }


def test_requests_and_reports_come_through_json_unchanged(tmp_path: Path) -> None:
    made = request(tmp_path)
    (back,) = Decoder().feed(encode(request_to_json(made)))
    assert request_from_json(back) == made
    said = TrialReport(outcome="failed", failure_class="nan", message="é\n", metrics={"a": 1.5})
    (back,) = Decoder().feed(encode(report_to_json(said)))
    assert report_from_json(back) == said


def test_execute_reports_what_the_estimator_reached(tmp_path: Path) -> None:
    phases: list[str] = []
    before = dict(os.environ)
    said = execute(without_devices(request(tmp_path)), phases.append)
    assert (said.outcome, said.metrics, phases) == (
        "completed",
        {"score": 0.5, "accuracy": 0.96, "cost": 0.5},
        ["running"],
    )
    assert dict(os.environ) == before


def test_what_is_raised_is_classified_and_its_traceback_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = execute(without_devices(request(tmp_path, kind="raises")))
    assert (said.failure_class, said.message) == ("user-error", "RuntimeError: the loss")
    assert "exploded" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (MemoryError(), "out-of-memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "out-of-memory"),
        (RuntimeError("std::bad_alloc"), "out-of-memory"),
        (SystemExit(3), "exit"),
        (KeyboardInterrupt(), "user-error"),
        (ValueError("x"), "user-error"),
    ],
)
def test_classes_of_failures(error: BaseException, failure: str) -> None:
    assert classify(error)[0] == failure


def test_a_class_that_is_not_there_is_named() -> None:
    with pytest.raises(Problem, match="has no class `Nobody`"):
        load_class("hostile_estimators:Nobody")


def test_a_missing_package_of_ours_names_its_extra() -> None:
    error = ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")
    assert missing_module(error).diagnostic.help == "pip install 'omniforce[algorithms]'"
    other = ModuleNotFoundError("No module named 'theirs'", name="theirs")
    assert missing_module(other).diagnostic.code == "OFC764"


def test_seeds_differ_between_trials_and_stay_the_same_between_attempts() -> None:
    seeds = {seed_of(study, trial) for study in range(20) for trial in range(200)}
    assert len(seeds) == 4000
    assert all(0 <= seed < 2**32 for seed in seeds)


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[int]:
    reading, writing = os.pipe()
    channel().begin(tmp_path)
    monkeypatch.setenv(DESCRIPTOR, str(writing))
    yield reading
    os.close(reading)
    os.close(writing)


def test_a_report_goes_to_whoever_listens(listening: int) -> None:
    report(3, {"loss": 0.5})
    assert receive(listening) == {"kind": "points", "points": [[3, "loss", 0.5]]}


@pytest.mark.parametrize("figures", [{"loss": float("nan")}, {"x" * 5000: 1.0}])
def test_a_report_that_says_nothing_is_refused(figures: dict[str, float]) -> None:
    with pytest.raises(ReportRefused):
        report(0, figures)


def test_a_report_where_nobody_listens_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DESCRIPTOR, raising=False)
    report(0, {"loss": 1.0})
    monkeypatch.setenv(DESCRIPTOR, "1000000")
    report(0, {"loss": 1.0})


def test_messages_come_whole_however_the_pipe_cuts_them() -> None:
    messages = [{"kind": "a", "n": i, "text": "ü" * i} for i in range(40)]
    stream = b"".join(map(encode, messages))
    for size in (1, 3, 7, len(stream)):
        decoder = Decoder()
        pieces = [stream[i : i + size] for i in range(0, len(stream), size)]
        assert [m for piece in pieces for m in decoder.feed(piece)] == messages


@pytest.mark.parametrize("garbage", [b"\xff\xff\xff\xff....", b"\0\0\0\4oops", b"\0\0\0\2[]"])
def test_what_is_no_message_is_refused(garbage: bytes) -> None:
    with pytest.raises(BrokenFrame):
        list(Decoder().feed(garbage))


def test_receive_ends_with_the_other_side() -> None:
    reading, writing = os.pipe()
    send(writing, {"kind": "x"})
    os.write(writing, b"\0\0")
    os.close(writing)
    assert [receive(reading), receive(reading)] == [{"kind": "x"}, None]
    os.close(reading)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for open descriptors")
def test_a_worker_that_ended_leaves_no_descriptor_behind(tmp_path: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    process = WorkerProcess(tmp_path / "log")
    process.end()
    assert set(os.listdir("/proc/self/fd")) == before
