"""The broker of this machine: who gets an event, how often, and where it ends."""

from __future__ import annotations

import base64
from collections.abc import Callable

from omniforce.compiler.events import STUDY_COMPLETED, STUDY_STARTED
from omniforce.runtime.events import Event, study_completed, study_started
from omniforce.runtime.http_client import Answer, NoAnswer
from omniforce.runtime.local_functions.broker import Broker, Route

STARTED = Route("started", {"type": STUDY_STARTED, "source": "/studies/s"}, "search")
COMPLETED = Route("completed", {"type": STUDY_COMPLETED, "source": "/studies/s"}, "dispatch")
NO_PAUSES = (0.0, 0.0)


def answering(*answers: Answer | NoAnswer) -> tuple[Callable[[Event], Answer], list[str]]:
    """A subscriber that gives these answers in turn, and the ids of what it was given."""
    left, got = list(answers), list[str]()

    def take(event: Event) -> Answer:
        got.append(event.id)
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, NoAnswer):
            raise answer
        return answer

    return take, got


def test_an_event_goes_to_whoever_has_subscribed_to_it() -> None:
    search, searched = answering(Answer(202, ""))
    dispatch, dispatched = answering(Answer(202, ""))
    dead, buried = answering(Answer(202, ""))
    broker = Broker([STARTED, COMPLETED], {"search": search, "dispatch": dispatch}, dead)
    broker.deliver(study_started("s", 0.0))
    broker.deliver(study_started("another", 0.0))
    broker.deliver(study_completed("s", "budget", 0.0))
    assert (searched, dispatched, buried) == (["s-started"], ["s-completed"], [])
    assert broker.knows(study_started("s", 0.0))
    assert not broker.knows(study_started("another", 0.0))


def test_what_may_pass_is_tried_again_and_then_taken() -> None:
    search, searched = answering(
        Answer(503, "away"), NoAnswer("nobody", sent=False), Answer(202, "")
    )
    dead, buried = answering(Answer(202, ""))
    Broker([STARTED], {"search": search}, dead, NO_PAUSES).deliver(study_started("s", 0.0))
    assert (len(searched), buried) == (3, [])


def test_what_cannot_help_goes_to_the_dead_letter_at_once_with_its_cause() -> None:
    search, searched = answering(Answer(422, "not mine"))
    letters: list[Event] = []

    def dead(event: Event) -> Answer:
        letters.append(event)
        return Answer(202, "")

    Broker([STARTED], {"search": search}, dead, NO_PAUSES).deliver(study_started("s", 0.0))
    assert len(searched) == 1
    assert letters[0].extensions == (
        ("knativeerrorcode", "422"),
        ("knativeerrordata", base64.b64encode(b"not mine").decode()),
        ("knativeerrordest", "search"),
    )


def test_a_subscriber_that_never_answers_costs_the_sender_no_event_of_another() -> None:
    search, searched = answering(NoAnswer("nobody", sent=False))
    other, got = answering(Answer(202, ""))
    dead, buried = answering(Answer(202, ""))
    route = Route("other", STARTED.filter, "other")
    broker = Broker([STARTED, route], {"search": search, "other": other}, dead, NO_PAUSES)
    broker.deliver(study_started("s", 0.0))
    assert (len(searched), got, buried) == (3, ["s-started"], ["s-started"])
