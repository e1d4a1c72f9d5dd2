"""The tick: a PingSource that dispatch makes when a study starts and removes when it ends.

It is not among the applied objects: a tick that is always there wakes the search for ever.
"""

from __future__ import annotations

import json
from typing import Final

from omniforce.compiler.ir.program import Program

from .eventing import source_of
from .names import broker_name, namespace_of, tick_name
from .objects import Tree, make
from .steps import search_of

_PERIODS: Final = (2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
"""Minutes that divide an hour: a cron step starts anew with each hour."""


def tick(program: Program) -> Tree:
    """The PingSource. Without a time zone: an adapter without their table never fires."""
    return make(
        program,
        "sources.knative.dev/v1",
        "PingSource",
        tick_name(program),
        "search",
        spec={
            "schedule": schedule(search_of(program).timeout),
            "contentType": "application/json",
            "data": json.dumps({"study": program.name, "source": source_of(program)}),
            "sink": {
                "ref": {
                    "apiVersion": "eventing.knative.dev/v1",
                    "kind": "Broker",
                    "name": broker_name(program),
                    "namespace": namespace_of(program),
                }
            },
        },
    )


def schedule(timeout: float) -> str:
    """How often it is looked for trials that died in silence, from a trial's timeout in seconds.

    Twice in a timeout, but never under two minutes, between which the search could not sleep.
    """
    minutes = timeout / 120
    period = max((p for p in _PERIODS if p <= minutes), default=_PERIODS[0])
    return f"*/{period} * * * *"
