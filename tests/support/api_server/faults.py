"""What goes wrong on demand: an answer in place of the real one, a break in the middle, a delay."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from .answer import Answer


@dataclass
class Fault:
    """Happens at the `at`-th matching request and `times` times from there on.

    Attributes:
        method: empty for every one.
        path: a part of the address.
        answer: given in place of what the server would do; None lets it do that.
        drop_after: bytes of the body before the connection is cut; the request was carried out.
        delay: seconds before the answer.
    """

    method: str = ""
    path: str = ""
    at: int = 1
    times: int = 1
    answer: Answer | None = None
    drop_after: int | None = None
    delay: float = 0.0
    seen: int = 0


@dataclass
class Faults:
    planned: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, fault: Fault) -> Fault:
        self.planned.append(fault)
        return fault

    def meet(self, method: str, path: str) -> Fault | None:
        """The fault of this request, if there is one."""
        with self._lock:
            for fault in self.planned:
                if fault.method not in ("", method) or fault.path not in path:
                    continue
                fault.seen += 1
                if fault.at <= fault.seen < fault.at + fault.times:
                    return fault
        return None
