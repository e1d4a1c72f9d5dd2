"""A trial's output, from its end or as it comes, made harmless for a terminal."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..steering.access import StudyReading

PAUSE = 0.3
"""Seconds between two looks at a log that grows."""

MOST = 1024 * 1024
"""Bytes that are read at once, and the most that is shown of what was there before."""

_REMEMBERED = 4096

_COLOUR = re.compile("\x1b\\[[0-9;]*m")
_BARE = re.compile("[^\n]*\r(?!\n)")


def harmless(text: str) -> str:
    """Output without colours, and without what a progress bar wrote over.

    What else would steer a terminal is spelt out where it is shown.
    """
    return _BARE.sub("", _COLOUR.sub("", text.replace("\r\n", "\n")))


def last_lines(text: str, count: int | None) -> str:
    """The last lines of a text; all of them for None."""
    if count is None:
        return text
    lines = text.splitlines(keepends=True)
    return "".join(lines[len(lines) - min(count, len(lines)) :])


class Growing(Protocol):
    """Output that grows."""

    def more(self) -> str:
        """What has come since the last call; at the first, the end of what there is."""
        ...


class GrowingFile:
    """A log file here; one that is not there yet is empty, one that was cut is read anew."""

    def __init__(self, place: Path) -> None:
        self._place, self._at = place, -1
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def more(self) -> str:
        """What has come; at most a mebibyte a call."""
        try:
            with self._place.open("rb") as file:
                size = file.seek(0, 2)
                if self._at < 0:
                    self._at = max(0, size - MOST)
                elif size < self._at:
                    self._at = 0
                file.seek(self._at)
                found = file.read(MOST)
        except OSError:
            return ""
        self._at += len(found)
        return self._decoder.decode(found)


@dataclass(slots=True)
class GrowingText:
    """Output that can only be asked for whole, of which the beginning may get lost meanwhile."""

    read: Callable[[], str]
    _seen: str = ""

    def more(self) -> str:
        """What has come, as far as the old end is still found in the new text."""
        whole = self.read()
        seen, self._seen = self._seen, whole[-_REMEMBERED:]
        if not seen:
            return whole
        at = whole.rfind(seen)
        return whole if at < 0 else whole[at + len(seen) :]


def follow(
    study: StudyReading,
    trial: int,
    output: Growing,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[str]:
    """The output as it comes, until the trial is over."""
    while True:
        over = study.trial(trial).is_settled  # asked first: what comes after its end is read too
        found = output.more()
        if found:
            yield found
        elif over:
            return
        else:
            pause(PAUSE)
