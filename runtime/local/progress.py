"""What people see on stderr while a study runs: one live view on a terminal, else plain lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from omniforce.compiler.ir.program import Search

from ..quantities import show_duration
from ..store.trial import Trial
from .standing import Standing, best_text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live


class Progress(Protocol):
    """Is told what happens; shows it or not."""

    def __enter__(self) -> Self:
        """Takes the terminal, if there is one."""
        ...

    def __exit__(self, *_: object) -> None:
        """Leaves the terminal as it should be left."""
        ...

    def stage(self, text: str) -> None:
        """A step begins, or has something to say."""
        ...

    def ended(self, search: Search, trial: Trial) -> None:
        """A trial is over."""
        ...

    def stands(self, search: Search, now: Standing) -> None:
        """How the search stands; may be told often."""
        ...


def progress_for(stream: TextIO, color: bool) -> Progress:
    """The live view where `stream` is a terminal."""
    return LiveProgress(color) if stream.isatty() else PlainProgress(_to(stream))


def _to(stream: TextIO) -> Callable[[str], None]:
    def write(line: str) -> None:
        stream.write(line + "\n")
        stream.flush()

    return write


class PlainProgress:
    """A line for each stage and each trial."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._last: Standing | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def stage(self, text: str) -> None:
        """The text."""
        self._write(text)

    def ended(self, search: Search, trial: Trial) -> None:
        """The trial with its figures, and how many there are."""
        stands = self._last
        count = "" if stands is None else f" [{_count(stands)}{_left(stands)}]"
        self._write(f"trial {trial.number}: {_outcome(search, trial)}{count}")

    def stands(self, search: Search, now: Standing) -> None:
        """Kept for the next trial's line."""
        self._last = now


class LiveProgress:
    """A bar with counts, the best so far and the time left; failures stay above it."""

    def __init__(self, color: bool) -> None:
        self._color = color
        self._live: Live | None = None
        self._drawn = 0.0

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=sys.stderr, no_color=not self._color, highlight=False)
        self._live = Live(console=console, refresh_per_second=8, transient=True)
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def stage(self, text: str) -> None:
        """Printed, and left standing."""
        from rich.console import Group
        from rich.text import Text

        if self._live is not None:
            self._live.update(Group(), refresh=True)
            self._live.console.print(Text(text))

    def ended(self, search: Search, trial: Trial) -> None:
        """Printed where it went wrong; what went well is in the counts."""
        from rich.text import Text

        if self._live is not None and trial.state != "completed":
            text = f"trial {trial.number}: {_outcome(search, trial)}"
            self._live.console.print(Text(text, style="red"))

    def stands(self, search: Search, now: Standing) -> None:
        """Drawn anew, at most ten times a second."""
        if self._live is None or time.monotonic() - self._drawn < 0.1:
            return
        self._drawn = time.monotonic()
        self._live.update(_view(search, now))


def _view(search: Search, now: Standing) -> RenderableType:
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    line = Table.grid(padding=(0, 2))
    line.add_row(
        Text("search", style="bold"),
        ProgressBar(total=now.total or max(now.done, 1), completed=now.done, width=30),
        Text(_count(now) + _left(now)),
    )
    if now.best is None:
        return Group(line)
    best = f"best     trial {now.best.number}: {best_text(search, now.best)}"
    return Group(line, Text(best, style="green"))


def _count(now: Standing) -> str:
    total = "" if now.total is None else f"/{now.total}"
    failed = f", {now.failed} failed" if now.failed else ""
    return f"{now.done}{total} done, {now.running} running{failed}"


def _left(now: Standing) -> str:
    return "" if now.left is None else f", {show_duration(now.left)} left"


def _outcome(search: Search, trial: Trial) -> str:
    if trial.state == "completed":
        return f"{best_text(search, trial)} in {show_duration(trial.seconds)}"
    return f"{trial.state}: {trial.message or trial.failure or 'no reason given'}"
