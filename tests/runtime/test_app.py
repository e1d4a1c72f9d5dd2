"""The real process: `OFC_FUNCTION=search python -m omniforce.runtime.app`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omniforce.compiler.ir.program import Program
from omniforce.runtime.app import FUNCTIONS, listen_address
from omniforce.runtime.events import study_started, to_binary
from omniforce.runtime.http_client import NoAnswer, request
from omniforce.runtime.store.store import Store
from omniforce.spec.blocks.search import StrategyChoice
from omniforce.spec.plain.values import to_plain

COMMAND = [sys.executable, "-m", "omniforce.runtime.app"]


@pytest.fixture
def environment(
    sqlite_address: str, tmp_path: Path, make_program: Callable[..., Program]
) -> dict[str, str]:
    program = make_program(strategy=StrategyChoice("random"))
    (tmp_path / "study.json").write_text(json.dumps(to_plain(program)))
    (tmp_path / "tick.json").write_text(json.dumps({"metadata": {"name": "s-tick"}}))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return os.environ | {
        "OFC_STUDY": "s",
        "OFC_NAMESPACE": "ns",
        "OFC_BROKER": "http://127.0.0.1:1/",
        "OFC_STORE_URL": sqlite_address,
        "OFC_CONFIG": str(tmp_path),
        "LISTEN_ADDRESS": f"127.0.0.1:{port}",
    }


@pytest.fixture
def process(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        COMMAND,
        env=environment | {"OFC_FUNCTION": "search"},
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def test_the_search_serves_until_it_is_told_to_stop(
    process: subprocess.Popen[str], environment: dict[str, str], sqlite_address: str
) -> None:
    url = f"http://{environment['LISTEN_ADDRESS']}/"
    for _ in range(1200):
        try:
            ready = request("GET", url + "health/readiness", headers={}, timeout=60.0)
        except NoAnswer:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
        else:
            break
    assert (ready.status, ready.body) == (200, "ready")
    headers, body = to_binary(study_started("s", 0.0))
    answer = request("POST", url, headers=headers, body=body, timeout=60.0)
    assert answer.status == 202
    store = Store.open(sqlite_address)
    for _ in range(1200):
        if store.trials("s"):
            break
        time.sleep(0.05)
    # the broker of this test is away; the trials are kept
    assert [trial.state for trial in store.trials("s")] == ["proposed", "proposed"]
    store.close()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"OFC_FUNCTION": "serach"}, 64, "advise, api, deadletter, dispatch, measure, search"),
        ({"OFC_FUNCTION": "search", "OFC_BROKER": ""}, 1, "OFC_BROKER must be set"),
        ({"OFC_FUNCTION": "search", "OFC_CONFIG": "/no/such"}, 1, "/no/such/study.json"),
    ],
)
def test_a_wrong_environment_is_told_of_at_once(
    environment: dict[str, str], changes: dict[str, str], code: int, message: str
) -> None:
    done = subprocess.run(
        COMMAND, env=environment | changes, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_function_needs_no_torch_and_no_cluster_client(environment: dict[str, str]) -> None:
    code = (
        "import sys, os\n"
        "from omniforce.runtime.app import FUNCTIONS\n"
        "for name, make in FUNCTIONS.items():\n"
        "    make().start(os.environ)\n"
        "heavy = {'torch', 'numpy', 'pandas', 'kfp', 'kubernetes', 'ray', 'cloudevents'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_function_that_is_told_to_stop_while_it_starts_stops(
    environment: dict[str, str],
) -> None:
    code = (
        "import os, signal, time\n"
        "from omniforce.runtime import app\n"
        "def slow():\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    time.sleep(60)\n"
        "app.FUNCTIONS['search'] = slow\n"
        "raise SystemExit(app.main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment | {"OFC_FUNCTION": "search"}, check=False
    )
    assert done.returncode == 0


def test_a_kernel_without_ipv6_is_listened_to_on_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> socket.socket:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", refuse)
    assert listen_address({}) == "0.0.0.0:8080"


def test_it_listens_where_knative_says() -> None:
    assert listen_address({}) == "[::]:8080"
    assert listen_address({"PORT": "9000"}) == "[::]:9000"
    assert listen_address({"PORT": "9000", "LISTEN_ADDRESS": "127.0.0.1:1"}) == "127.0.0.1:1"


def test_every_function_of_the_manifests_is_there() -> None:
    from omniforce.targets.platforms.kubernetes.functions import FUNCTIONS as EMITTED
    from omniforce.targets.platforms.kubernetes.functions import MEASURE

    assert {function.name for function in (*EMITTED, MEASURE)} == set(FUNCTIONS)
