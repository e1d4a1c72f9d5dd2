"""A broker as Knative's default one is: who sends an event waits until all subscribers answered.

Each subscriber gets an event whose attributes are those that its Trigger filters by. It is tried
again after 1, 2, 4, 8 and 16 s where that may help, and then goes to the dead letter with its
cause; the sender hears that it was taken in any case (demand 1).
"""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..events import Event
from ..http_client import Answer, NoAnswer
from ..outbox import AGAIN

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between tries, as the Triggers' `delivery` says."""

_MOST_OF_CAUSE = 1024

log = logging.getLogger(__name__)

Subscriber = Callable[[Event], Answer]
"""Takes an event; raises `NoAnswer` where nobody is there."""


@dataclass(frozen=True, slots=True)
class Route:
    """One Trigger.

    Attributes:
        filter: attributes that an event must have, by name.
        to: the subscriber's name.
    """

    name: str
    filter: Mapping[str, str]
    to: str

    def takes(self, event: Event) -> bool:
        """Whether the event passes the filter."""
        has = {"type": event.type, "source": event.source, **dict(event.extensions)}
        return all(has.get(name) == value for name, value in self.filter.items())


class Broker:
    """Hands events to subscribers, to all of one event at once."""

    def __init__(
        self,
        routes: Sequence[Route],
        subscribers: Mapping[str, Subscriber],
        dead: Subscriber,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._routes = tuple(routes)
        self._subscribers = subscribers
        self._dead = dead
        self._pauses = tuple(pauses)
        self._over = threading.Event()

    def knows(self, event: Event) -> bool:
        """Whether anybody could have subscribed to such an event."""
        return any(
            (route.filter["type"], route.filter["source"]) == (event.type, event.source)
            for route in self._routes
        )

    def deliver(self, event: Event) -> None:
        """Returns once every subscriber has answered, retries and the dead letter included."""
        routes = [route for route in self._routes if route.takes(event)]
        others = [
            threading.Thread(target=self._hand, args=(route, event), daemon=True)
            for route in routes[1:]
        ]
        for thread in others:
            thread.start()
        if routes:
            self._hand(routes[0], event)
        for thread in others:
            thread.join()

    def close(self) -> None:
        """Lets the pauses end; what was not taken by now is the sender's to send again."""
        self._over.set()

    def _hand(self, route: Route, event: Event) -> None:
        subscriber = self._subscribers[route.to]
        status, text = 0, ""
        for pause in (*self._pauses, None):
            try:
                answer = subscriber(event)
                status, text = answer.status, answer.body
            except NoAnswer as error:
                status, text = 0, str(error)
            if 200 <= status < 300:
                return
            if 300 <= status < 500 and status not in AGAIN:
                break
            if pause is None or self._over.wait(pause):
                break
        log.warning("`%s` does not take %s: %s", route.to, event.type, status or "no answer")
        if not self._over.is_set():
            self._bury(route, event, status, text)

    def _bury(self, route: Route, event: Event, status: int, text: str) -> None:
        cause = base64.b64encode(text.encode()[:_MOST_OF_CAUSE]).decode()
        why = {"knativeerrordest": route.to, "knativeerrordata": cause}
        if status:
            why["knativeerrorcode"] = str(status)
        dead = replace(event, extensions=tuple(sorted({**dict(event.extensions), **why}.items())))
        try:
            answer = self._dead(dead)
        except NoAnswer as error:
            log.error("a dead letter is lost: %s", error)
            return
        if answer.status >= 300:
            log.error("a dead letter is lost: %s", answer.status)
