"""Which Ray clusters run on this machine for others to join: what `--address auto` means."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PRIVATE = "ofc-ray-"
"""How the folder of a Ray of our own begins; nobody may join it, and it ends with its study."""

_PROCESSES = Path("/proc")


def has_processes() -> bool:
    """Whether this system shows its processes as files; elsewhere Ray has to look itself."""
    return (_PROCESSES / "self").exists()


def lookup() -> str | None:
    """The address that `auto` stands for, or None where no cluster answers.

    `RAY_ADDRESS` first, as Ray has it. Then a control service on this machine that answers: Ray
    takes any process that looks like one, also one that is about to end, and waits minutes for it.
    """
    if given := os.environ.get("RAY_ADDRESS"):
        return given
    return next(filter(_answers, _advertised()), None)


def _advertised() -> Iterator[str]:
    """The addresses that the agents of running nodes were given."""
    for folder in sorted(_PROCESSES.glob("[0-9]*")):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if "raylet" in Path(words[0]).name and not any(PRIVATE in word for word in words):
                yield from (w.partition("=")[2] for w in words if w.startswith("--gcs-address="))


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with suppress(OSError, ValueError):
        socket.create_connection((host.strip("[]"), int(port)), timeout=2).close()
        return True
    return False
