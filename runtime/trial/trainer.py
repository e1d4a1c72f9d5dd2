"""A trial of a Kubeflow OptimizationJob: `python -m omniforce.runtime.trial.trainer`.

Values come in `KUBEFLOW_TRAINER_OPT_<NAME>`. The figures are pushed into the TrainJob's own
status, at the address that Trainer's controller puts into the pod (feature gate `TrainJobStatus`).
"""

from __future__ import annotations

import json
import logging
import os
import ssl
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..http_client import NoAnswer, request
from .alone import NEVER, NotTold, run

SERVER = "KUBEFLOW_TRAINER_SERVER_URL"
AUTHORITY = "KUBEFLOW_TRAINER_SERVER_CA_CERT"
TOKEN = "KUBEFLOW_TRAINER_SERVER_TOKEN"  # noqa: S105 - the name of a variable
TIMEOUT = 10.0
LONGEST = 64
"""Characters of a metric's name and value that the controller takes."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """Where a TrainJob's status is written.

    Attributes:
        authority: the file with the controller's certificate; None trusts the system's.
        token: the file with the token, read anew each time since it is changed while a job runs.
        pauses: seconds between the tries to hand in figures that cost a training.
    """

    url: str
    authority: str | None
    token: Path
    pauses: tuple[float, ...] = (1.0, 5.0, 15.0, 60.0)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Status | None:
        """The address in the environment, None where there is none."""
        url, token = environment.get(SERVER), environment.get(TOKEN)
        if not url or not token:
            return None
        return cls(url, environment.get(AUTHORITY), Path(token))

    def tell(self, metrics: Mapping[str, float]) -> None:
        """Pushes the figures of a trial that is over.

        Raises:
            NotTold: the controller refuses them, or does not answer for over a minute.
        """
        reason = ""
        for pause in (*self.pauses, None):
            reason, again = self._push(metrics)
            if not reason:
                return
            if pause is None or not again:
                break
            time.sleep(pause)
        raise NotTold(reason)

    def _push(self, metrics: Mapping[str, float]) -> tuple[str, bool]:
        """What went wrong, empty for nothing, and whether another try may fare better."""
        try:
            token = self.token.read_text(encoding="utf-8").strip()
            context = None
            if self.url.startswith("https:"):
                context = ssl.create_default_context(cafile=self.authority)
            answer = request(
                "POST",
                self.url,
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
                body=_body(metrics),
                timeout=TIMEOUT,
                context=context,
            )
        except (OSError, NoAnswer) as error:
            return str(error), True
        if answer.status < 300:
            return "", False
        again = answer.status >= 500 or answer.status in (401, 408, 409, 429)
        return f"{answer.status}: {answer.body[:300]}", again


def _body(metrics: Mapping[str, float]) -> bytes:
    status = {
        "progressPercentage": 100,
        "estimatedRemainingSeconds": 0,
        "metrics": [
            {"name": name, "value": repr(value)}
            for name, value in metrics.items()
            if len(name) <= LONGEST
        ],
        "lastUpdatedTime": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    return json.dumps({"trainerStatus": status}).encode()


if __name__ == "__main__":
    from .execute import execute

    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
    heard = Status.read(os.environ)
    if heard is None:
        # before the training and not after it: without the gate nobody would ever hear of it
        log.error("%s is not set: Trainer's feature gate `TrainJobStatus` is off", SERVER)
        sys.exit(NEVER)
    sys.exit(run(os.environ, execute, heard.tell))
