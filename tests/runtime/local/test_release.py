"""The way after the search: the chosen model made, checked, registered, served and asked."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from omniforce.runtime.models.request import infer
from omniforce.spec.problem import Problem

from .conftest import Project

SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: tiny}
spec:
  data: {source: "file://data.csv", target: y}
  algorithm:
    estimator: linear_estimator:Linear
    metrics: [accuracy]
    parameters: [penalty, fault]
    arguments: {fault: FAULT}
  searchSpace:
    penalty: 1e-3...10 log
  objectives:
    - maximize accuracy
    - minimize latency.p95 on server
    - require size <= 1MiB on server
  search: {strategy: random, budget: {trials: 4}, parallelism: 2}
  devices: {server: {runtime: onnx, measure: {warmup: 2, repeats: 20}}}
  deployment: {to: server}
"""


@pytest.fixture
def linear(project: Project) -> Project:
    project.write("", SPEC.replace("FAULT", "none"))
    return project


def test_the_chosen_model_is_made_checked_registered_served_and_asked(linear: Project) -> None:
    done = linear.json("run")
    assert (done["state"], done["trials"]) == ("completed", 4)
    metrics = done["model"]["metrics"]
    assert metrics["difference@server"] <= metrics["tolerance@server"]
    assert done["served"]["rows"] == 8
    assert done["served"]["difference"] <= metrics["tolerance@server"]
    model = Path(done["model"]["directory"])
    assert {place.name for place in model.iterdir()} == {
        *("model.onnx", "model.json", "on-server.onnx", "reference.npz", "estimator")
    }
    card = json.loads((model / "model.json").read_text())
    assert (card["study"], card["trial"]) == ("tiny", done["chosen"])
    assert card["classes"] == ["0", "1"]
    assert list((linear.home / "work").iterdir()) == []
    assert "differs by" in (linear.home / "report.html").read_text()


def test_a_model_that_is_there_is_not_made_again(linear: Project) -> None:
    first = linear.json("run", "--no-serve")
    before = (Path(first["model"]["directory"]) / "model.onnx").stat()
    again = linear.json("run", "--no-serve")
    assert again["model"] == first["model"]
    assert (Path(again["model"]["directory"]) / "model.onnx").stat() == before


def test_a_model_that_was_lost_is_made_again_and_has_the_same_version(linear: Project) -> None:
    first = linear.json("run", "--no-serve")
    directory = Path(first["model"]["directory"])
    (directory / "model.json").unlink()
    again = linear.json("run", "--no-serve")
    assert again["model"]["digest"] == first["model"]["digest"]
    assert (directory / "model.json").exists()


@pytest.mark.parametrize(
    ("fault", "code"), [("wrong export", "OFC769"), ("fails at last", "OFC767")]
)
def test_a_model_that_cannot_be_trusted_is_not_registered(
    project: Project, fault: str, code: str
) -> None:
    project.write("", SPEC.replace("FAULT", fault))
    done = project.ofc("run")
    assert done.returncode == 1
    assert f"error[{code}]" in done.stderr
    assert list((project.home / "models").iterdir()) == []
    assert project.json("status")["state"] == "completed"


def test_an_occupied_port_loses_nothing(linear: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = linear.ofc("run", "--port", port)
        assert done.returncode == 1
        assert "error[OFC740]" in done.stderr
        serve = linear.ofc("serve", "--port", port)
        assert serve.returncode == 1
        assert "error[OFC740]" in serve.stderr
    assert linear.json("run", "--port", port)["served"]["rows"] == 8


def test_the_chosen_model_can_be_served_later(linear: Project) -> None:
    linear.json("run", "--no-serve")
    with _serving(linear, "serve", "tiny", "--port", "0") as process:
        assert process.stdout is not None
        _asked(process.stdout.readline().strip())


def test_a_run_goes_on_serving_until_it_is_stopped(linear: Project) -> None:
    with _serving(linear, "run", "--keep-serving", "--port", "0") as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "until Ctrl-C" in line)
        _asked(line.split()[1])
    assert process.returncode == 0


def _asked(url: str) -> None:
    server, _, rest = url.partition("/v2/models/")
    for _ in range(100):
        try:
            answer = infer(server, rest.partition("/")[0], np.ones((3, 2), np.float32))
        except Problem:
            time.sleep(0.1)
        else:
            assert answer.output.shape == (3, 2)
            return
    raise AssertionError("no answer")


@contextmanager
def _serving(project: Project, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = project.start(*arguments)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
