"""What people see on stderr while a cluster is changed: a live view on a terminal, else lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, Self, TextIO

if TYPE_CHECKING:
    from rich.console import RenderableType

    from omniforce.targets.platforms.kubernetes.cluster.applying.apply import Applied
    from omniforce.targets.platforms.kubernetes.cluster.applying.ready import State
    from omniforce.targets.platforms.kubernetes.cluster.cluster import Reference


class ClusterProgress(Protocol):
    """Is told what happens to the objects of a study."""

    def __enter__(self) -> Self:
        """Takes the terminal, if there is one."""
        ...

    def __exit__(self, *_: object) -> None:
        """Leaves it as it should be left."""
        ...

    @property
    def count(self) -> tuple[int, int]:
        """How many objects were written, of how many."""
        ...

    def applied(self, applied: Applied, count: int, of: int) -> None:
        """An object was written."""
        ...

    def stands(self, states: Mapping[Reference, State]) -> None:
        """How all objects stand."""
        ...

    def removed(self, reference: Reference) -> None:
        """An object was deleted."""
        ...

    def stage(self, text: str) -> None:
        """Something begins, or is over."""
        ...


def cluster_progress(stream: TextIO, color: bool) -> ClusterProgress:
    """The live view where `stream` is a terminal that can move its cursor."""
    moves = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    return LiveProgress(color) if moves else PlainProgress(stream)


class PlainProgress:
    """A line for what changes, and none for what stays as it is."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last: dict[Reference, State] = {}
        self.count = (0, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def applied(self, applied: Applied, count: int, of: int) -> None:
        """What stays unchanged is counted, and not told."""
        self.count = (count, of)
        if applied.done != "unchanged":
            self.stage(f"{applied.done:11} {applied.reference}")

    def stands(self, states: Mapping[Reference, State]) -> None:
        """Only what is not as it was at the last look."""
        for reference, state in states.items():
            before = self._last.get(reference)
            if state == before or (before is None and state.word == "ready"):
                continue
            self._last[reference] = state
            self.stage(f"{state.word:11} {reference}{f': {state.why}' if state.why else ''}")

    def removed(self, reference: Reference) -> None:
        """One line."""
        self.stage(f"{'removed':11} {reference}")

    def stage(self, text: str) -> None:
        """One line, at once."""
        self._stream.write(text + "\n")
        self._stream.flush()


_COLORS = {"ready": "green", "progressing": "yellow", "failed": "red"}


class LiveProgress:
    """What waits, in the place of the last look; what is done stays above it."""

    def __init__(self, color: bool) -> None:
        from rich.console import Console
        from rich.live import Live

        self.count = (0, 0)
        self._console = Console(file=sys.stderr, no_color=not color, highlight=False)
        self._live = Live(console=self._console, transient=True, refresh_per_second=8)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def applied(self, applied: Applied, count: int, of: int) -> None:
        """A bar, and a line for what changed."""
        from rich.progress_bar import ProgressBar

        self.count = (count, of)
        if applied.done != "unchanged":
            self.stage(f"{applied.done:11} {applied.reference}")
        self._live.update(ProgressBar(total=of, completed=count, width=40))

    def stands(self, states: Mapping[Reference, State]) -> None:
        """A row for each object that is not ready."""
        ready = sum(state.word == "ready" for state in states.values())
        self._live.update(self._table(states, ready))

    def removed(self, reference: Reference) -> None:
        """One line."""
        self.stage(f"{'removed':11} {reference}")

    def stage(self, text: str) -> None:
        """One line above the view."""
        from rich.text import Text

        self._live.console.print(Text(text))

    def _table(self, states: Mapping[Reference, State], ready: int) -> RenderableType:
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        rows = Table.grid(padding=(0, 2))
        for reference, state in states.items():
            if state.word != "ready":
                words: Any = Text(state.word, style=_COLORS[state.word])
                rows.add_row(words, Text(str(reference)), Text(state.why, overflow="ellipsis"))
        whole = Table.grid()
        whole.add_row(Spinner("dots", f" {ready} of {len(states)} ready"))
        whole.add_row(rows)
        return whole
