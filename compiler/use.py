"""One thing that a program asks of its target."""

from __future__ import annotations

from omniforce.spec.frozen import dataclass
from omniforce.spec.source import Span


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that a program asks for.

    Attributes:
        word: what a target lists, such as `runtime:onnx`, `privacy` or `budget.usd`.
        what: the same in the words of a message.
        path: where the spec asks for it.
        way_out: what to write instead.
        span: the place where `path` was not written itself.
    """

    word: str
    what: str
    path: str
    way_out: str
    span: Span | None = None
