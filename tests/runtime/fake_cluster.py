"""What a study meets on a cluster, small: functions behind HTTP, a broker, Jobs, an API server."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from omniforce.compiler.events import TRIAL_REQUESTED
from omniforce.runtime.events import Event, from_http, to_binary, to_text
from omniforce.runtime.functions.server import EventServer
from omniforce.runtime.http_client import Answer, NoAnswer, request


class Function:
    """A function, served as func-python serves it, on a port of its own."""

    def __init__(self, server: EventServer, environment: Mapping[str, str]) -> None:
        server.start(environment)
        self._server = server
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread.start()

    def _run(self) -> None:
        import hypercorn.asyncio
        import hypercorn.config
        from func_python.http import ASGIApplication

        class Started:
            handle = self._server.handle
            alive = self._server.alive
            ready = self._server.ready
            stop = self._server.stop

        config = hypercorn.config.Config()
        config.bind = [f"fd://{self._socket.detach()}"]
        config.errorlog = config.accesslog = None
        config.graceful_timeout = 0.1
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(
                hypercorn.asyncio.serve(
                    ASGIApplication(Started()),
                    config,
                    shutdown_trigger=self._stopped.wait,
                )
            )
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def send(self, event: Event) -> Answer:
        headers, body = to_binary(event)
        return self.post(body, headers)

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        return request("POST", self.url, headers=headers, body=body, timeout=60.0)

    def get(self, path: str) -> Answer:
        return request("GET", self.url + path, headers={}, timeout=60.0)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(30)


class Broker:
    """A synchronous broker, as the default one is: it answers once every subscriber has.

    Attributes:
        copies: how often each event is delivered.
        down: answers 503 and delivers nothing.
    """

    def __init__(self) -> None:
        self.subscribers: list[Callable[[Event], int]] = []
        self.events: list[Event] = []
        self.dead: list[Event] = []
        self.copies = 1
        self.down = False
        self.shuffle: Callable[[], bool] = lambda: False
        self._held: list[Event] = []
        broker = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = 503
                if not broker.down:
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    broker.deliver(from_http(headers, body))
                    status = 202
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def deliver(self, event: Event) -> None:
        self.events.append(event)
        for _ in range(self.copies):
            if self.shuffle():
                self._held.append(event)  # comes after one that is sent later
                continue
            self._fan_out(event)
        while self._held and not self.shuffle():
            self._fan_out(self._held.pop())

    def release(self) -> None:
        while self._held:
            self._fan_out(self._held.pop())

    def _fan_out(self, event: Event) -> None:
        for subscriber in self.subscribers:
            if not self._tried(subscriber, event):
                self.dead.append(event)

    def _tried(self, subscriber: Callable[[Event], int], event: Event) -> bool:
        for _ in range(6):
            status = subscriber(event)
            if status < 300:
                return True
            if status < 500 and status not in (404, 408, 409, 429):
                return False
        return False

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def trigger(function: Function, *types: str) -> Callable[[Event], int]:
    """A subscriber that takes only some types, as a Trigger does."""

    def take(event: Event) -> int:
        if event.type not in types:
            return 202
        try:
            return function.send(event).status
        except NoAnswer:
            return 503

    return take


class Jobs:
    """A JobSink: 202 at once, and a Job for each event that it does not know."""

    def __init__(self, directory: Path, run: Callable[[Path], int], forgets: bool = False) -> None:
        self._directory = directory
        self._run = run
        self._forgets = forgets
        self._known: set[str] = set()
        self._pool = ThreadPoolExecutor(4)
        self.codes: list[int] = []

    def __call__(self, event: Event) -> int:
        if event.type != TRIAL_REQUESTED or ("ofcrunner", "job") not in event.extensions:
            return 202
        if event.id in self._known and not self._forgets:
            return 202
        self._known.add(event.id)
        self._pool.submit(self._job, event)
        return 202

    def _job(self, event: Event) -> None:
        name = f"{event.id}-{threading.get_ident()}-{len(self.codes)}"
        mounted = self._directory / name
        mounted.mkdir(parents=True, exist_ok=True)
        (mounted / "event").write_text(to_text(event))
        self.codes.append(self._run(mounted))

    def close(self) -> None:
        self._pool.shutdown()


class Pipelines:
    """The API of Kubeflow Pipelines, with one pipeline of one version."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.status = 200
        pipelines = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.split("?")[0].rsplit("/", 1)[-1]
                self._answer(
                    {
                        "s-release": {"pipeline_id": "p"},
                        "versions": {
                            "pipeline_versions": [{"name": "v1", "pipeline_version_id": "v"}]
                        },
                        "runs": {"runs": pipelines.runs},
                    }[name]
                )

            def do_POST(self) -> None:
                run = json.loads(self.rfile.read(int(self.headers["content-length"])))
                run["run_id"] = f"run-{len(pipelines.runs)}"
                if pipelines.status == 200:
                    pipelines.runs.append(run)
                self._answer(run)

            def _answer(self, tree: object) -> None:
                body = json.dumps(tree).encode()
                self.send_response(pipelines.status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def api_server(directory: Path) -> Iterator[tuple[dict[str, str], list[tuple[str, str]], Any]]:
    """A cluster's API server that knows objects by path, over HTTPS with a CA of its own.

    Gives a pod's environment, the requests that came, and the objects by path.
    """
    import ssl
    import subprocess

    key, ca = directory / "key.pem", directory / "ca.crt"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", str(key), "-out", str(ca), "-subj", "/CN=api"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    (directory / "token").write_text("a-token\n")
    asked: list[tuple[str, str]] = []
    objects: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status: int) -> None:
            asked.append((self.command, self.path))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            tree = json.loads(self.rfile.read(int(self.headers["content-length"])))
            path = f"{self.path}/{tree['metadata']['name']}"
            if self.headers["authorization"] != "Bearer a-token":
                self._answer(401)
            elif path in objects:
                self._answer(409)
            else:
                objects[path] = tree
                self._answer(201)

        def do_PATCH(self) -> None:
            tree = json.loads(self.rfile.read(int(self.headers["content-length"])))
            objects[self.path.split("?")[0]] = tree
            self._answer(200)

        def do_DELETE(self) -> None:
            self._answer(200 if objects.pop(self.path, None) else 404)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    environment = {
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT_HTTPS": str(server.server_address[1]),
        "OFC_IDENTITY": str(directory),
    }
    try:
        yield environment, asked, objects
    finally:
        server.shutdown()
        server.server_close()
