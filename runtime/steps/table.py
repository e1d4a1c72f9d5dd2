"""All steps by name; a step's libraries are imported only when it runs."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from .task import Task

Run = Callable[[Task], None]


def _step(name: str) -> Callable[[], Run]:
    def load() -> Run:
        run: Run = import_module(f"{__package__}.{name}").run
        return run

    return load


STEPS: dict[str, Callable[[], Run]] = {
    name: _step(name)
    for name in (
        "prepare",
        "smoke",
        "default",
        "start",
        "choose",
        "train",
        "convert",
        "measure",
        "register",
        "deploy",
    )
}
"""In the order in which the pipelines run them."""
