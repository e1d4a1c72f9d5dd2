"""What a program wrote down: lines of figures while it runs, and its result at the end."""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from .client import name_of
from .failures import MissingMetric, NotANumber
from .thinning import KEYS

LONGEST_LINE = 64 * 1024
LARGEST_RESULT = 2**20
_PIECE = 2**20


@dataclass(frozen=True, slots=True)
class Line:
    """One line; what it says is looked at when it is asked."""

    number: int
    text: bytes

    @property
    def step(self) -> object:
        """As it is written; without one, the number of the line."""
        said = self._said()
        return said.get("step", self.number - 1)

    def metrics(self) -> Mapping[str, object]:
        """By name: what stands under `metrics`, or all but the step.

        Raises:
            MissingMetric: it says none.
        """
        said = self._said()
        metrics = said.get("metrics", {k: v for k, v in said.items() if k != "step"})
        if not isinstance(metrics, dict):
            raise MissingMetric("`metrics` is no object of JSON")
        return cast("Mapping[str, object]", metrics)

    def _said(self) -> Mapping[str, object]:
        if len(self.text) > LONGEST_LINE:
            raise MissingMetric(f"more than {LONGEST_LINE} bytes")
        return as_object(self.text)


class Lines:
    """A file that grows, read as it does; holds one unfinished line and no more."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = self._number = 0
        self._pending = b""

    def new(self) -> Iterator[Line]:
        """The lines that were finished since; what is no plain file has none."""
        while piece := read_part(self._path, self._read, _PIECE):
            self._read += len(piece)
            *whole, rest = (self._pending + piece).split(b"\n")
            # of a line without end the beginning is enough to refuse it
            self._pending = rest[: LONGEST_LINE + 1]
            for text in whole:
                self._number += 1
                if text.strip():
                    yield Line(self._number, text)


def read_result(path: Path) -> Mapping[str, float] | None:
    """The figures of a result; None where there is no such file.

    Raises:
        MissingMetric: it is no object of JSON with numbers.
        NotANumber: a figure is NaN or infinite.
    """
    text = read_part(path, 0, LARGEST_RESULT + 1)
    if not text:
        return None
    if len(text) > LARGEST_RESULT:
        raise MissingMetric(f"`{path.name}` has more than {LARGEST_RESULT} bytes")
    try:
        return result_of(as_object(text))
    except MissingMetric as error:
        raise MissingMetric(f"`{path.name}`: {error}") from error


def result_of(said: Mapping[str, object]) -> Mapping[str, float]:
    """The figures of a result, under `metrics` or by themselves.

    Raises:
        MissingMetric: a figure is no number, or has no name.
        NotANumber: a figure is NaN or infinite.
    """
    metrics = said.get("metrics", said)
    if not isinstance(metrics, dict):
        raise MissingMetric("`metrics` is no object of JSON")
    if len(metrics) > KEYS:
        raise MissingMetric(f"{len(metrics)} figures, {KEYS} are the most")
    figures: dict[str, float] = {}
    for name, value in cast("Mapping[str, object]", metrics).items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise MissingMetric(f"`{name_of(name)}` is no number")
        try:
            figures[name_of(name)] = float(value)
        except OverflowError:
            figures[name_of(name)] = math.inf
        if not math.isfinite(figures[name]):
            raise NotANumber(f"`{name}` is {figures[name]}")
    return figures


def as_object(text: bytes) -> Mapping[str, object]:
    """JSON as an object.

    Raises:
        MissingMetric: it is something else.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MissingMetric(f"no JSON: {str(error)[:100]}") from error
    if not isinstance(said, dict):
        raise MissingMetric("no object of JSON")
    return cast("Mapping[str, object]", said)


def read_part(path: Path, start: int, most: int) -> bytes:
    """Some of a plain file's bytes; empty where there is none, and never waits for any."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        return os.pread(descriptor, most, start)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
