"""The address that a server listens on, taken before anything slow is loaded."""

from __future__ import annotations

import errno
import socket

from omniforce.spec.problem import Problem

BACKLOG = 128


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port`; port 0 takes a free one.

    Raises:
        Problem: OFC740 where it cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _refused(host, port, error) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise _refused(host, port, error) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """Its URL."""
    host, port, *_ = listening.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _refused(host: str, port: int, error: OSError) -> Problem:
    match error.errno:
        case errno.EADDRINUSE:
            return Problem(
                "OFC740",
                f"port {port} of `{host}` is in use",
                "stop what uses it, or choose another with `--port`; `--port 0` takes a free one",
            )
        case errno.EACCES:
            return Problem(
                "OFC740",
                f"port {port} of `{host}` is not ours to use",
                "choose one from 1024 on with `--port`",
            )
        case _:
            return Problem(
                "OFC740",
                f"nothing can listen on `{host}`: {error.strerror or error}",
                "write an address of this machine, as in `--host 127.0.0.1`",
            )
