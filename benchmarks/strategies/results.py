"""What searches found, a line of JSON each, so that a long measurement can be interrupted.

The files lie in benchmarks/.results, which git does not see. They know nothing of the code that
made them: `--fresh` forgets those of our strategies.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .play import Played

FOLDER = Path(__file__).parents[1] / ".results"


@dataclass(frozen=True, slots=True)
class Entry:
    """One search that is to be made, or was.

    Attributes:
        bench: its name.
        searcher: its name.
        seed: of the search.
        workers: how many trials at once.
    """

    bench: str
    searcher: str
    seed: int
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Results:
    """What is known, in a folder."""

    folder: Path = FOLDER

    def read(self, bench: str) -> dict[Entry, Played]:
        """All searches of a bench; the last line counts where there are two of one."""
        path = self._path(bench)
        if not path.exists():
            return {}
        lines = path.read_text(encoding="utf-8").splitlines()
        return dict(_read(bench, json.loads(line)) for line in lines)

    def add(self, entry: Entry, played: Played) -> None:
        """Keeps one search; two processes may add to one file."""
        self.folder.mkdir(exist_ok=True)
        row = {
            "searcher": entry.searcher,
            "seed": entry.seed,
            "workers": entry.workers,
            "cpu": round(played.cpu, 4),
            "memory": round(played.memory, 1),
            "ended": dict(played.ended),
            "lost": [float(f"{each:.6g}") for each in played.lost],
        }
        with self._path(entry.bench).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def forget(self, bench: str, searchers: Iterable[str]) -> None:
        """Drops what these searchers found on a bench."""
        dropped, path = set(searchers), self._path(bench)
        if not path.exists():
            return
        lines = path.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if json.loads(line)["searcher"] not in dropped]
        path.write_text("".join(line + "\n" for line in kept), encoding="utf-8")

    def _path(self, bench: str) -> Path:
        return self.folder / f"{bench}.jsonl"


def _read(bench: str, row: dict[str, Any]) -> tuple[Entry, Played]:
    entry = Entry(bench, row["searcher"], row["seed"], row["workers"])
    return entry, Played(tuple(row["lost"]), row["ended"], row["cpu"], row["memory"])
