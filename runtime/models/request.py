"""Asks a model server by the Open Inference Protocol v2, and waits until there is one to ask."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omniforce.spec.problem import Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SECONDS = 10.0  # for one answer
PAUSE = 0.05  # between two looks at a server that is starting


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What came back.

    Attributes:
        model: that answered.
        output: its first output, n x outputs.
        seconds: from before the request was written until the answer was read.
    """

    model: str
    output: NDArray[np.float32]
    seconds: float


def infer(url: str, name: str, x: NDArray[np.float32], input_name: str = "input") -> Answer:
    """Sends rows, n x d..., to `{url}/v2/models/{name}/infer`.

    Raises:
        Problem: OFC742 where the server cannot be reached or refuses the request.
    """
    import numpy as np

    tensor = {
        "name": input_name,
        "shape": list(x.shape),
        "datatype": "FP32",
        "data": [float(value) for value in x.ravel()],
    }
    began = time.perf_counter()
    found = _call(f"{url}/v2/models/{name}/infer", {"inputs": [tensor]})
    seconds = time.perf_counter() - began
    output = found["outputs"][0]
    data = np.asarray(output["data"], dtype=np.float32).reshape(output["shape"])
    return Answer(found["model_name"], data, seconds)


def metadata(url: str, name: str) -> Any:
    """What the server says of a model: its platform, inputs and outputs."""
    return _call(f"{url}/v2/models/{name}")


def is_ready(url: str, name: str) -> bool:
    """Whether the server would answer a request for this model now."""
    try:
        with _open(f"{url}/v2/models/{name}/ready", None, 2.0) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def wait_until_ready(
    url: str, name: str, is_running: Callable[[], bool], seconds: float = 60.0
) -> None:
    """Returns when the server is ready.

    Args:
        url: of the server.
        name: of the model.
        is_running: whether its process still lives; a dead one is not waited for.
        seconds: how long it may take.

    Raises:
        Problem: OFC743 where it died or did not come up.
    """
    end = time.monotonic() + seconds
    while not is_ready(url, name):
        if not is_running():
            raise Problem(
                "OFC743",
                f"the model server at {url} ended before it was ready",
                "its own messages say why",
            )
        if time.monotonic() > end:
            raise Problem(
                "OFC743",
                f"the model server at {url} was not ready after {seconds:.0f} s",
                "the machine may be busy; try again",
            )
        time.sleep(PAUSE)


def _call(url: str, body: object = None) -> Any:
    try:
        with _open(url, body, SECONDS) as reply:
            return json.loads(reply.read())
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(4096).decode(errors="replace")
        raise Problem(
            "OFC742",
            f"the model server refuses the request: {error.code} {_reason(said)}",
            f"`{url.removesuffix('/infer')}` shows the inputs that the model takes",
        ) from error
    except OSError as error:
        raise Problem(
            "OFC742",
            f"no model server answers at {url}: {getattr(error, 'reason', error)}",
            "start one with `ofc serve`",
        ) from error


def _open(url: str, body: object, seconds: float) -> Any:
    if not url.startswith(("http://", "https://")):
        raise Problem("OFC742", f"`{url}` is not the address of a server", "write `http://...`")
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310
    # A proxy of the environment is for the outside world, not for a server on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(asked, timeout=seconds)


def _reason(said: str) -> str:
    try:
        return str(json.loads(said)["error"])
    except (ValueError, KeyError, TypeError):
        return said.strip()
