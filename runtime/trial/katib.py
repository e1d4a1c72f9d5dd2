"""A trial of a Katib Experiment: `python -m omniforce.runtime.trial.katib`.

Values come in `KUBEFLOW_TRAINER_OPT_<NAME>`; the figures go to stdout, a line each, as Katib's
collector reads them: `2026-11-24T12:00:00.000000Z accuracy=0.93`. The collector takes the latest
by that time, so whatever a training printed before counts for nothing.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from .alone import NotTold, Tell, run


def to_stream(stream: TextIO) -> Tell:
    """Writes figures as Katib's collector reads them."""

    def tell(metrics: Mapping[str, float]) -> None:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        try:
            # a line of its own, whatever the training left behind without a line break
            stream.write("\n")
            stream.writelines(f"{now} {name}={value!r}\n" for name, value in metrics.items())
            stream.flush()
        except OSError as error:
            raise NotTold(str(error)) from error

    return tell


if __name__ == "__main__":
    from .execute import execute

    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
    sys.exit(run(os.environ, execute, to_stream(sys.stdout)))
