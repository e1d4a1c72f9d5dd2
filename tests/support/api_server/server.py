"""A small API server over HTTP, for tests of what talks to a cluster."""

from __future__ import annotations

import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml

from .addresses import address_of, verb_of
from .answer import Answer, Refusal, forbidden, status
from .controllers import Controllers
from .discovery import discovery
from .faults import Fault, Faults
from .kinds import Kind
from .requests import Requests, User
from .store import Store

Tree = dict[str, Any]

APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Asked:
    """One request as it came: what tests look at."""

    method: str
    path: str
    query: dict[str, str]
    status: int


@dataclass
class ApiServer:
    """Serves from `start`, or from entering it, until `stop`.

    ```
    with ApiServer() as server:
        server.kubeconfig(tmp_path / "kubeconfig")
    ```

    Attributes:
        version: what `/version` says.
        users: by token; a request without one of them gets 401.
        faults: what goes wrong on demand.
        controllers: what settles, fails or is held.
        asked: every request so far.
        certificate: and its key, for HTTPS.
    """

    version: str = "v1.36.2"
    delay: float = 0.02
    users: dict[str, User] = field(default_factory=lambda: {"token-of-admin": User()})
    faults: Faults = field(default_factory=Faults)
    asked: list[Asked] = field(default_factory=list)
    certificate: tuple[Path, Path] | None = None

    def __post_init__(self) -> None:
        self.store = Store()
        self.controllers = Controllers(self.store, self.delay)
        self.requests = Requests(self.store, self.controllers)
        self.stopped = threading.Event()
        handler = type("Handler", (_Handler,), {"server_of": self})
        self._http = _Server(("127.0.0.1", 0), handler)
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            self._http.socket = context.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=lambda: self._http.serve_forever(0.02), name="api-server", daemon=True
        )

    @property
    def address(self) -> str:
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> ApiServer:
        self.controllers.start()
        self._thread.start()
        return self

    def stop(self) -> None:
        self.stopped.set()
        self.controllers.stop()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def __enter__(self) -> ApiServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def kubeconfig(self, path: Path, token: str = "token-of-admin") -> Path:
        """Writes a kubeconfig whose context is `in-test`."""
        plain = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "in-test",
            "clusters": [{"name": "in-test", "cluster": {"server": self.address}}],
            "users": [{"name": "someone", "user": {"token": token}}],
            "contexts": [{"name": "in-test", "context": {"cluster": "in-test", "user": "someone"}}],
        }
        path.write_text(yaml.safe_dump(plain), encoding="utf-8")
        return path

    def fail(self, **planned: Any) -> Fault:
        """Plans a fault: see `Fault`."""
        return self.faults.plan(Fault(**planned))

    def without(self, *groups: str) -> None:
        """A cluster on which these groups are not installed."""
        self.requests.unserved.update(groups)

    def forget(self) -> None:
        """Watches and lists that began before now get 410, as after a compaction."""
        with self.store.lock:
            self.store.oldest = self.store.version + 1
            self.store.version += 1
            self.store.history.clear()
            self.store.lock.notify_all()

    def objects(self, kind: str | None = None) -> list[Tree]:
        """What is stored, for a look without a request."""
        with self.store.lock:
            found = [s.shown() for s in self.store.objects.values() if kind in (None, s.kind.kind)]
        return sorted(found, key=lambda tree: (tree["kind"], tree["metadata"]["name"]))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server_of: ApiServer
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # a header that goes alone waits 40 ms for its acknowledgement
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def _handle(self) -> None:
        server = self.server_of
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        fault = server.faults.meet(self.command, self.path)
        if fault is not None and fault.delay:
            time.sleep(fault.delay)
        if fault is not None and fault.answer is not None:
            self._send(fault.answer, parts.path, query, None)
            return
        drop = None if fault is None else fault.drop_after
        user = self._user()
        if user is None:
            self._send(status(401, "Unauthorized", "Unauthorized"), parts.path, query, drop)
            return
        try:
            answer = self._answer(parts.path, query, raw, user, drop)
        except Refusal as refusal:
            answer = refusal.answer
        if answer is not None:
            self._send(answer, parts.path, query, drop)

    def _user(self) -> User | None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return self.server_of.users.get(token)

    def _answer(
        self, path: str, query: dict[str, str], raw: bytes, user: User, drop: int | None
    ) -> Answer | None:
        server, requests = self.server_of, self.server_of.requests
        if path == "/version":
            _, minor, _ = server.version.split(".")
            return Answer(200, {"major": "1", "minor": minor, "gitVersion": server.version})
        found = address_of(path)
        if found is None:
            return discovery(path, server.requests.unserved)
        group, version, namespace, plural, name = found
        kind = requests.kind(group, version, plural)
        if kind is None:
            return Answer(404, "404 page not found\n")
        verb = verb_of(self.command, name, query)
        if f"{verb} {plural}" in user.denied:
            return forbidden(kind, name or "", user.name, verb, namespace)
        body = _read(raw)
        match self.command:
            case "GET" if name is not None:
                return requests.read(kind, namespace, name)
            case "GET" if query.get("watch") == "true":
                self._stream(kind, namespace, query, drop)
                return None
            case "GET":
                return requests.list(kind, namespace, query)
            case "POST":
                return requests.create(kind, namespace, body, query, user)
            case "PATCH" if self.headers.get("Content-Type") == APPLY:
                return requests.apply(kind, namespace, name or "", body, query, user)
            case "PATCH" | "PUT":
                return requests.edit(kind, namespace, name or "", body, query, user)
            case _:
                return requests.delete(kind, namespace, name or "", body, query)

    def _stream(
        self, kind: Kind, namespace: str | None, query: dict[str, str], drop: int | None
    ) -> None:
        server = self.server_of
        server.asked.append(Asked("GET", urlsplit(self.path).path, query, 200))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        sent = 0
        for document in server.requests.watch(kind, namespace, query, server.stopped):
            line = (json.dumps(document) + "\n").encode()
            if drop is not None and sent + len(line) > drop:
                self._cut(b"%x\r\n" % len(line) + line[: drop - sent])
                return
            sent += len(line)
            self.wfile.write(b"%x\r\n" % len(line) + line + b"\r\n")
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, answer: Answer, path: str, query: dict[str, str], drop: int | None) -> None:
        self.server_of.asked.append(Asked(self.command, path, query, answer.code))
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        body = text.encode()
        if drop == 0:
            self._cut(b"")
            return
        self.send_response(answer.code)
        kind = "text/plain" if isinstance(answer.body, str) else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if drop is not None:
            self._cut(body[:drop])
            return
        self.wfile.write(body)

    def _cut(self, body: bytes) -> None:
        """Sends a part, and hangs up."""
        self.wfile.write(body)
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()


def _read(raw: bytes) -> Tree:
    if not raw:
        return {}
    try:
        plain = json.loads(raw)
    except ValueError:
        plain = yaml.load(raw, Loader=yaml.CSafeLoader)
    if not isinstance(plain, dict):
        raise Refusal(status(400, "BadRequest", "the object provided is unrecognized"))
    return plain
