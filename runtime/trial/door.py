"""A server on loopback by which a program says how it goes: for what can POST and not import.

    POST $OFC_TRIAL_URL/report  {"step": 3, "metrics": {"loss": 0.2}}
    POST $OFC_TRIAL_URL/result  {"accuracy": 0.93}
    GET  $OFC_TRIAL_URL/stop    {"stop": false}

Each with `Authorization: Bearer $OFC_TRIAL_TOKEN`. Refused is what any user of this machine could
send: another token, too much, too slowly, too often at once.
"""

from __future__ import annotations

import hmac
import json
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Self

from .client import ReportRefused
from .failures import MissingMetric, NotANumber
from .written import as_object

URL = "OFC_TRIAL_URL"
TOKEN = "OFC_TRIAL_TOKEN"  # noqa: S105 - the name of a variable

LARGEST = 64 * 1024
"""Bytes of one body."""

_PATIENCE = 5.0  # seconds for each read of a request
_AT_ONCE = 16  # requests

Report = Callable[[object, Mapping[str, object]], None]


class Door:
    """The server, while a program runs.

    Args:
        report: takes a step and figures; raises `ReportRefused`.
        result: takes the figures of the end; raises what `written.result_of` does.
        is_stopped: whether the program should end early.
    """

    def __init__(
        self,
        report: Report,
        result: Callable[[Mapping[str, object]], None],
        is_stopped: Callable[[], bool],
    ) -> None:
        self.report, self.result, self.is_stopped = report, result, is_stopped
        self.token = secrets.token_urlsafe(32)
        self._server = _Server(self)

    @property
    def variables(self) -> Mapping[str, str]:
        """What a program must know of it."""
        return {URL: f"http://127.0.0.1:{self._server.server_port}", TOKEN: self.token}

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="ofc-door", daemon=True
        ).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(HTTPServer):
    request_queue_size = 64

    def __init__(self, door: Door) -> None:
        self.door = door
        self._free = threading.Semaphore(_AT_ONCE)
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        """Without a question to DNS, which the usual one asks."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def process_request(self, request: object, client_address: object) -> None:
        """In a thread of its own, a few at once; one more waits no longer than a slow one may."""
        assert isinstance(request, socket.socket)
        if not self._free.acquire(timeout=_PATIENCE):
            self.shutdown_request(request)
            return
        threading.Thread(target=self._serve, args=(request, client_address), daemon=True).start()

    def _serve(self, request: socket.socket, client_address: object) -> None:
        try:
            with suppress(OSError):
                self.finish_request(request, client_address)
        finally:
            self.shutdown_request(request)
            self._free.release()


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE
    protocol_version = "HTTP/1.0"  # one request a connection: nothing to keep open
    server_version, sys_version = "ofc", ""

    @property
    def _door(self) -> Door:
        assert isinstance(self.server, _Server)
        return self.server.door

    def do_GET(self) -> None:
        if not self._is_known():
            return
        if self.path != "/stop":
            self._refuse(404, "there are `/report`, `/result` and `/stop`")
            return
        self._answer(200, {"stop": self._door.is_stopped()}, "application/json")

    def do_POST(self) -> None:
        if not self._is_known():
            return
        if self.path not in ("/report", "/result"):
            self._refuse(404, "there are `/report`, `/result` and `/stop`")
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._refuse(411, "`Content-Length` is missing")
        elif len(length) > 9 or int(length) > LARGEST:
            self._refuse(413, f"a body has at most {LARGEST} bytes")
        else:
            self._take(self.rfile.read(int(length)))

    def _take(self, body: bytes) -> None:
        try:
            said = as_object(body)
        except MissingMetric as error:
            self._refuse(400, str(error))
            return
        try:
            if self.path == "/result":
                self._door.result(said)
            else:
                metrics = said.get("metrics")
                if not isinstance(metrics, dict):
                    raise MissingMetric("`metrics` is no object of JSON")
                self._door.report(said.get("step"), metrics)
        except (ReportRefused, MissingMetric, NotANumber) as error:
            self._refuse(422, str(error))
            return
        self.send_response(204)
        self.end_headers()

    def _is_known(self) -> bool:
        token = self.headers.get("Authorization", "").partition("Bearer ")[2]
        if hmac.compare_digest(token.encode(), self._door.token.encode()):
            return True
        self._refuse(401, "the token is not the one in `OFC_TRIAL_TOKEN`")
        return False

    def _refuse(self, status: int, detail: str) -> None:
        problem = {"type": "about:blank", "status": status, "detail": detail}
        self._answer(status, problem, "application/problem+json")

    def _answer(self, status: int, body: Mapping[str, object], kind: str) -> None:
        text = json.dumps(body).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a trial's log is the program's own."""
