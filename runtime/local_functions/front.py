"""The one port: events for the broker, requests for a function, and what can be seen of it all.

POST /                      an event, for whoever has subscribed to it
ANY  /functions/<name>/...  a request for one function, as its own service would get it
ANY  /v1/...                a request for the function `api`
GET  /functions             what sleeps, what runs
PUT, DELETE /tick           for dispatch: the tick comes and goes with the study
GET  /health/...            that somebody is here
"""

from __future__ import annotations

import http.client
import json
import logging
import socket
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from ..events import MAX_BYTES, MalformedEvent, OversizedEvent, from_http
from ..functions.here import TICK
from ..http_client import NoAnswer
from .office import Office

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_ANY = ("0.0.0.0", "::")  # noqa: S104 - what somebody may have asked for
_MOST_DROPPED = 16 * MAX_BYTES
_SILENT = 60.0
"""Seconds that a client may take to say something."""

_OURS_ALONE = frozenset({"connection", "host", "content-length", "transfer-encoding", "keep-alive"})
"""Headers of one connection, which are not for the one behind it."""

log = logging.getLogger(__name__)


class Front(ThreadingHTTPServer):
    """Listens on a socket that is there already; a thread for each connection."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, host: str, office: Office) -> None:
        super().__init__(("", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.address_family = listening.family
        self.server_address = listening.getsockname()
        self.office = office
        self.hosts = None if host in _ANY else frozenset((*_LOOPBACK, host, f"[{host}]"))

    def serve(self) -> None:
        """Serves until `KeyboardInterrupt`; wakes for nothing but connections."""
        self.serve_forever(cast("float", None))


class _Refused(Exception):  # noqa: N818
    def __init__(self, status: int, title: str, detail: str = "") -> None:
        super().__init__(detail or title)
        self.status, self.title, self.detail = status, title, detail


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "ofc"
    sys_version = ""
    timeout = _SILENT
    _body_read: bool

    def handle_any(self) -> None:
        """Every request, whatever its method."""
        self._body_read = False
        try:
            self._check_host()
            self._route()
        except _Refused as refused:
            self._problem(refused.status, refused.title, refused.detail)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception as error:
            log.exception("a request failed")
            self._problem(500, "the request failed", type(error).__name__)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any  # noqa: N815

    @property
    def _front(self) -> Front:
        return cast("Front", self.server)

    def _check_host(self) -> None:
        """A page of the web whose name was made to mean this machine is none of ours."""
        allowed = self._front.hosts
        host = self.headers.get("host", "")
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if allowed is not None and name.lower() not in allowed:
            raise _Refused(421, "not the host of this server", "ask 127.0.0.1")

    def _route(self) -> None:
        path = self.path.split("?", 1)[0]
        if path == "/":
            return self._event()
        if path == "/functions":
            return self._standing()
        if path == TICK:
            return self._tick()
        if path.startswith("/health/"):
            return self._answer(200, b"alive" if path.endswith("liveness") else b"ready")
        name, rest = self._function(path)
        if name not in self._front.office.functions:
            raise _Refused(404, "there is no such path", "`GET /functions` lists the functions")
        return self._pass_on(name, rest)

    def _function(self, path: str) -> tuple[str, str]:
        """The function that a request is for, and the path that it gets."""
        if path.startswith("/v1/"):
            return "api", self.path
        if not path.startswith("/functions/"):
            return "", ""
        name, _, rest = self.path.removeprefix("/functions/").partition("/")
        return name.partition("?")[0], f"/{rest}"

    def _event(self) -> None:
        """An event for the broker: whoever sent it waits for all who have subscribed."""
        self._only("POST")
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            event = from_http(headers, self._body(MAX_BYTES))
        except OversizedEvent as error:
            raise _Refused(413, "the event is too large", str(error)) from error
        except MalformedEvent as error:
            raise _Refused(400, "not an event", str(error)) from error
        broker = self._front.office.broker
        if not broker.knows(event):
            raise _Refused(422, "nobody takes such an event", f"{event.type} from {event.source}")
        broker.deliver(event)
        self._answer(202)

    def _standing(self) -> None:
        self._only("GET", "HEAD")
        standing = json.dumps(asdict(self._front.office.standing())).encode()
        self._answer(200, standing, "application/json")

    def _tick(self) -> None:
        self._only("PUT", "DELETE")
        self._body(MAX_BYTES)
        tick = self._front.office.tick
        (tick.start if self.command == "PUT" else tick.stop)()
        self._answer(204)

    def _pass_on(self, name: str, path: str) -> None:
        function = self._front.office.functions[name]
        headers = {n: v for n, v in self.headers.items() if n.lower() not in _OURS_ALONE}
        try:
            body = self._body(_MOST_DROPPED)
            with function.asking(self.command, path, headers, body, _PASSED) as response:
                self._stream(response)
        except OversizedEvent as error:
            raise _Refused(413, "the request is too large", str(error)) from error
        except NoAnswer as error:
            raise _Refused(503, f"`{name}` does not answer", str(error)) from error

    def _stream(self, response: http.client.HTTPResponse) -> None:
        """Hands an answer on piece by piece: one of the API's may never end."""
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in (*_OURS_ALONE, "date", "server"):
                self.send_header(name, value)
        whole = response.getheader("content-length")
        if whole is None:
            self.close_connection = True
            self.send_header("connection", "close")
        else:
            self.send_header("content-length", whole)
        self.end_headers()
        while piece := response.read1(65536):
            self.wfile.write(piece)
            self.wfile.flush()

    def _body(self, most: int) -> bytes:
        """The body; one that is too large is read without being kept, so that the sender hears."""
        self._body_read = True
        if self.headers.get("transfer-encoding"):
            self.close_connection = True
            raise _Refused(411, "a length is needed", "send a Content-Length")
        text = self.headers.get("content-length", "0")
        if not (text.isascii() and text.isdigit()):
            self.close_connection = True
            raise _Refused(400, "the length is no number")
        size = int(text)
        if size <= most:
            return self.rfile.read(size)
        self.close_connection = True
        left = min(size, _MOST_DROPPED)
        while left > 0 and (piece := self.rfile.read(min(left, 65536))):
            left -= len(piece)
        raise OversizedEvent(f"the request has {size} bytes, {most} are read")

    def _only(self, *methods: str) -> None:
        if self.command not in methods:
            raise _Refused(405, f"only {' and '.join(methods)} is answered here")

    def _problem(self, status: int, title: str, detail: str = "") -> None:
        if not self._body_read and self.headers.get("content-length", "0") != "0":
            self.close_connection = True  # what it sends is not read as the next request
        document = {"status": status, "title": title, "detail": detail}
        body = json.dumps({k: v for k, v in document.items() if v}).encode()
        self._answer(status, body, "application/problem+json")

    def _answer(self, status: int, body: bytes = b"", content: str = "text/plain") -> None:
        self.send_response(status)
        if body:
            self.send_header("content-type", content)
        if status != 204:
            self.send_header("content-length", str(len(body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the library refuses by itself, such as a request line that is none."""
        self.close_connection = True
        self.command = self.command or "GET"
        self._body_read = True
        self._problem(code, (message or "the request cannot be read")[:200])

    def handle_expect_100(self) -> bool:
        """A client that asks before it sends too much is told before it does."""
        text = self.headers.get("content-length", "0")
        if text.isascii() and text.isdigit() and int(text) > _MOST_DROPPED:
            self.send_error(413, "the request is too large")
            return False
        return super().handle_expect_100()

    def log_message(self, format: str, *values: object) -> None:
        """Nothing: requests carry tokens, and what matters the functions log."""


_PASSED: float = 300.0
"""Seconds that a function may take, as its manifest says."""
