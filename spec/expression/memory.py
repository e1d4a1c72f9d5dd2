"""Expressions that were parsed before, kept between runs in the user's cache.

Importing and setting up the parser takes a third of the time that `ofc check` may take, and the
expressions of a spec are nearly all those of the run before. Only the command line opens it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from .tree import Tree

Key = tuple[str, str]
"""The kind of an expression, and its text."""

LARGEST = 2**20
"""Bytes of the file that are read; a larger one is begun anew."""

MOST = 2_000
"""Expressions that are kept."""

SOURCES = ("grammar.lark", "build.py", "amounts.py", "tree.py", "units.py")
"""What a tree depends on: another version of these has a file of its own."""


@dataclass(slots=True)
class Memory:
    """Trees by kind and text.

    Attributes:
        file: where they are kept; None keeps them for this process only.
    """

    file: Path | None = None
    trees: dict[Key, Tree] = field(default_factory=dict)
    new: bool = False

    def add(self, key: Key, tree: Tree) -> None:
        """Keeps a tree; once there are too many, the ones before are forgotten."""
        if len(self.trees) >= MOST:
            self.trees.clear()
        self.trees[key] = tree
        self.new = True

    def save(self) -> None:
        """Writes what is new; a cache that cannot be written is no fault of the run."""
        if self.file is None or not self.new:
            return
        import pickle
        import tempfile

        with suppress(OSError):
            handle, name = tempfile.mkstemp(dir=self.file.parent)
            with os.fdopen(handle, "wb") as opened:
                pickle.dump(self.trees, opened)
            os.replace(name, self.file)
        self.new = False

    def open(self, directory: Path | None) -> None:
        """Takes in what is kept in a directory that only this user can write to."""
        if directory is None:
            return
        import pickle

        here = Path(__file__).parent
        version = sha256(b"\0".join((here / name).read_bytes() for name in SOURCES)).hexdigest()
        self.file = directory / f"expressions-{version[:16]}.trees"
        # A pickle fails in every way that the classes in it can; whatever it is, we parse anew.
        with suppress(Exception), open(self.file, "rb") as opened:
            data = opened.read(LARGEST + 1)
            if len(data) <= LARGEST:
                self.trees.update(pickle.loads(data))  # noqa: S301 - of this user alone


MEMORY = Memory()
"""What `parse` looks at first."""
