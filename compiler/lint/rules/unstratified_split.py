"""A classifier whose split may give the parts other shares of the classes."""

from __future__ import annotations

from collections.abc import Iterator

from ..advice import Advice, Subject
from ..edits import append_key

SPLIT = ("spec", "data", "split")


def unstratified_split(subject: Subject) -> Iterator[Advice]:
    """Asks for `stratify`, unless the writer has said no to it."""
    search = subject.search
    if search is None or search.algorithm.task != "classification":
        return
    if subject.spec.data.split.stratify or subject.written(*SPLIT, "stratify"):
        return
    yield Advice(
        "the classes may have other shares in each part of the data",
        subject.at(*SPLIT),
        "not stratified",
        "add `stratify: true`, or `stratify: false` to say that this is meant",
        edits=append_key(subject.node(*SPLIT), "stratify: true"),
    )
