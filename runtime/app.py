"""Runs one function of a study: `OFC_FUNCTION=search python -m omniforce.runtime.app`."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # main() answers signals before anything large is imported
    from types import FrameType

    from .functions.server import Function


def _advise() -> Function:
    from .functions.advise import new

    return new()


def _api() -> Function:
    from .functions.api.function import new

    return new()


def _search() -> Function:
    from .functions.search import new

    return new()


def _dispatch() -> Function:
    from .functions.dispatch import new

    return new()


def _deadletter() -> Function:
    from .functions.deadletter import new

    return new()


def _measure() -> Function:
    from .functions.measure import new

    return new()


FUNCTIONS: dict[str, Callable[[], Function]] = {
    "advise": _advise,
    "api": _api,
    "deadletter": _deadletter,
    "dispatch": _dispatch,
    "measure": _measure,
    "search": _search,
}
"""By `OFC_FUNCTION`; each imports only what it needs."""


def listen_address(environment: Mapping[str, str]) -> str:
    """Where to listen; Knative says by `PORT` where its queue-proxy will ask."""
    if given := environment.get("LISTEN_ADDRESS"):
        return given
    host = "[::]" if _has_ipv6() else "0.0.0.0"  # noqa: S104 - a pod is asked from outside
    return f"{host}:{environment.get('PORT', '8080')}"


def _has_ipv6() -> bool:
    """Whether the node's kernel has IPv6; Python's own constant speaks of its build."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as trial:
            trial.bind(("::", 0))
    except OSError:
        return False
    return True


def _leave(_: int, __: FrameType | None) -> None:
    from .telemetry.tracing import flush_traces

    flush_traces()
    os._exit(0)


def main() -> int:
    """Serves until SIGTERM; gives the exit code."""
    # In a container this is process 1, which no signal ends that it does not handle itself.
    signal.signal(signal.SIGTERM, _leave)
    from .functions.settings import MissingSetting
    from .telemetry.log_lines import set_up_logs
    from .telemetry.tracing import set_up_traces

    set_up_logs(os.environ)
    set_up_traces(os.environ)
    name = os.environ.get("OFC_FUNCTION", "")
    if name not in FUNCTIONS:
        logging.error("OFC_FUNCTION is `%s`, not one of %s", name, ", ".join(sorted(FUNCTIONS)))
        return 64
    if lifeline := os.environ.get("OFC_LIFELINE"):
        from .local.lifetime import end_with

        end_with(int(lifeline))
    # One core is what a function has: more threads only wait for each other (torch, 9 times).
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    server = FUNCTIONS[name]()
    try:
        server.start(os.environ)
    except MissingSetting as error:
        logging.error("%s", error)
        return 1
    return _serve(server, listen_address(os.environ))


def _serve(server: Function, address: str) -> int:
    from func_python import http  # pyright: ignore[reportMissingTypeStubs]

    class Started:
        """The server, already started: func-python would start it where nobody sees it fail."""

        handle = server.handle
        alive = server.alive
        ready = server.ready
        stop = server.stop

        def start(self, _: Mapping[str, str]) -> None:
            """Nothing is left to do."""

    def new() -> Started:
        return Started()

    os.environ["LISTEN_ADDRESS"] = address
    http.serve(new)  # pyright: ignore[reportUnknownMemberType]
    return 0


if __name__ == "__main__":
    sys.exit(main())
