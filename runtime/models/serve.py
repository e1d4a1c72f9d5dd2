"""Serves one model by KServe's own server: Open Inference Protocol v2, and v1 beside it.

python -m omniforce.runtime.models.serve --model-dir models/0007 --name digits-edge
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from omniforce.spec.problem import Problem

from ..trial.load import missing_module
from .description import MODEL
from .listen import address_of, listen

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

HOST = "127.0.0.1"
PORT = 8080


def serve(model: Path, name: str, listening: socket.socket, threads: int = 1) -> None:
    """Serves until a signal ends it; requests under way are answered first.

    Raises:
        Problem: OFC707 without the extra `serve`, OFC810 where the model cannot be loaded.
    """
    _quiet()
    arguments, sys.argv = sys.argv, sys.argv[:1]  # kserve reads the command line as it loads
    try:
        from .server.bound_server import BoundServer
        from .server.onnx_model import OnnxModel
    except ImportError as error:
        raise missing_module(error) from error
    finally:
        sys.argv = arguments
    served = OnnxModel(name, model, threads)
    served.load()
    BoundServer(listening).start([served])


def existing(directory: Path, file: str = MODEL) -> Path:
    """The model in a directory.

    Raises:
        Problem: OFC741 where there is none.
    """
    path = directory / file
    if not path.is_file():
        raise Problem(
            "OFC741",
            f"there is no model `{path}`",
            "run the study first: `ofc run` leaves the chosen model in its state directory",
        )
    return path


def _quiet() -> None:
    """Lets through what a person must know. KServe configures its logs only where nobody did."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    kserve = logging.getLogger("kserve")
    kserve.addHandler(logging.NullHandler())
    kserve.addFilter(_is_ours)
    # KServe answers with a class that FastAPI has deprecated, and would be told so at each request.
    warnings.filterwarnings("ignore", message="ORJSONResponse is deprecated")


def _is_ours(record: logging.LogRecord) -> bool:
    """Not what a client did wrong: the client is told, and a traceback helps nobody here."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or kind.__name__ not in ("InvalidInput", "ModelNotFound")


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; answers the exit code."""
    parser = argparse.ArgumentParser(prog="omniforce.runtime.models.serve", description=__doc__)
    parser.add_argument("--model-dir", type=Path, required=True, help="where the model is")
    parser.add_argument("--file", default=MODEL, help="the model's file in it")
    parser.add_argument("--name", required=True, help="of the model, in its URL")
    parser.add_argument("--host", default=HOST, help="the address to listen on")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads a request")
    given = parser.parse_args(argv)
    try:
        model = existing(given.model_dir, given.file)
        listening = listen(given.host, given.port)
        print(f"{address_of(listening)}/v2/models/{given.name}", flush=True)
        serve(model, given.name, listening, given.threads)
    except Problem as problem:
        found = problem.diagnostic
        print(f"error[{found.code}]: {found.message}\n  = help: {found.help}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
