"""A folder of manifests in the place of a cluster, so that a plan needs no access to one.

What is committed in `dist/` stands for what is live: no server fills anything in, and nothing can
have been changed by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import yaml

from omniforce.spec.problem import Problem

from ...check.look import text
from ...objects import Tree
from ..cluster import Event, Reference, reference_of

LARGEST = 16 * 2**20
"""Bytes of one file that are read."""


LAYOUTS: Final = ("base", "manifests")
"""Where the layouts `kustomize` and `argocd` keep the objects."""

_OPTIONS: Final = "argocd.argoproj.io/sync-options"
_ADDED: Final = re.compile(r"-smoke-test(-in|-out)?$")


class Folder:
    """The objects of a folder, seen as a `Cluster` that takes everything as it is written."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._objects = {reference_of(tree): tree for tree in _trees(directory)}

    @property
    def name(self) -> str:
        """The folder."""
        return str(self._directory)

    @property
    def references(self) -> tuple[Reference, ...]:
        """All objects in it, but for those that a layout adds to what the spec gives."""
        return tuple(r for r in self._objects if not _ADDED.search(r.name))

    def version(self) -> str:
        """None: nobody answers."""
        return ""

    def serves(self, api_version: str, kind: str) -> bool:
        """Everything."""
        return True

    def preferred(self, group: str, kind: str) -> str | None:
        """None: nothing is preferred."""
        return None

    def get(self, reference: Reference) -> Tree | None:
        """As it is written."""
        return self._objects.get(reference)

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> tuple[Tree, ...]:
        """Those of a kind."""
        return tuple(
            tree
            for reference, tree in sorted(self._objects.items())
            if (reference.api_version, reference.kind) == (api_version, kind)
            and namespace in (None, reference.namespace)
            and all(text(tree, "metadata", "labels", k) == v for k, v in (labels or {}).items())
        )

    def apply(self, tree: Tree, *, dry_run: bool = False, force: bool = False) -> Tree:
        """The tree itself; a folder is only looked at."""
        return tree

    def review(self, tree: Tree) -> Tree:
        """The question itself."""
        return tree

    def delete(
        self, reference: Reference, *, dry_run: bool = False, uid: str | None = None
    ) -> bool:
        """Whether it is there; nothing is removed."""
        return reference in self._objects

    def watch(
        self, api_version: str, kind: str, namespace: str | None, seconds: float
    ) -> Iterator[Event]:
        """Nothing ever happens."""
        return iter(())


def _trees(directory: Path) -> Iterator[Tree]:
    try:
        paths = _files(directory)
        for name in LAYOUTS:
            if not paths and (directory / name).is_dir():
                paths = _files(directory / name)
    except OSError as error:
        raise Problem(
            "OFC651",
            f"the folder `{directory}` cannot be read: {(error.strerror or str(error)).lower()}",
            "name the folder that `ofc compile -o DIR` has written",
        ) from error
    for path in paths:
        yield from _documents(path)


def _files(directory: Path) -> list[Path]:
    return sorted(p for p in directory.iterdir() if p.suffix in (".yaml", ".yml"))


def _documents(path: Path) -> Iterator[Tree]:
    try:
        if path.stat().st_size > LARGEST:
            raise _unreadable(path, f"it has more than {LARGEST // 2**20} MiB")
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        documents = list(yaml.load_all(path.read_text(encoding="utf-8"), loader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        raise _unreadable(path, str(error).splitlines()[0]) from error
    for document in documents:
        if document is None or (isinstance(document, dict) and _is_listing(document)):
            continue
        if not _is_object(document):
            raise _unreadable(path, "it holds something that is no Kubernetes object")
        yield _without_options(cast("Tree", document))


def _without_options(tree: Tree) -> Tree:
    """An object without what the layout `argocd` writes into it."""
    metadata = cast("Tree", tree["metadata"])
    annotations = metadata.get("annotations")
    if not isinstance(annotations, dict) or _OPTIONS not in annotations:
        return tree
    kept = {key: value for key, value in annotations.items() if key != _OPTIONS}
    return {**tree, "metadata": {**metadata, "annotations": kept}}


def _is_listing(document: Mapping[str, object]) -> bool:
    """Whether it is for kustomize, and no object of a cluster."""
    return str(document.get("apiVersion", "")).startswith("kustomize.config.k8s.io/")


def _is_object(document: object) -> bool:
    return (
        isinstance(document, dict)
        and isinstance(document.get("apiVersion"), str)
        and isinstance(document.get("kind"), str)
        and isinstance(document.get("metadata"), dict)
        and isinstance(document["metadata"].get("name"), str)
    )


def _unreadable(path: Path, why: str) -> Problem:
    return Problem(
        "OFC651",
        f"`{path}` cannot be read: {why}",
        "name the folder that `ofc compile -o DIR` has written",
    )
