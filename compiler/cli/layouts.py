"""How an output folder is laid out: the options that say so, and who does it."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from omniforce.spec.frozen import dataclass

if TYPE_CHECKING:
    from omniforce.targets.platforms.layouts.layout import Laid

    from ..ir.program import Program
    from .composition import Platform

LAYOUTS = ("plain", "kustomize", "argocd")
"""The names of `targets.platforms.layouts`, which is imported when one is asked for."""

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout with what it needs to know.

    Attributes:
        environments: overlays, for kustomize.
        repository: the URL under which Argo CD finds the folder; None writes no Application.
        path: the folder in that repository.
    """

    name: str
    environments: tuple[str, ...]
    repository: str | None
    path: str


@dataclass(frozen=True, slots=True)
class LayoutOptions:
    """What the command line says of a layout, not yet held against the rest of it."""

    name: str | None
    environments: tuple[str, ...]
    repo: str | None
    repo_path: str | None

    def read(self, folder: str, target: str) -> Layout | None:
        """The layout; None for one folder with its kustomization.

        Raises:
            click.UsageError: the options do not go together.
        """
        if self.environments and self.name != "kustomize":
            raise click.UsageError("`--env` is for `--layout kustomize`")
        if (self.repo or self.repo_path) and self.name != "argocd":
            raise click.UsageError("`--repo` and `--repo-path` are for `--layout argocd`")
        if self.repo and re.match(r"[a-z+]+://[^/@]*:[^/@]*@", self.repo):
            raise click.UsageError("`--repo` holds a password, which Argo CD keeps in a Secret")
        if self.name is None:
            return None
        if target == "local":
            raise click.UsageError("the target `local` writes a plan and no manifests to lay out")
        wrong = [e for e in self.environments if not _is_folder(e)]
        if wrong:
            raise click.UsageError(f"`--env {wrong[0]}` is no folder's name: write `--env prod`")
        path = self.repo_path or folder
        if self.repo is not None and (os.path.isabs(path) or ".." in PurePath(path).parts):
            raise click.UsageError(
                f"`{path}` is no place in a repository: write `--repo-path deploy`"
            )
        return Layout(
            self.name, self.environments or ("dev",), self.repo, PurePath(path).as_posix()
        )


def _is_folder(name: str) -> bool:
    return name.replace("-", "").replace("_", "").isalnum() and name.isascii()


def layout_options(function: F) -> F:
    """`--layout`, and what single layouts need; gives `layout: LayoutOptions`."""

    @functools.wraps(function)
    def command(
        *args: Any,
        layout: str | None,
        environments: tuple[str, ...],
        repo: str | None,
        repo_path: str | None,
        **rest: Any,
    ) -> Any:
        options = LayoutOptions(layout, environments, repo, repo_path)
        return function(*args, layout=options, **rest)

    options = (
        click.option(
            "--layout",
            type=click.Choice(LAYOUTS),
            help="How the files lie: for kubectl, kustomize or Argo CD.",
        ),
        click.option(
            "--env",
            "environments",
            multiple=True,
            metavar="NAME",
            help="An overlay of `--layout kustomize`; may stand often.  [default: dev]",
        ),
        click.option("--repo", metavar="URL", help="Where Argo CD finds DIR; adds an Application."),
        click.option("--repo-path", metavar="PATH", help="DIR in that repository.  [default: DIR]"),
    )
    decorated: Any = command
    for option in reversed(options):
        decorated = option(decorated)
    return cast("F", decorated)


def lay_out(platform: Platform, program: Program, layout: Layout | None) -> Laid:
    """The files of a program, as the layout has them."""
    from omniforce.targets.platforms.layouts.layout import Laid, Repository, Study
    from omniforce.targets.platforms.layouts.table import LAYOUTS as TABLE

    if layout is None or platform.objects is None:
        return Laid(platform.target.emit(program))
    repository = Repository(layout.repository, layout.path) if layout.repository else None
    # cast as the parts of a platform are: a type checker knows two packages of one name here
    study = Study(cast("Any", program), platform.objects(program), layout.environments, repository)
    return TABLE[layout.name](study)
