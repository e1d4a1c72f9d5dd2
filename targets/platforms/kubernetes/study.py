"""The compiled study as a ConfigMap that every function and trial reads."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from omniforce.compiler.canonical import canonical
from omniforce.compiler.ir.program import Program

from .names import content_name
from .objects import Tree, make
from .pipelines.version import release
from .study_files import study_files

LARGEST: Final = 2**20
"""Bytes of a ConfigMap that the API server takes."""


def study_config(program: Program) -> Tree:
    """The ConfigMap: new content is a new name, so a running revision keeps its own file."""
    name = study_map_name(program)
    return make(program, "v1", "ConfigMap", name, "search", immutable=True, data=_data(program))


@lru_cache(maxsize=2)
def study_map_name(program: Program) -> str:
    """The ConfigMap's name, with a hash of what is in it."""
    return content_name(program, "study", "\0".join(_data(program).values()))


def study_size(program: Program) -> int:
    """Bytes of the ConfigMap's data."""
    return sum(len(key) + len(value.encode()) for key, value in _data(program).items())


@lru_cache(maxsize=2)
def _data(program: Program) -> dict[str, str]:
    return study_files(program) | {"release.json": canonical(release(program))}
