"""Finds the templates of a spec on disk: beside it, or vendored there. Never on a network."""

from __future__ import annotations

import os
from pathlib import Path

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.problem import Problem
from omniforce.spec.read_source import read_source
from omniforce.spec.readers import nearest
from omniforce.spec.source import Source
from omniforce.spec.templates.library import Opened, Refused
from omniforce.spec.templates.reference import Local, Reference, Remote, redacted

from ..canonical import digest
from .pins import Pin, read_pins
from .tree import NAME, BadTree, inside, read_tree, tree_digest


class TemplateFolder:
    """The folder of a spec, with `ofc.lock` and `vendor/` in it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder or "."
        self._root: str | None = None
        self._pins: dict[str, Pin] | None = None
        self._checked: dict[str, str] = {}

    def open(self, reference: Reference, user: Opened | None) -> Opened | Refused:
        """The template that a reference means, from the spec or from another template."""
        if isinstance(reference, Local):
            return self._local(reference, user)
        return self._vendored(reference)

    def beside_spec(self, opened: Opened, path: str) -> str | None:
        """A file of a template as a path from the spec's folder; None where it is none of it."""
        if os.path.isabs(path) or not path or "\0" in path:
            return None
        within = os.path.relpath(os.path.join(opened.directory, path), opened.root)
        real = inside(opened.root, within)
        if real is None:
            return None
        relative = os.path.relpath(real, os.path.realpath(self.folder))
        return relative.replace(os.sep, "/")

    def _local(self, reference: Local, user: Opened | None) -> Opened | Refused:
        path = reference.path
        if user is None:
            place = os.path.join(self.folder, path)
            if os.path.isabs(path) or not self._is_ours(place):
                return _elsewhere(reference)
            if os.path.isdir(place):
                place = os.path.join(place, NAME)
                if not self._is_ours(place):
                    return _elsewhere(reference)
            root = os.path.dirname(place) or "."
            return self._opened(place, root, path)
        if os.path.isabs(path):
            return _outside(reference)
        place = os.path.join(user.directory, path)
        if os.path.isdir(place):
            place = os.path.join(place, NAME)
        real_root, real = os.path.realpath(user.root), os.path.realpath(place)
        if os.path.commonpath([real_root, real]) != real_root:
            return _outside(reference)
        return self._opened(place, user.root, path)

    def _is_ours(self, place: str) -> bool:
        """Whether a place is of the spec's repository, links followed, and nothing of git's own."""
        if self._root is None:
            self._root = repository_of(self.folder)
        real = os.path.realpath(place)
        if os.path.commonpath([self._root, real]) != self._root:
            return False
        return ".git" not in os.path.relpath(real, self._root).lower().split(os.sep)

    def _opened(self, place: str, root: str, written: str) -> Opened | Refused:
        place = os.path.normpath(place)
        if not os.path.isfile(place):
            return _missing(place, written)
        source = read_source(place)
        if isinstance(source, Diagnostic):
            return Refused("OFC352", source.message, source.help)
        return self._made(source, place, root, digest(source.text), "")

    def _made(self, source: Source, place: str, root: str, digest_: str, name: str) -> Opened:
        beside = os.path.relpath(os.path.realpath(place), os.path.realpath(self.folder))
        return Opened(
            source=source,
            identity=os.path.realpath(place),
            name=name or beside.replace(os.sep, "/"),
            digest=digest_,
            root=root,
            directory=os.path.dirname(place) or ".",
        )

    def _vendored(self, reference: Remote) -> Opened | Refused:
        try:
            pin = self.pins().get(reference.text)
        except Problem as problem:
            said = problem.diagnostic
            return Refused(said.code, said.message, said.help)
        if pin is None:
            return Refused(
                "OFC361",
                f"`{redacted(reference.text)}` is not vendored, and nothing is fetched here",
                "run `ofc vendor`, and commit `vendor/` and `ofc.lock`",
                "not vendored",
            )
        root = os.path.join(self.folder, pin.path)
        fault = self._checked.get(pin.path)
        if fault is None:
            fault = self._checked[pin.path] = differs(Path(root), pin)
        if fault:
            return Refused(
                "OFC362",
                f"the copy of `{redacted(reference.text)}` in `{root}` {fault}",
                "run `ofc vendor` to fetch it anew, or take it from version control",
                "not what is pinned",
            )
        place = os.path.join(root, pin.file)
        source = read_source(place)
        if isinstance(source, Diagnostic):
            return Refused("OFC352", source.message, source.help)
        return self._made(source, place, root, pin.digest, reference.text)

    def pins(self) -> dict[str, Pin]:
        """What is pinned here, read once.

        Raises:
            Problem: the lock cannot be read.
        """
        if self._pins is None:
            self._pins = read_pins(Path(self.folder))
        return self._pins


def repository_of(folder: str) -> str:
    """The nearest folder above with `.git` in it, which templates may not leave; else the folder.

    The root of all files is no repository: everything is below it.
    """
    own = os.path.realpath(folder)
    at = own
    while os.path.dirname(at) != at:
        if os.path.lexists(os.path.join(at, ".git")):
            return at
        at = os.path.dirname(at)
    return own


def differs(folder: Path, pin: Pin) -> str:
    """How a copy differs from its pin, in the words of a message; empty where it does not."""
    if folder.is_symlink() or not folder.is_dir():
        return "is not there"
    try:
        found = tree_digest(read_tree(folder))
    except BadTree as fault:
        return f"is no template: {fault}"
    except OSError as fault:
        return f"cannot be read: {(fault.strerror or str(fault)).lower()}"
    return "" if found == pin.digest else "is not what the lock pins: its digest is another"


def _elsewhere(reference: Local) -> Refused:
    return Refused(
        "OFC359",
        f"`{reference.text[:200]}` is no place in the repository of the spec",
        "write a path from the spec's folder to a file of the same repository (without one, of "
        "that folder), or name the template by git, a registry or the hub",
        "leaves the repository",
    )


def _outside(reference: Local) -> Refused:
    return Refused(
        "OFC359",
        f"`{reference.text[:200]}` leads out of the template's own folder",
        "put what the template uses into its folder, or name it by git, a registry or the hub",
        "leaves the template",
    )


def _missing(place: str, written: str) -> Refused:
    folder, base = os.path.split(place)
    if os.path.exists(place):  # a pipe or a device, which might never end
        what = f"`{written[:200]}` is no file, and no folder with `{NAME}`"
        return Refused("OFC352", what, "name a file or a folder", "neither of the two")
    try:
        meant = nearest(base, tuple(sorted(os.listdir(folder or "."))[:1000]))
    except OSError:
        meant = None
    return Refused(
        "OFC352",
        f"there is no template `{written[:200]}`",
        f"write `{os.path.join(os.path.dirname(written), meant)}`"
        if meant
        else f"`{place}` is looked for, from the folder of the file that says it",
        "not there",
    )
