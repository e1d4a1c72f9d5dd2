"""What was found good before and has not changed since, by the content of its files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from omniforce.spec.frozen import dataclass

from ..version import VERSION

FORMAT = "1.0"
LIMIT = 20_000
TASKS = 4


@dataclass(frozen=True, slots=True)
class Memory:
    """What was found good before, so that it need not be looked at again.

    Attributes:
        task: what is done with specs in this folder, with all options that matter.
        known: per spec, the digest of each file that it was read from or has become.
        others: what is remembered of other tasks.
    """

    task: str
    known: Mapping[str, Mapping[str, str]]
    others: Mapping[str, Mapping[str, Mapping[str, str]]]

    @classmethod
    def of(cls, *task: str) -> Memory:
        """What is remembered of a task; nothing where the file is missing or of another release."""
        name = digest_of_text("\0".join((VERSION, _release(), os.getcwd(), *task)))
        try:
            plain = json.loads(_place().read_text(encoding="utf-8"))
            tasks = cast("dict[str, dict[str, dict[str, str]]]", plain["tasks"])
            known = tasks.pop(name, {}) if plain["formatVersion"] == FORMAT else {}
            return cls(name, dict(known), tasks)
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return cls(name, {}, {})

    def unchanged(self, spec: str) -> bool:
        """Whether every file that a spec was read from is as it was when it was found good."""
        files = self.known.get(spec, {})
        return bool(files) and all(digest_of(path) == known for path, known in files.items())

    def keep(self, good: Mapping[str, Mapping[str, str]]) -> None:
        """Remembers these for the next time; a folder that cannot be written is no fault."""
        kept = {**self.known, **{spec: files for spec, files in good.items() if files}}
        if len(kept) > LIMIT or kept == self.known:
            return
        # of other tasks and releases the newest few, so that the file cannot grow for ever
        others = list(self.others.items())[-TASKS:]
        tasks = {**dict(others), self.task: kept}
        place = _place()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            staged = place.with_suffix(f".{os.getpid()}")
            staged.write_text(json.dumps({"formatVersion": FORMAT, "tasks": tasks}), "utf-8")
            os.replace(staged, place)
        except OSError:
            return


def _place() -> Path:
    """In the user's own cache and never in the checkout, which a stranger may have filled."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache, "omniforce", "specs.json")


def digest_of_text(text: str) -> str:
    """As `digest_of` of a file with this text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def digest_of(path: str) -> str:
    """Of a file's bytes; empty where it cannot be read."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""


def _release() -> str:
    """What tells this installation from another, edited files of a checkout among it."""
    root = Path(__file__).parents[2]
    newest = 0
    for folder in ("compiler", "spec", "stdlib_algorithms", "strategies", "targets"):
        for place, _, names in os.walk(root / folder):
            stats = [os.stat(os.path.join(place, n)) for n in names if n.endswith((".py", ".yaml"))]
            newest = max([newest, *(s.st_mtime_ns for s in stats)])
    return str(newest)
