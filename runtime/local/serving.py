"""The chosen model behind KServe's server, in a process of its own, and one request to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from omniforce.spec.problem import Problem

from ..models.request import infer, metadata, wait_until_ready
from ..trial.finishing import reference
from .release import Registered

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Server:
    """A model server that answers.

    Attributes:
        url: of the server, `http://127.0.0.1:8080`.
        name: of the model in it.
    """

    url: str
    name: str
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        """Where requests go."""
        return f"{self.url}/v2/models/{self.name}/infer"


@dataclass(frozen=True, slots=True)
class Check:
    """One real request and what came of it.

    Attributes:
        rows: that were asked about.
        difference: the greatest between the server's answers and the trained model's own.
        seconds: until the answer was there.
    """

    rows: int
    difference: float
    seconds: float


@contextmanager
def serving(model: Registered, name: str, threads: int, port: int, log: Path) -> Generator[Server]:
    """A server of this model while the block runs; port 0 takes a free one.

    Raises:
        Problem: the port is in use, the extra `serve` is missing, or the server does not come up.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [
                *(
                    sys.executable,
                    "-P",
                    "-m",
                    "omniforce.runtime.local.model_server",
                    str(os.getpid()),
                ),
                *("--model-dir", str(model.directory), "--name", name),
                *("--host", HOST, "--port", str(port), "--threads", str(threads)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            start_new_session=True,
        )
    try:
        address = _address(process, log)
        url = address.rpartition("/v2/")[0]
        wait_until_ready(url, name, lambda: process.poll() is None)
        yield Server(url, name, process)
    finally:
        _end(process)


def _address(process: subprocess.Popen[str], log: Path) -> str:
    """What the server says first: where it listens."""
    line = process.stdout.readline().strip() if process.stdout is not None else ""
    if line.startswith("http"):
        return line
    process.wait()
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise _told(said) or Problem(
        "OFC743", "the model server ended before it was ready", f"its messages are in {log}"
    )


def _told(said: list[str]) -> Problem | None:
    """The problem that the server itself has written as its last words."""
    at = max((i for i, line in enumerate(said) if line.startswith("error[OFC")), default=None)
    if at is None:
        return None
    code, _, message = said[at].removeprefix("error[").partition("]: ")
    return Problem(code, message, "\n".join(said[at + 1 :]).partition("help: ")[2])


def _end(process: subprocess.Popen[str]) -> None:
    """Asks it to end, and insists after a while."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def ask(server: Server, model: Registered) -> Check:
    """Sends real rows over the network, and holds the answer against the trained model's own.

    Raises:
        Problem: the server does not answer, or answers differently.
    """
    x, expected = reference(model.directory)
    name = metadata(server.url, server.name)["inputs"][0]["name"]
    answer = infer(server.url, server.name, x, name)
    difference = float(np.abs(answer.output.reshape(expected.shape) - expected).max())
    metrics = model.description.metrics
    allowed = max((v for k, v in metrics.items() if k.startswith("tolerance@")), default=1e-3)
    if not difference <= allowed:
        raise Problem(
            "OFC768",
            f"the server's answers differ from the trained model's by {difference:.3g}, "
            f"{allowed:.3g} is allowed",
            f"look at {model.directory}, and train it again with `ofc run --fresh`",
        )
    return Check(len(x), difference, answer.seconds)
