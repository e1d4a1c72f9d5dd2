"""The smoke test against servers that are wrong in one way each."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from omniforce.runtime.models.smoke_test import main

GOOD: dict[str, Any] = {
    "GET /v2/health/live": (200, {}),
    "GET /v2/health/ready": (200, {}),
    "GET /v2/models/m": (
        200,
        {"name": "m", "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 2]}]},
    ),
    "GET /v2/models/m/ready": (200, {}),
    "POST /v2/models/m/infer": (
        200,
        {"outputs": [{"name": "y", "shape": [1, 3], "data": [0.1, 0.2, 0.7]}]},
    ),
}


class Server(BaseHTTPRequestHandler):
    answers: dict[str, tuple[int, Any]]
    asked: list[tuple[str, Any]]

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        key = f"{self.command} {self.path}"
        type(self).asked.append((key, json.loads(body) if body else None))
        status, answer = self.answers.get(key, (404, {"error": "not found"}))
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _answer

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[tuple[str, type[Server]]]:
    handler = type("Here", (Server,), {"answers": dict(GOOD), "asked": []})
    http = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}", handler
    http.shutdown()
    http.server_close()
    thread.join()


def test_it_asks_exactly_the_protocols_endpoints(server: tuple[str, type[Server]]) -> None:
    url, handler = server
    assert main([f"{url}/", "m"], tries=1) == 0
    assert handler.asked == [
        ("GET /v2/health/live", None),
        ("GET /v2/health/ready", None),
        ("GET /v2/models/m", None),
        ("GET /v2/models/m/ready", None),
        (
            "POST /v2/models/m/infer",
            {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [0, 0]}]},
        ),
    ]


@pytest.mark.parametrize(
    ("endpoint", "answer", "message"),
    [
        ("GET /v2/health/live", (503, {}), "answers 503"),
        ("GET /v2/health/ready", (500, {}), "answers 500"),
        ("GET /v2/models/m", (200, {"name": "other"}), "describes another model"),
        ("GET /v2/models/m", (200, {"name": "m"}), "of no input"),
        ("GET /v2/models/m", (200, b"<html>"), "no JSON"),
        ("GET /v2/models/m/ready", (400, {}), "answers 400"),
        ("POST /v2/models/m/infer", (200, {}), "no output"),
        (
            "POST /v2/models/m/infer",
            (200, {"outputs": [{"name": "y", "shape": [1, 3], "data": [0.5]}]}),
            "has 1 figures",
        ),
        (
            "POST /v2/models/m/infer",
            (200, b'{"outputs": [{"name": "y", "shape": [1], "data": [NaN]}]}'),
            "no finite number",
        ),
    ],
)
def test_a_server_that_is_wrong_is_found_out(
    server: tuple[str, type[Server]],
    capsys: pytest.CaptureFixture[str],
    endpoint: str,
    answer: tuple[int, Any],
    message: str,
) -> None:
    url, handler = server
    handler.answers[endpoint] = answer
    assert main([url, "m"], tries=1) == 1
    assert message in capsys.readouterr().err


def test_a_server_that_wakes_up_is_asked_again(server: tuple[str, type[Server]]) -> None:
    url, handler = server
    handler.answers["GET /v2/health/ready"] = (503, {})
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        handler.answers.update(GOOD)

    assert main([url, "m"], tries=3, wait=wait) == 0
    assert pauses == [10.0]


def test_nobody_at_the_address_is_an_error_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["http://127.0.0.1:9", "m"], tries=1) == 1
    assert "error: http://127.0.0.1:9/v2/health/live" in capsys.readouterr().err
