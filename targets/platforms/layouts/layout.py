"""What a layout is given, and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass

from omniforce.compiler.ir.program import Program

from ...target import File
from ..kubernetes.objects import Tree


@dataclass(frozen=True, slots=True)
class Repository:
    """Where Argo CD finds the manifests.

    Attributes:
        path: of the output folder in the repository, with forward slashes.
        revision: a branch, a tag or a commit.
    """

    url: str
    path: str
    revision: str = "HEAD"


@dataclass(frozen=True, slots=True)
class Study:
    """What is laid out.

    Attributes:
        objects: in the order in which they are needed.
        environments: names of overlays, for kustomize.
        repository: for Argo CD; None where nobody asked for it.
    """

    program: Program
    objects: tuple[Tree, ...]
    environments: tuple[str, ...] = ()
    repository: Repository | None = None


@dataclass(frozen=True, slots=True)
class Laid:
    """The files of a layout.

    Attributes:
        files: ours, written anew each time, sorted by path.
        yours: written once, for their owner to change: never again, and never removed.
        notes: what is left to do, in sentences for people.
    """

    files: tuple[File, ...]
    yours: tuple[File, ...] = ()
    notes: tuple[str, ...] = ()
