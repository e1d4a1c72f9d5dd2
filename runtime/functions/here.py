"""This machine as dispatch sees it: the process of `ofc functions serve` keeps the tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..http_client import request
from .platform import HERE
from .server import DONE, Reply

TICK = "/tick"
"""Where the tick is made (PUT) and removed (DELETE)."""

_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Here:
    """Asks the process that started this one."""

    url: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Here:
        """Reads the address."""
        return cls(environment[HERE].rstrip("/"))

    def missing(self) -> str | None:
        """Nothing: who started this process is what it asks."""
        return None

    def start_tick(self) -> Reply:
        """The tick's clock starts to run, or runs on."""
        return self._ask("PUT")

    def stop_tick(self) -> Reply:
        """The tick's clock stops."""
        return self._ask("DELETE")

    def start_release(self) -> Reply:
        """Nothing: `ofc run` of the same study trains and serves what was found."""
        return DONE

    def _ask(self, method: str) -> Reply:
        answer = request(method, self.url + TICK, headers={}, timeout=_TIMEOUT)
        if answer.status < 300:
            return DONE
        return Reply(503, "the tick is refused", f"{answer.status}: {answer.body[:500]}", retry=5)
