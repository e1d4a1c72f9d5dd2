"""Many specs at once: on every core, in the order in which they were named."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import click

T = TypeVar("T")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

FEW = 8
"""Specs that are done one after the other: starting processes would take longer."""


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(function: Callable[[T], R], items: Sequence[T], jobs: int = 0) -> Iterator[R]:
    """What `function` makes of every item, in their order; on several cores where it pays.

    Args:
        function: of a module, since processes are given its name.
        items: can be pickled, as what comes of them.
        jobs: processes at most; 0 takes one a core.
    """
    processes = min(jobs or cores(), len(items))
    if processes < 2 or len(items) < FEW:
        yield from map(function, items)
        return
    import multiprocessing

    # forked, so that what is imported is not imported again in every process
    context = multiprocessing.get_context("fork")
    with context.Pool(processes) as pool:
        yield from pool.imap(function, items, chunksize=max(1, len(items) // (processes * 16)))


def batch_options(function: F) -> F:
    """The options `--jobs` and `--no-cache` of a command that takes many specs."""
    function = click.option(
        "--no-cache", "fresh", is_flag=True, help="Looks at specs again that have not changed."
    )(function)
    return click.option(
        "--jobs",
        type=click.IntRange(0, 256),
        default=0,
        metavar="N",
        help="Processes for many specs; 0 takes one a core.  [default: 0]",
    )(function)
