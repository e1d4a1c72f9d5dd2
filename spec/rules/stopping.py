"""Early stopping has a figure to judge by."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks.search import Stopping
from ..expression.tree import Objective
from .finding import Finding, Place, Readable


def stopping(document: Readable) -> Iterator[Finding]:
    """An objective of a device is measured once, after the training."""
    path = ("spec", "search", "stopping")
    if document.value(Stopping, *path) is None or not document.complete("spec", "objectives"):
        return
    wishes = [(at, goal) for at, goal in document.goals() if isinstance(goal, Objective)]
    if not wishes or any(goal.metric.device is None for _, goal in wishes):
        return
    at, goal = wishes[0]
    yield Finding(
        "OFC368",
        "no objective is told while a trial trains, so none would ever end early",
        Place(path, on_key=True),
        "judges trials by what they report",
        "remove `stopping`, or add an objective of the training such as `maximize accuracy`",
        (Place(at), f"`{goal.metric.key}` is measured after the training"),
    )
