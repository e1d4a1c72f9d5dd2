"""Questions that are asked together."""

from __future__ import annotations

import threading

import pytest

from omniforce.targets.platforms.kubernetes.cluster.client.together import AT_ONCE, together


def test_answers_come_in_the_order_of_the_questions() -> None:
    assert together(lambda n: n * n, range(100)) == tuple(n * n for n in range(100))
    assert together(lambda n: n, []) == ()


def test_they_are_under_way_together() -> None:
    meeting = threading.Barrier(AT_ONCE, timeout=30)

    def ask(n: int) -> int:
        meeting.wait()
        return n

    assert together(ask, range(AT_ONCE)) == tuple(range(AT_ONCE))


def test_after_a_fault_nothing_more_is_asked_and_nobody_is_waited_for() -> None:
    asked: list[int] = []
    hold = threading.Event()

    def ask(n: int) -> int:
        asked.append(n)
        if n == 0:
            raise KeyboardInterrupt
        hold.wait(30)
        return n

    with pytest.raises(KeyboardInterrupt):
        together(ask, range(1000))
    count = len(asked)
    hold.set()
    assert count <= 2 * AT_ONCE
