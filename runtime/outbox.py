"""Sends what the store has to tell: committed first, then POSTed, then marked (demand 2).

Whoever dies in between leaves the event in the outbox, and the next wake sends it again under
the same id. The default broker answers only once every subscriber has (demand 1), so a POST
without an answer was very probably taken: it is not repeated at once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from omniforce.compiler.events import (
    DEVICE_MEASURED,
    MODEL_TRAINED,
    STUDY_CHANGED,
    STUDY_COMPLETED,
    STUDY_STARTED,
    TRIAL_COMPLETED,
    TRIAL_REQUESTED,
)

from .events import Event, to_binary
from .fault_points import reach
from .http_client import NoAnswer, request
from .store.store import Store

FROM_SEARCH = (TRIAL_REQUESTED, STUDY_COMPLETED, MODEL_TRAINED)
FROM_TRIAL = (TRIAL_COMPLETED, MODEL_TRAINED)
FROM_MEASURE = (DEVICE_MEASURED,)
FROM_API = (STUDY_STARTED, STUDY_CHANGED, TRIAL_REQUESTED)
"""Who sends what. Nobody sends what wakes itself: a synchronous broker would wait for it."""

TIMEOUT = 20.0
"""Seconds that a broker gets to answer."""

AGAIN = frozenset({404, 408, 409, 429})
"""Answers beside 5xx after which Knative, and we, try again (demand 16)."""

Sent = Literal["taken", "unknown", "refused", "unreachable"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Flushed:
    """What became of the outbox.

    Attributes:
        sent: how many events were taken.
        left: how many are still there.
        unreachable: whether the broker could not be spoken to; trying again soon makes sense.
    """

    sent: int = 0
    left: int = 0
    unreachable: bool = False


def post(event: Event, broker: str, timeout: float = TIMEOUT) -> Sent:
    """Hands one event to the broker."""
    headers, body = to_binary(event)
    reach("send-before")
    try:
        answer = request("POST", broker, headers=headers, body=body, timeout=timeout)
        reach("send-after")
    except NoAnswer as error:
        log.warning("event %s: no answer: %s", event.id, error)
        return "unknown" if error.sent else "unreachable"
    if 200 <= answer.status < 300:
        return "taken"
    log.warning("event %s: the broker answered %s: %s", event.id, answer.status, answer.body[:500])
    return "unreachable" if answer.status >= 500 or answer.status in AGAIN else "refused"


def flush(
    store: Store,
    study: str,
    types: Sequence[str],
    broker: str,
    *,
    timeout: float = TIMEOUT,
    clock: Callable[[], float] = time.time,
) -> Flushed:
    """Sends a study's unsent events of these types, oldest first, each marked when it is taken.

    Raises:
        Problem: the store cannot be used.
    """
    events = store.unsent(study, types)
    sent, unreachable = 0, False
    for event in events:
        outcome = post(event, broker, timeout)
        if outcome == "taken":
            store.mark_sent([event.id], clock())
            sent += 1
        elif outcome in ("unknown", "unreachable"):
            unreachable = outcome == "unreachable"
            break  # the next would fare no better, and a handler must be short
    return Flushed(sent, len(events) - sent, unreachable)
