"""`ofc functions serve` over real HTTP: what is refused stores nothing and wakes nobody."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from omniforce.compiler.events import STUDY_STARTED
from omniforce.runtime.store.store import Store

SPEC = """\
apiVersion: omniforce.dev/v1alpha2
kind: OmniForce
metadata: {name: front}
spec:
  data: {source: "sklearn://iris", target: species}
  algorithm: {use: tabular/learner@1}
  searchSpace: {trees: int 1...9}
  objectives: [maximize accuracy]
  search: {strategy: random, budget: {trials: 2}}
"""
OFC = str(Path(sys.executable).parent / "ofc")
MIB = 2**20


@dataclass(frozen=True)
class Served:
    folder: Path
    address: str

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            return response.status, response.getheader("content-type", ""), response.read().decode()
        finally:
            connection.close()

    def starts(self) -> int:
        standing = json.loads(self.ask("GET", "/functions")[2])
        return sum(each["starts"] for each in standing["functions"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("front")
    (folder / "omniforce.yaml").write_text(SPEC)
    process = subprocess.Popen(
        [OFC, "functions", "serve", "--port", "0"], cwd=folder, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield Served(folder, process.stdout.readline().decode().strip())
    finally:
        process.stdout.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 130


EVENT = {
    "content-type": "application/json",
    "ce-specversion": "1.0",
    "ce-id": "front-started",
    "ce-source": "/studies/front",
    "ce-type": STUDY_STARTED,
}


@pytest.mark.parametrize(
    ("headers", "body", "status", "title"),
    [
        ({}, b"hello", 400, "not an event"),
        (EVENT, b"{", 400, "not an event"),
        (EVENT, b"\xff\x00", 400, "not an event"),
        ({**EVENT, "ce-specversion": "2.0"}, b"{}", 400, "not an event"),
        ({**EVENT, "ce-id": "x" * 501}, b"{}", 400, "not an event"),
        ({"content-type": "application/cloudevents+json"}, b"[]", 400, "not an event"),
        (EVENT, b" " * (10 * MIB), 413, "the event is too large"),
        ({**EVENT, "ce-type": "some.other.v1"}, b"{}", 422, "nobody takes such an event"),
        ({**EVENT, "ce-source": "/studies/b"}, b"{}", 422, "nobody takes such an event"),
        ({**EVENT, "transfer-encoding": "chunked"}, b"", 411, "a length is needed"),
        ({**EVENT, "content-length": "-1"}, b"", 400, "the length is no number"),
        ({**EVENT, "host": "evil.example"}, b"{}", 421, "not the host of this server"),
    ],
)
def test_what_is_no_event_of_this_study_is_refused(
    served: Served, headers: dict[str, str], body: bytes, status: int, title: str
) -> None:
    found, content, text = served.ask("POST", "/", body, headers)
    assert (found, content) == (status, "application/problem+json")
    assert json.loads(text)["title"] == title
    assert served.starts() == 0
    database = served.folder / ".ofc" / "front" / "study.db"
    store = Store.at(database)
    try:
        assert (store.studies(), store.dead_letters()) == ((), ())
    finally:
        store.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 405),
        ("POST", "/functions", 405),
        ("POST", "/tick", 405),
        ("GET", "/no/such", 404),
        ("GET", "/functions/no-such/health", 404),
        ("GET", "/functions/../../etc/passwd", 404),
    ],
)
def test_what_is_not_there_says_so(served: Served, method: str, path: str, status: int) -> None:
    found, content, _ = served.ask(method, path)
    assert (found, content) == (status, "application/problem+json")


def test_it_listens_on_this_machine_alone(served: Served) -> None:
    assert served.address.startswith("http://127.0.0.1:")


def test_a_second_one_of_the_study_is_refused(served: Served) -> None:
    command = [OFC, "functions", "serve", "--port", "0"]
    done = subprocess.run(
        command, cwd=served.folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, "OFC762" in done.stderr) == (1, True)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc says which processes there are")
def test_a_function_that_its_server_leaves_behind_ends(served: Served, tmp_path: Path) -> None:
    (tmp_path / "omniforce.yaml").write_text(SPEC.replace("front", "left"))
    process = subprocess.Popen(
        [OFC, "functions", "serve", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    left = Served(tmp_path, process.stdout.readline().decode().strip())
    assert left.ask("GET", "/functions/deadletter/health/readiness")[0] == 200
    (pid,) = [
        each["process"]
        for each in json.loads(left.ask("GET", "/functions")[2])["functions"]
        if each["process"]
    ]
    process.stdout.close()
    process.kill()
    process.wait(60)
    for _ in range(600):
        try:
            status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
        except FileNotFoundError:
            return
        if status.rsplit(")", 1)[1].split()[0] == "Z":  # nobody here asks how it ended
            return
        time.sleep(0.05)
    raise TimeoutError("the function lives on")
