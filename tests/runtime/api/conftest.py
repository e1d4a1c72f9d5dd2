"""The API as a real process, with a store of its own and people of three roles and two projects."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.ir.program import Program
from omniforce.compiler.pipeline import compile_study
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import Point
from omniforce.runtime.trial.contract import TrialReport, failed
from omniforce.spec.load import load
from omniforce.spec.plain.values import to_plain
from omniforce.spec.source import Source

from ..fake_cluster import Broker

COMMAND = [sys.executable, "-m", "omniforce.runtime.app"]
PEOPLE = {
    "ada": {"vision": "admin"},
    "olga": {"vision": "operator"},
    "vera": {"vision": "viewer"},
    "nina": {"sound": "admin"},
    "root": {"*": "admin"},
}
PROXY_SECRET = "only the ingress knows this"


def token_of(name: str) -> str:
    return f"ofc_{name}{'x' * 30}"


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def access_file(people: Mapping[str, Mapping[str, str]] = PEOPLE) -> dict[str, Any]:
    return {
        "identities": [
            {"name": name, "token_sha256": hashed(token_of(name)), "roles": dict(roles)}
            for name, roles in people.items()
        ]
        + [
            {"name": "nightly", "subject": "CN=nightly,O=acme", "roles": {"vision": "operator"}},
            {"name": "mesh", "uri": "spiffe://acme/mesh", "roles": {"vision": "viewer"}},
        ],
        "proxies": [
            {"header": "x-forwarded-client-cert", "secret_sha256": hashed(PROXY_SECRET)},
            {"header": "ssl-client-subject-dn", "secret_sha256": hashed(PROXY_SECRET)},
        ],
    }


def compiled(name: str = "s", last: int = 1000, more: str = "") -> Program:
    text = (
        f"apiVersion: omniforce.dev/v1alpha2\nkind: OmniForce\nmetadata: {{name: {name}}}\nspec:\n"
        "  data: {source: sklearn://digits}\n"
        "  algorithm: {estimator: model:Model, metrics: [accuracy, loss]}\n"
        f"  searchSpace: {{x: {{type: int, range: 0...{last}}}}}\n"
        "  objectives: [maximize accuracy]\n"
        "  search: {strategy: random, budget: {trials: 20}, parallelism: 4}\n" + more
    )
    made = compile_study(load(Source("spec.yaml", text)), catalogue())
    assert made.program is not None, made.diagnostics
    program: Program = made.program
    return program


def study_json(program: Program) -> bytes:
    return json.dumps(to_plain(program)).encode()


@dataclass(frozen=True)
class Said:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem document, which is held to RFC 9457's form."""
        document = self.json
        assert self.headers["content-type"] == "application/problem+json"
        assert document["status"] == self.status
        assert document["type"].endswith(document["code"])
        code: str = document["code"]
        return code


@dataclass
class Service:
    """One running API."""

    port: int
    address: str
    access: Path
    log: Path
    process: subprocess.Popen[bytes]

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        who: str | None = "ada",
        headers: Mapping[str, str] | None = None,
    ) -> Said:
        sent = dict(headers or {})
        if who is not None:
            sent.setdefault("authorization", f"Bearer {token_of(who)}")
        content = body if isinstance(body, bytes) else b""
        if body is not None and not isinstance(body, bytes):
            content = json.dumps(body).encode()
        if body is not None:
            sent.setdefault("content-type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body=content or None, headers=sent)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Said(answer.status, answer.read(), found)
        finally:
            connection.close()

    def get(self, path: str, who: str | None = "ada", **headers: str) -> Said:
        return self.ask("GET", f"/v1{path}", who=who, headers=headers)

    def post(self, path: str, body: object = None, who: str | None = "ada", key: str = "") -> Said:
        headers = {"idempotency-key": key} if key else {}
        return self.ask("POST", f"/v1{path}", body, who, headers)

    def raw(self, sent: bytes, *, end: bool = True) -> bytes:
        """What comes back for bytes as they are, until the server closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall(sent)
            if end:
                line.shutdown(socket.SHUT_WR)
            parts = []
            while part := line.recv(65536):
                parts.append(part)
            return b"".join(parts)

    def store(self) -> Store:
        return Store.open(self.address)

    @property
    def logged(self) -> str:
        return self.log.read_text(errors="replace")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def serve(
    directory: Path,
    address: str,
    broker: str = "",
    access: object = None,
    *,
    is_ready: bool = True,
) -> Iterator[Service]:
    place = directory / "access.yaml"
    place.write_text(json.dumps(access_file() if access is None else access))
    log = directory / "log"
    port = free_port()
    environment = os.environ | {
        "OFC_FUNCTION": "api",
        "OFC_STORE_URL": address,
        "OFC_BROKER": broker,
        "OFC_ACCESS": str(place),
        "LISTEN_ADDRESS": f"127.0.0.1:{port}",
    }
    with log.open("wb") as file:
        process = subprocess.Popen(COMMAND, env=environment, stderr=file, stdout=file)
    service = Service(port, address, place, log, process)
    try:
        _wait(service, "readiness" if is_ready else "liveness")
        yield service
    finally:
        process.terminate()
        process.wait(30)


def _wait(service: Service, probe: str) -> None:
    for _ in range(600):
        try:
            answer = service.ask("GET", f"/health/{probe}", who=None)
        except OSError:
            if service.process.poll() is not None:
                break
        else:
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(service.logged)


@pytest.fixture
def broker() -> Iterator[Broker]:
    made = Broker()
    yield made
    made.close()


@pytest.fixture
def service(address: str, tmp_path: Path, broker: Broker) -> Iterator[Service]:
    """An API of this test's own, on each kind of store."""
    yield from serve(tmp_path, address, broker.url)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One API for all tests of a file, with the study `s` of `vision` in it."""
    directory = tmp_path_factory.mktemp("api")
    for service in serve(directory, f"sqlite:///{directory / 'study.db'}"):
        assert service.post("/projects/vision/studies", study_json(compiled())).status == 201
        assert (
            service.post("/projects/sound/studies", study_json(compiled("t")), "nina").status == 201
        )
        yield service


Fill = Callable[[Store, int], None]


@pytest.fixture
def fill() -> Fill:
    """Ends trials of `s`: every third fails, each leaves a curve, a log and a file."""

    def run(store: Store, count: int) -> None:
        for n in range(count):
            now = 1_800_000_000.0 + n
            with store.lock("s") as session:
                (number,) = session.propose([{"x": n}], now)
            store.lease("s", number, 1, "w", 60.0, now)
            store.heartbeat("s", number, 1, "w", 60.0, now, "running")
            store.record("s", number, 1, "w", [Point(0, "loss", 2.0), Point(1, "loss", 1.0)], now)
            report = TrialReport(
                outcome="completed", metrics={"accuracy": n / 10}, seconds=1.0, tail=f"line {n}\n"
            )
            if n % 3 == 2:
                report = failed("user-error", "it is broken", 1.0)
            store.finish("s", number, 1, report, now)
            store.put_artifact("s", number, 1, "models/model.onnx", b"\x00onnx", now)

    return run
