"""Timing whole processes side by side: the peers run in turn, so that drift hits all alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 9


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: medians over the rounds, in seconds and MB of the largest process."""

    cpu: float
    wall: float
    memory: float


def compare(commands: Sequence[tuple[str, Sequence[str]]], rounds: int = ROUNDS) -> dict[str, Cost]:
    """Runs every command in turn, once uncounted and then `rounds` times.

    Raises:
        subprocess.CalledProcessError: a command failed; a failing command has no time.
    """
    taken: dict[str, list[Cost]] = {name: [] for name, _ in commands}
    for count in range(rounds + 1):
        for name, command in commands:
            cost = _once(command)
            if count:
                taken[name].append(cost)
    return {name: _median(costs) for name, costs in taken.items()}


def _once(command: Sequence[str]) -> Cost:
    start = time.perf_counter()
    # bytecode is kept, for all alike: the uncounted round writes it
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=errors, env=environment
        )
        # of this process and what it waited for, which `subprocess` itself does not tell
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        if process.returncode:
            errors.seek(0)
            raise subprocess.CalledProcessError(
                process.returncode, command, stderr=errors.read().decode()
            )
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(c.cpu for c in costs),
        statistics.median(c.wall for c in costs),
        max(c.memory for c in costs),
    )


def machine() -> str:
    """What the figures were taken on, for the head of a table."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    model = next(names, "unknown CPU")
    return f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} x {model}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned."""
    every = [head, *rows]
    widths = [max(len(row[i]) for row in every) for i in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in every
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
