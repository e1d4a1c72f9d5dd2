"""Whether an object does its work, by its own kind's conditions.

InferenceServices are judged as Argo CD judges them, so that both say the same of one object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal

from omniforce.spec.frozen import dataclass

from ...check.look import Document, items, kind_of, look, number, text
from ...objects import Tree
from ..cluster import Reference

Word = Literal["ready", "progressing", "failed"]


@dataclass(frozen=True, slots=True)
class State:
    """How an object stands.

    Attributes:
        word: `failed` may still come right: controllers try again.
        why: the condition that is not met, with its reason and message; empty where all are.
    """

    word: Word
    why: str = ""


READY: Final = State("ready")

_SHOWN: Final = 3
"""Objects that are named for one reason."""


def state_of(tree: Tree) -> State:
    """How a live object stands; what has no conditions is ready once it is there."""
    if look(tree, "metadata", "deletionTimestamp") is not None:
        return State("progressing", "it is being deleted")
    judge = _JUDGES.get(kind_of(tree))
    return READY if judge is None else judge(tree)


def in_words(states: Mapping[Reference, State]) -> str:
    """`Broker/a`, `Trigger/b` and 9 more: why; by reason."""
    by_reason: dict[str, list[Reference]] = {}
    for reference, state in states.items():
        by_reason.setdefault(state.why, []).append(reference)
    return "; ".join(f"{_named(found)}: {why}" for why, found in by_reason.items())


def _named(references: Sequence[Reference]) -> str:
    more = f" and {len(references) - _SHOWN} more" if len(references) > _SHOWN else ""
    return ", ".join(f"`{r}`" for r in references[:_SHOWN]) + more


def _by_ready(tree: Document) -> State:
    """The condition `Ready`, of the object as it is now and not as it was."""
    if _is_behind(tree):
        return State("progressing", "its controller has not seen it yet")
    found = next((c for c in _conditions(tree) if text(c, "type") == "Ready"), None)
    if found is None:
        return State("progressing", "it has no condition Ready yet")
    match text(found, "status"):
        case "True":
            return READY
        case "False":
            return State("failed", _why(_cause(tree, found)))
        case _:
            return State("progressing", _why(found))


def _cause(tree: Document, ready: Document) -> Document:
    """The condition that says more than `Ready`, which for a Service only says what follows."""
    for condition in _conditions(tree):
        other = text(condition, "reason") != text(ready, "reason")
        if other and text(condition, "status") == "False" and text(condition, "message"):
            return condition
    return ready


def _inference_service(tree: Document) -> State:
    if _is_behind(tree):
        return State("progressing", "its controller has not seen it yet")
    conditions = tuple(_conditions(tree))
    if any(text(c, "type") == "Stopped" and text(c, "status") == "True" for c in conditions):
        return READY  # on purpose: Argo CD calls it suspended
    counted = tuple(c for c in conditions if text(c, "type") != "Stopped")
    if not counted:
        return State("progressing", "it has no conditions yet")
    for word, status in (("failed", "False"), ("progressing", "Unknown")):
        for condition in counted:
            if text(condition, "status") == status:
                return State("failed" if word == "failed" else "progressing", _why(condition))
    transition = text(tree, "status", "modelStatus", "transitionStatus")
    if transition in ("UpToDate", ""):
        return READY
    return State("progressing", f"its model is {transition}")


def _job(tree: Document) -> State:
    for condition in _conditions(tree):
        if text(condition, "status") != "True":
            continue
        if text(condition, "type") == "Failed":
            return State("failed", _why(condition))
        if text(condition, "type") in ("Complete", "SuccessCriteriaMet"):
            return READY
    return State("progressing", "it runs")


def _claim(tree: Document) -> State:
    """A claim that waits for its first pod is as it should be: the class may say so."""
    phase = text(tree, "status", "phase")
    if phase == "Lost":
        return State("failed", "its volume is lost")
    return READY if phase in ("Bound", "Pending") else State("progressing", "it has no phase yet")


def _namespace(tree: Document) -> State:
    phase = text(tree, "status", "phase")
    return State("progressing", "it is being deleted") if phase == "Terminating" else READY


def _by_any(tree: Document) -> State:
    """No condition says False; kinds of KFP have none where no controller writes them."""
    wrong = next((c for c in _conditions(tree) if text(c, "status") == "False"), None)
    return READY if wrong is None else State("failed", _why(wrong))


def _experiment(tree: Document) -> State:
    """Katib's: what runs is well, what failed is not."""
    for condition in _conditions(tree):
        if text(condition, "type") == "Failed" and text(condition, "status") == "True":
            return State("failed", _why(condition))
    seen = any(text(c, "status") == "True" for c in _conditions(tree))
    return READY if seen else State("progressing", "it has no conditions yet")


_JUDGES: Final[dict[str, Callable[[Document], State]]] = {
    "Broker": _by_ready,
    "Experiment": _experiment,
    "InferenceGraph": _by_ready,
    "InferenceService": _inference_service,
    "Job": _job,
    "JobSink": _by_ready,
    "KnativeService": _by_ready,
    "Namespace": _namespace,
    "OptimizationJob": _experiment,
    "PersistentVolumeClaim": _claim,
    "PingSource": _by_ready,
    "PipelineVersion": _by_any,
    "TrainJob": _experiment,
    "Trigger": _by_ready,
}


def _conditions(tree: Document) -> Iterator[Document]:
    return items(tree, "status", "conditions")


def _is_behind(tree: Document) -> bool:
    seen, generation = (
        number(tree, "status", "observedGeneration"),
        number(tree, "metadata", "generation"),
    )
    return seen is not None and generation is not None and seen < generation


def _why(condition: Document) -> str:
    """`Ready is False: RevisionMissing: ...`."""
    said = f"{text(condition, 'type')} is {text(condition, 'status')}"
    more = (text(condition, "reason"), " ".join(text(condition, "message").split()))
    return ": ".join((said, *filter(None, more)))
