"""What Ray's own errors say of a trial: whose fault it was that its actor is gone."""

from __future__ import annotations

from ..trial.contract import FailureClass

_MEMORY = ("low on memory", "memory monitor", "out of memory", "outofmemory", "oom")
_PREEMPTED = ("preempt", "spot interruption")
_NODE = ("node died", "node has died", "node was dead", "node is dead", "node terminated")


def lost(error: BaseException) -> tuple[FailureClass, str]:
    """The class of the failure, and one line about it."""
    text = str(error)
    low = text.lower()
    if getattr(error, "preempted", False) or any(sign in low for sign in _PREEMPTED):
        return "preempted", "the node was taken away"
    # the advice in the message of any lost actor names the OOM killer too
    cause = low.partition("some common causes include")[0]
    if type(error).__name__ == "OutOfMemoryError" or any(sign in cause for sign in _MEMORY):
        return "out-of-memory", "Ray ended it, since its node was running out of memory"
    if any(sign in low for sign in _NODE):
        return "lost-worker", "its node died"
    return "lost-worker", f"its actor is gone: {_reason(text)}"


def _reason(text: str) -> str:
    """The sentence of Ray's message that says why, without its list of identifiers."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("The actor is dead", "The actor "))]
    sentence = (told or lines or ["no reason was given"])[-1]
    return sentence.partition(" Some common causes")[0][:300]
