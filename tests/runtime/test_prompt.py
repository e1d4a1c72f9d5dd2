"""A handler that answers first: what it does behind its answer, and when that fails."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from omniforce.runtime.events import Event, MalformedEvent, study_started, trial_completed
from omniforce.runtime.functions.prompt import Prompt
from omniforce.runtime.functions.server import DONE, Reply


class Scripted:
    """Works as it is told, and writes down what it did."""

    def __init__(self, *replies: Reply | Exception) -> None:
        self.replies = list(replies)
        self.done: list[tuple[str, ...]] = []
        self.given_up: list[tuple[str, ...]] = []
        self.go_on = threading.Event()
        self.began = threading.Event()

    def start(self, environment: Mapping[str, str]) -> None:
        pass

    def note(self, event: Event) -> Reply | None:
        return Reply(422) if event.source != "/studies/s" else None

    def work(self, events: Sequence[Event]) -> Reply:
        self.began.set()
        assert self.go_on.wait(60)
        reply = self.replies.pop(0) if self.replies else DONE
        if isinstance(reply, Exception):
            raise reply
        if reply is DONE:
            self.done.append(tuple(event.id for event in events))
        return reply

    def give_up(self, events: Sequence[Event], cause: str) -> None:
        self.given_up.append((*(event.id for event in events), cause))

    def refuse(self, error: MalformedEvent, body: bytes) -> Reply:
        return Reply(400)

    def ready(self) -> str | None:
        return None

    def stop(self) -> None:
        pass


def test_the_answer_comes_before_the_work_and_stopping_waits_for_it() -> None:
    worker = Scripted()
    prompt = Prompt(worker)
    assert prompt.receive(study_started("s", 0.0)) == DONE
    assert worker.began.wait(60)
    assert worker.done == []
    threading.Timer(0.05, worker.go_on.set).start()
    prompt.stop()
    assert worker.done == [("s-started",)]
    assert prompt.receive(study_started("s", 0.0)).status == 503


def test_events_that_come_while_it_works_are_worked_off_together() -> None:
    worker = Scripted()
    prompt = Prompt(worker)
    prompt.receive(study_started("s", 0.0))
    assert worker.began.wait(60)
    for trial in (0, 1, 1):
        assert prompt.receive(trial_completed("s", trial, 1, 0.0)) == DONE
    worker.go_on.set()
    prompt.stop()
    assert worker.done == [("s-started",), ("s-t0-a1-completed", "s-t1-a1-completed")]


def test_work_that_fails_is_tried_again() -> None:
    worker = Scripted(Reply(503, "away"), ZeroDivisionError("by design"), DONE)
    worker.go_on.set()
    prompt = Prompt(worker, pauses=(0.0, 0.0, 0.0))
    prompt.receive(study_started("s", 0.0))
    while not worker.done:
        pass
    prompt.stop()
    assert (worker.done, worker.given_up) == ([("s-started",)], [])


def test_work_that_fails_too_often_is_given_up_with_its_cause() -> None:
    worker = Scripted(*[ZeroDivisionError("by design")] * 3)
    worker.go_on.set()
    prompt = Prompt(worker, pauses=(0.0, 0.0))
    prompt.receive(study_started("s", 0.0))
    while not worker.given_up:
        pass
    prompt.stop()
    assert worker.given_up == [("s-started", "ZeroDivisionError: by design")]


def test_what_is_not_for_it_is_refused_and_wakes_nobody() -> None:
    worker = Scripted()
    assert Prompt(worker).receive(study_started("another", 0.0)).status == 422
    assert not worker.began.is_set()
