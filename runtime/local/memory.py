"""What processes use of the machine's memory, as Linux tells it; elsewhere nothing is known."""

from __future__ import annotations

import os
import resource
from collections.abc import Generator
from contextlib import contextmanager, suppress

_PAGE = os.sysconf("SC_PAGE_SIZE")


def _statm(process: int | str) -> tuple[int, ...]:
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as file:
            return tuple(int(pages) * _PAGE for pages in file.read().split())
    except (OSError, ValueError):
        return (0,) * 7  # gone, or not Linux


def resident(process: int) -> int:
    """Bytes of real memory that a process has."""
    return _statm(process)[1]


def family(process: int) -> tuple[int, ...]:
    """A process and all its descendants that are still its own."""
    found = [process]
    for each in found:
        found.extend(_children(each))
    return tuple(found)


def _children(process: int) -> tuple[int, ...]:
    """Whatever thread of it started them."""
    children: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as file:
                children.extend(int(child) for child in file.read().split())
    except (OSError, ValueError):
        pass  # gone, or not Linux
    return tuple(children)


def resident_family(process: int) -> int:
    """Bytes of real memory that a process and its descendants have together."""
    return sum(resident(each) for each in family(process))


def killings() -> int:
    """How often the kernel has ended a process of this machine, or container, to free memory."""
    return sum(
        _counter(file, word) for file, word in (("/proc/vmstat", "oom_kill"), (_EVENTS, "oom_kill"))
    )


_EVENTS = "/sys/fs/cgroup/memory.events"


def _counter(file: str, word: str) -> int:
    try:
        with open(file, encoding="ascii") as lines:
            return sum(int(line.split()[1]) for line in lines if line.split()[0] == word)
    except (OSError, ValueError, IndexError):
        return 0  # not Linux, or no control group


def container_limit() -> int | None:
    """Bytes that this container may use before the kernel ends it; None for no limit."""
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            with open(file, encoding="ascii") as text:
                limit = int(text.read())
        except (OSError, ValueError):
            continue  # another version of control groups, or `max`
        return limit if limit < 2**60 else None
    return None


def offer_itself() -> None:
    """Has the kernel end this process, and not the one that watches it, when memory runs out."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("800")


@contextmanager
def at_most(extra: int | None) -> Generator[None]:
    """Refuses this process more than `extra` bytes beyond what it has now, by `MemoryError`."""
    in_use = _statm("self")[5]
    if extra is None or not in_use:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = in_use + extra
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
