"""Data over a wire that anybody between can write to."""

from __future__ import annotations

from collections.abc import Iterator

from ..advice import Advice, Subject

SOURCE = ("spec", "data", "source")


def plain_http(subject: Subject) -> Iterator[Advice]:
    """Asks for a source that cannot change on its way, or between two runs."""
    scheme = subject.spec.data.source.partition("://")[0]
    if scheme not in ("http", "https"):
        return
    yield Advice(
        "the data comes over `http://`, where anybody between can change it"
        if scheme == "http"
        else "the data is whatever the server sends on that day",
        subject.at(*SOURCE),
        "no digest holds it",
        "copy it and write `file://...`, or keep it in `dvc://`, so that a trial of next month "
        "sees the same rows",
    )
