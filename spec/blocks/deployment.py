"""`deployment`: which model is served, where, and what happens to it there."""

from __future__ import annotations

from typing import Literal, cast

from ..expression.reading import Duration, ModelChoiceReader, Percentage, PromotionReader, Rule
from ..expression.tree import BestModel, ModelChoice, Promotion, Requirement
from ..frozen import dataclass
from ..nodes import Node, Scalar
from ..readers import Block, Invalid, Number, OneOf, Reading, Schema, Text, key
from ..source import Path

LoggerMode = Literal["none", "all", "request", "response"]
LOGGER_MODES = ("none", "all", "request", "response")
"""What of the traffic becomes events; KServe's words, and one for nothing."""


@dataclass(frozen=True, slots=True)
class LoggerReader:
    """A mode of the logger; `true` stands for `all`, and `false` for `none`."""

    def read(self, node: Node, path: Path, reading: Reading) -> LoggerMode | Invalid:
        """The mode."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return "all" if node.value else "none"
        return cast("LoggerMode | Invalid", OneOf(LOGGER_MODES).read(node, path, reading))

    def schema(self) -> Schema:
        """An enumeration."""
        return OneOf(LOGGER_MODES).schema()


@dataclass(frozen=True, slots=True)
class ColdStart:
    """What the first request after sleep may take."""

    p95: float = key(Duration(), "The slowest of twenty, at most.", 10.0)


@dataclass(frozen=True, slots=True)
class ScaleTo:
    """How many servers there are. `min: 0` sleeps while nobody asks."""

    min: int = key(Number(int, minimum=0, maximum=1000), "Servers kept.", 0)
    max: int = key(Number(int, minimum=1, maximum=1000), "Servers at most.", 4)
    concurrency: int = key(Number(int, minimum=1, maximum=1000), "Requests a server at once.", 8)
    cold_start: ColdStart | None = key(Block(ColdStart), "What waking may take.", None)


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a new model takes over."""

    canary: float = key(Percentage(), "Share of the requests that it gets first.", example="10%")
    promote_when: Promotion | None = key(PromotionReader(), "When it gets all.", None)


@dataclass(frozen=True, slots=True)
class Monitor:
    """What is looked for in the requests."""

    drift: Requirement = key(Rule(), "When the data has moved.", example="psi > 0.2")
    then: Literal["research", "retrain", "notify"] = key(
        OneOf(("research", "retrain", "notify")), "What happens then.", "notify"
    )


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is served."""

    to: str = key(Text("a device's name"), "The device that serves.")
    model: ModelChoice = key(ModelChoiceReader(), "Which of the trials.", BestModel())
    scale: ScaleTo = key(Block(ScaleTo), "How many servers.", ScaleTo())
    rollout: Rollout | None = key(Block(Rollout), "How a new model takes over.", None)
    explain: Literal["anchors", "shap"] | None = key(
        OneOf(("anchors", "shap")), "The explainer beside the model.", None
    )
    logger: LoggerMode = key(
        LoggerReader(), "What is sent to the broker, as events: requests, answers or both.", "none"
    )
    monitor: Monitor | None = key(Block(Monitor), "What is looked for.", None)
