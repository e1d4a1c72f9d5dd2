"""Many questions to a server, some of them under way together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE: Final = 8
"""Questions that are under way together."""


def together(ask: Callable[[T], R], items: Iterable[T]) -> tuple[R, ...]:
    """The answers in the order of the questions.

    Raises:
        Exception: what the first question raised; those that were not asked yet never are, and
            nobody waits for the others, so that a Ctrl-C is heard at once.
    """
    workers = ThreadPoolExecutor(AT_ONCE)
    try:
        answers = tuple(workers.map(ask, items))
    except BaseException:
        workers.shutdown(wait=False, cancel_futures=True)
        raise
    workers.shutdown()
    return answers
