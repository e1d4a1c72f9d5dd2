"""A connection to Ray: to a cluster at an address, or to one of our own that ends with us."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omniforce.spec.problem import Problem

from ..local.descendants import Descendant, descendants
from .nearby import PRIVATE, has_processes, lookup

OBJECT_STORE = 128 * 2**20
"""Bytes of shared memory of a Ray of our own, which only carries messages."""

_QUIET: Mapping[str, str] = {
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_DISABLE_DOCKER_CPU_WARNING": "1",
    "RAY_DISABLE_IMPORT_WARNING": "1",
    "RAY_IGNORE_UNHANDLED_ERRORS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_USAGE_STATS_PROMPT_ENABLED": "0",
    "RAY_enable_metrics_collection": "0",
}
"""No telemetry, no advice on standard error, no metrics that nobody asks for."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What a Ray of our own has to offer: as much as the trials ask for, however much that is.

    The limits of each trial are enforced; that a machine has less than they add up to is no
    reason to refuse them, as it is none without Ray. GPUs are those that Ray finds.
    """

    cpus: float
    memory: int


@contextmanager
def own(extent: Extent) -> Generator[Any]:
    """Starts a Ray on this machine, on loopback, and ends it with all of its processes.

    Raises:
        Problem: it does not start.
    """
    directory = Path(tempfile.mkdtemp(prefix=PRIVATE))
    token = directory / "token"
    token.write_text(secrets.token_hex(32), encoding="ascii")
    token.chmod(0o600)
    # nobody else on this machine may talk to it, and none of it stays in the home directory
    access = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token)}
    try:
        with (
            _variables({**_QUIET, **access, "RAY_enable_autoscaler_v2": "0"}),
            _connected(
                {
                    "address": "local",
                    "num_cpus": extent.cpus,
                    "include_dashboard": False,
                    "object_store_memory": OBJECT_STORE,
                    "_memory": extent.memory,
                    "_temp_dir": str(directory),
                    "_node_ip_address": "127.0.0.1",
                },
                "a Ray of our own does not start",
                "see what it says with `RAY_BACKEND_LOG_LEVEL=info`, or start one yourself with "
                "`ray start --head` and give `--address auto`",
                whole=True,
            ) as module,
        ):
            try:
                yield module
            finally:
                started = _processes_of(directory)
        # its agents only find out after a minute or so that it is gone
        for each in started:
            each.kill()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def at(address: str) -> Generator[Any]:
    """Connects to a cluster; it goes on when we go.

    Raises:
        Problem: there is none, or it does not let us in.
    """
    fault = f"no Ray cluster answers at `{address}`"
    way_out = (
        "give `ray://HOST:10001`, `HOST:6379` from a node of the cluster, or `auto` where "
        "`ray start` ran; without `--address` a Ray of our own is started"
    )
    if address == "auto" and has_processes():
        found = lookup()
        if found is None:
            raise Problem("OFC813", f"{fault}: no cluster runs on this machine", way_out)
        address = found
    _knock(address, fault, way_out)
    with _variables(_QUIET), _connected({"address": address}, fault, way_out) as module:
        yield module


def _knock(address: str, fault: str, way_out: str) -> None:
    """Finds out in seconds what Ray itself finds out in minutes: that nobody listens there."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
    except (OSError, OverflowError) as error:
        raise Problem("OFC813", f"{fault}: {error}", way_out) from error


@contextmanager
def _connected(
    arguments: Mapping[str, object], fault: str, way_out: str, *, whole: bool = False
) -> Generator[Any]:
    """A connection while the block runs; `whole` holds Ctrl-C back until it stands."""
    import ray

    handlers = _handlers()
    held = _hold(handlers) if whole else []
    _forget_access()
    try:
        try:
            ray.init(
                **arguments,  # type: ignore[arg-type] # options of `ray.init` by name
                namespace="omniforce",
                log_to_driver=False,
                logging_level=logging.ERROR,
                ignore_reinit_error=False,
            )
        except Exception as error:
            first = str(error).strip().splitlines()[:1]
            raise Problem(
                "OFC813", f"{fault}: {first[0] if first else type(error).__name__}", way_out
            ) from error
        finally:
            _restore(handlers)
        if held:
            raise KeyboardInterrupt
        _hush()
        yield ray
    finally:
        with suppress(Exception):
            ray.shutdown()
        _restore(handlers)


def _processes_of(directory: Path) -> tuple[Descendant, ...]:
    """What the Ray whose files are in a directory has started, and what those started."""
    found: list[Descendant] = []
    for each in descendants(os.getpid()):
        with suppress(OSError):
            if str(directory).encode() in Path(f"/proc/{each.process}/cmdline").read_bytes():
                found += [each, *descendants(each.process)]
    return tuple(found)


def _forget_access() -> None:
    """Has Ray read anew how clusters are entered: it may have been imported long ago."""
    with suppress(Exception):
        from ray import _raylet

        core: Any = _raylet
        core.Config.initialize("")
        core.AuthenticationTokenLoader.instance().reset_cache()


def _hush() -> None:
    """Has Ray tell nothing on standard error of actors that end; we tell it ourselves."""
    with suppress(Exception):
        from ray._private.ray_logging import global_worker_stdstream_dispatcher

        global_worker_stdstream_dispatcher.remove_handler("ray_print_logs")


@contextmanager
def _variables(wanted: Mapping[str, str]) -> Generator[None]:
    """Sets variables that are not set, and takes them away again."""
    missing = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(missing)
    try:
        yield
    finally:
        for name in missing:
            os.environ.pop(name, None)


_Handler = Callable[[int, Any], Any] | int | None


def _handlers() -> dict[int, _Handler]:
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}


def _hold(handlers: Mapping[int, _Handler]) -> list[int]:
    """Has signals noted in the list: a Ray that is half started cannot be ended. The second acts.

    One that is ignored stays ignored.
    """
    held: list[int] = []

    def note(number: int, _: object) -> None:
        if held:
            raise KeyboardInterrupt
        held.append(number)

    for number, handler in handlers.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, note)
    return held


def _restore(handlers: Mapping[int, _Handler]) -> None:
    """Puts back the handlers that `ray.init` replaces by its own: Ctrl-C is ours to hear."""
    for number, handler in handlers.items():
        if handler is not None:
            signal.signal(number, handler)
