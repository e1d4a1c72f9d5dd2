"""A real server on a free port of loopback, and real requests."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

for extra in ("kserve", "onnx", "onnxruntime"):
    pytest.importorskip(extra)

import numpy as np  # noqa: E402
import onnx  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from omniforce.runtime.models.listen import listen  # noqa: E402
from omniforce.runtime.models.request import (  # noqa: E402
    infer,
    is_ready,
    metadata,
    wait_until_ready,
)
from omniforce.spec.problem import Problem  # noqa: E402

NAME = "doubler"
JSON = {"Content-Type": "application/json"}
SERVE = (sys.executable, "-m", "omniforce.runtime.models.serve", "--name", NAME)


def doubler(path: Path) -> None:
    """A model that doubles images n x 1 x 2 x 2."""
    graph = helper.make_graph(
        [helper.make_node("Mul", ["input", "two"], ["doubled"])],
        "doubler",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 1, 2, 2])],
        [helper.make_tensor_value_info("doubled", TensorProto.FLOAT, ["batch", 1, 2, 2])],
        [numpy_helper.from_array(np.array([2.0], np.float32), "two")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, path)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's address; it must end well when it is told to."""
    directory = tmp_path_factory.mktemp("model")
    doubler(directory / "model.onnx")
    with (directory / "log").open("w") as log:
        command = (*SERVE, "--model-dir", str(directory), "--port", "0")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    with process, process.stdout:
        try:
            base = process.stdout.readline().strip().removesuffix(f"/v2/models/{NAME}")
            wait_until_ready(base, NAME, lambda: process.poll() is None)
            yield base
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
            assert (directory / "log").read_text() == ""
        finally:
            process.kill()


def test_it_listens_on_loopback_alone(url: str) -> None:
    assert url.startswith("http://127.0.0.1:")
    port = int(url.rsplit(":", 1)[1])
    addresses = [
        line.split()[1]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
    ]
    assert addresses == [f"0100007F:{port:04X}"]


def test_rows_go_in_and_answers_come_out(url: str) -> None:
    x = np.arange(12, dtype=np.float32).reshape(3, 1, 2, 2)
    answer = infer(url, NAME, x)
    np.testing.assert_array_equal(answer.output, 2 * x)
    assert answer.model == NAME
    assert answer.seconds > 0


def test_it_says_what_the_model_takes(url: str) -> None:
    found = metadata(url, NAME)
    assert found["inputs"] == [{"name": "input", "datatype": "FP32", "shape": [-1, 1, 2, 2]}]
    assert found["outputs"] == [{"name": "doubled", "datatype": "FP32", "shape": [-1, 1, 2, 2]}]


@pytest.mark.parametrize("path", ["/v2/health/live", "/v2/health/ready", "/v2", "/metrics"])
def test_health_and_metrics_are_there(url: str, path: str) -> None:
    with urllib.request.urlopen(url + path, timeout=5) as reply:
        assert reply.status == 200


def test_the_first_protocol_works_too(url: str) -> None:
    body = json.dumps({"instances": [[[[1, 2], [3, 4]]]]}).encode()
    asked = urllib.request.Request(f"{url}/v1/models/{NAME}:predict", body, JSON)
    with urllib.request.urlopen(asked, timeout=5) as reply:
        assert json.loads(reply.read()) == {"predictions": [[[[2, 4], [6, 8]]]]}


@pytest.mark.parametrize(
    ("name", "shape", "input_name", "message"),
    [
        ("other", (1, 1, 2, 2), "input", "404 Model with name other does not exist"),
        (NAME, (1, 2, 2), "input", "400 the input has the shape [1, 2, 2]"),
        (NAME, (1, 1, 2, 3), "input", "400 the input has the shape [1, 1, 2, 3]"),
        (NAME, (0, 1, 2, 2), "input", "400"),
        (NAME, (1, 1, 2, 2), "x", "400 expected one input `input`"),
    ],
)
def test_a_wrong_request_gets_the_servers_own_words(
    url: str, name: str, shape: tuple[int, ...], input_name: str, message: str
) -> None:
    with pytest.raises(Problem) as caught:
        infer(url, name, np.zeros(shape, np.float32), input_name)
    assert caught.value.diagnostic.code == "OFC742"
    assert message in caught.value.diagnostic.message


def _request(datatype: str, data: list[object]) -> bytes:
    tensor = {"name": "input", "datatype": datatype, "shape": [1, 1, 2, 2], "data": data}
    return json.dumps({"inputs": [tensor]}).encode()


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        (f"/v2/models/{NAME}/infer", _request("FP32", [1.0]), JSON),
        (f"/v2/models/{NAME}/infer", _request("INT64", [1, 2, 3, 4]), JSON),
        (f"/v2/models/{NAME}/infer", _request("FP32", ["a", "b", "c", "d"]), JSON),
        (f"/v1/models/{NAME}:predict", b'{"instances": [["a"]]}', JSON),
        (f"/v1/models/{NAME}:predict", b'{"instances": [[1], [1, 2]]}', JSON),
        (f"/v1/models/{NAME}:predict", b'{"instances": [[1]]}', {"Content-Type": "text/plain"}),
        (f"/v1/models/{NAME}:predict", b"{}", JSON),
        (f"/v1/models/{NAME}:predict", b"[]", JSON),
        (f"/v1/models/{NAME}:predict", b"{", JSON),
    ],
)
def test_what_is_no_request_is_the_clients_fault(
    url: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    asked = urllib.request.Request(url + path, body, headers)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(asked, timeout=5)
    caught.value.close()
    assert caught.value.code == 400


def test_nobody_answers_where_no_server_is() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    assert not is_ready(url, NAME)
    with pytest.raises(Problem) as caught:
        infer(url, NAME, np.zeros((1, 1), np.float32))
    assert caught.value.diagnostic.code == "OFC742"
    with pytest.raises(Problem) as caught:
        wait_until_ready(url, NAME, lambda: False)
    assert caught.value.diagnostic.code == "OFC743"
    with pytest.raises(Problem) as caught:
        wait_until_ready(url, NAME, lambda: True, seconds=0.1)
    assert caught.value.diagnostic.code == "OFC743"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run((*SERVE, *arguments), capture_output=True, text=True, timeout=60)


def test_an_occupied_port_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no model, which nobody gets to see")
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        done = run("--model-dir", str(tmp_path), "--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"error[OFC740]: port {port} of `127.0.0.1` is in use" in done.stderr


@pytest.mark.parametrize(("content", "code"), [(None, "OFC741"), (b"no model", "OFC810")])
def test_a_missing_or_broken_model_is_a_clear_error(
    tmp_path: Path, content: bytes | None, code: str
) -> None:
    if content is not None:
        (tmp_path / "model.onnx").write_bytes(content)
    done = run("--model-dir", str(tmp_path), "--port", "0")
    assert done.returncode == 1
    assert f"error[{code}]" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_smoke_test_asks_all_that_the_protocol_has(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from omniforce.runtime.models.smoke_test import main

    assert main([url, NAME], tries=1) == 0
    assert capsys.readouterr().out.splitlines() == [
        "/v2/health/live is ready",
        "/v2/health/ready is ready",
        f"/v2/models/{NAME} takes input",
        f"/v2/models/{NAME}/ready is ready",
        f"/v2/models/{NAME}/infer gives `doubled` [1, 1, 2, 2]",
    ]
    assert main([url, "another"], tries=1) == 1
    assert "answers 404" in capsys.readouterr().err
