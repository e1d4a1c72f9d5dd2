"""A beat from a thread of its own, so that a long training keeps its lease."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def beating(beat: Callable[[], None], seconds: float) -> Generator[None]:
    """Calls `beat` every `seconds` while the block runs; a beat that fails is tried again later."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(seconds):
            try:
                beat()
            except Exception:  # noqa: S112 - the next beat may get through
                continue

    thread = threading.Thread(target=run, name="ofc-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=seconds)
