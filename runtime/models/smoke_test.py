"""Asks a model server all that the Open Inference Protocol v2 has, once, and says what is wrong.

python -m omniforce.runtime.models.smoke_test http://digits-predictor.ofc-digits.svc digits

With the standard library alone, so that it runs in the slim image.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..http_client import Answer, NoAnswer, request

SECONDS = 60.0
"""For one answer: a server that slept loads its model first."""

_LARGEST = 2**24

JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class Wrong(Exception):  # noqa: N818
    """The server does not answer as the protocol says."""


def smoke_test(url: str, model: str) -> Iterator[str]:
    """What was asked and held, one sentence a request.

    Raises:
        Wrong: an answer is not as it must be.
    """
    for path in ("/v2/health/live", "/v2/health/ready"):
        _asked("GET", f"{url}{path}")
        yield f"{path} is ready"
    described = _json(_asked("GET", f"{url}/v2/models/{model}"))
    if not isinstance(described, dict) or described.get("name") != model:
        raise Wrong(f"/v2/models/{model} describes another model: {str(described)[:200]}")
    inputs = _inputs(described)
    yield f"/v2/models/{model} takes {', '.join(i['name'] for i in inputs)}"
    _asked("GET", f"{url}/v2/models/{model}/ready")
    yield f"/v2/models/{model}/ready is ready"
    body = json.dumps({"inputs": inputs}).encode()
    answered = _json(_asked("POST", f"{url}/v2/models/{model}/infer", body))
    yield f"/v2/models/{model}/infer gives {', '.join(_outputs(answered))}"


def _asked(method: str, url: str, body: bytes = b"") -> Answer:
    try:
        answer = request(method, url, headers=JSON, body=body, timeout=SECONDS, most=_LARGEST)
    except NoAnswer as error:
        raise Wrong(str(error)) from error
    if answer.status != 200:
        raise Wrong(f"{method} {url} answers {answer.status}: {answer.body[:300]}")
    return answer


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise Wrong(f"an answer is no JSON: {answer.body[:200]}") from error


def _inputs(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row of zeros for each input, of the shape that the model says."""
    listed = described.get("inputs")
    if not isinstance(listed, list) or not listed:
        raise Wrong("the model says of no input how it looks")
    made = []
    for each in listed:
        shape = [size if size > 0 else 1 for size in each["shape"]]
        datatype = each["datatype"]
        zero: object = "" if datatype == "BYTES" else False if datatype == "BOOL" else 0
        data = [zero] * math.prod(shape)
        made.append({"name": each["name"], "shape": shape, "datatype": datatype, "data": data})
    return made


def _outputs(answered: Any) -> Iterator[str]:
    """The outputs by name, once each is as large as it says, and of finite numbers."""
    outputs = answered.get("outputs") if isinstance(answered, dict) else None
    if not outputs:
        raise Wrong(f"there is no output: {str(answered)[:200]}")
    for output in outputs:
        name, data = output.get("name"), list(_flat(output.get("data")))
        if len(data) != math.prod(output.get("shape", ())):
            raise Wrong(f"`{name}` has {len(data)} figures, its shape is {output.get('shape')}")
        wrong = [v for v in data if isinstance(v, float) and not math.isfinite(v)]
        if wrong or any(v is None for v in data):
            raise Wrong(f"`{name}` holds what is no finite number")
        yield f"`{name}` {output.get('shape')}"


def _flat(data: Any) -> Iterator[Any]:
    """The figures, whether the server nests them by the shape or not."""
    if isinstance(data, list):
        for each in data:
            yield from _flat(each)
    else:
        yield data


def main(
    arguments: Sequence[str] | None = None,
    *,
    tries: int = 10,
    wait: Callable[[float], None] = time.sleep,
) -> int:
    """The command line; answers the exit code."""
    parser = argparse.ArgumentParser(prog="smoke_test", description=__doc__)
    parser.add_argument("url", help="of the server, without a path")
    parser.add_argument("model", help="its name in the URL")
    given = parser.parse_args(arguments)
    for left in reversed(range(tries)):
        try:
            for line in smoke_test(given.url.rstrip("/"), given.model):
                print(line, flush=True)
        except Wrong as wrong:
            print(f"error: {wrong}", file=sys.stderr, flush=True)
            if left:
                wait(10.0)
            continue
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
