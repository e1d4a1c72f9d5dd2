"""Fetches what a spec is made of, copies it beside the spec, and pins it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem
from omniforce.spec.templates.library import Opened, Refused
from omniforce.spec.templates.reference import (
    HERE,
    Git,
    Hub,
    Local,
    Oci,
    Reference,
    Remote,
    is_commit,
    redacted,
)

from .fetched import Fetched
from .folder import TemplateFolder, differs
from .pins import VENDOR, Pin, write_pins
from .tree import tree_digest, write_tree

Fetch = Callable[[Remote], Fetched]
"""Gets the files of a template from where they are."""

State = Literal["fetched", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class Vendored:
    """What became of one template."""

    reference: str
    pin: Pin
    state: State


class FetchingFolder:
    """A spec's folder that fetches what is not there; given to `load`, it vendors all that is used.

    Each template is pinned as soon as its copy is complete, so that a run which breaks off leaves
    what it has, and the next one goes on.
    """

    def __init__(self, folder: str, fetch: Fetch, *, update: bool = False) -> None:
        self._folder = TemplateFolder(folder)
        self._path = Path(folder)
        self._fetch = fetch
        self._update = update
        self._done: dict[str, Vendored] = {}
        self._origins: dict[str, Remote] = {}

    @property
    def vendored(self) -> tuple[Vendored, ...]:
        """What was needed so far."""
        return tuple(self._done.values())

    def open(self, reference: Reference, user: Opened | None) -> Opened | Refused:
        """The template, fetched where that is needed.

        Raises:
            Problem: it cannot be had, or is not what is pinned.
        """
        if isinstance(reference, Local):
            return self._folder.open(reference, user)
        if reference.text not in self._done:
            origin = self._origins.get(user.root) if user is not None else None
            if user is not None and not _may_name(reference, origin):
                return Refused(
                    "OFC359",
                    f"`{redacted(reference.text)[:200]}` is on the machine of whoever reads it",
                    "a template names only what everybody can fetch",
                    "leaves the template",
                )
            self._done[reference.text] = self._vendor(reference)
        opened = self._folder.open(reference, user)
        if isinstance(opened, Opened):
            self._origins[opened.root] = reference
        return opened

    def beside_spec(self, opened: Opened, path: str) -> str | None:
        """A file of a template as a path from the spec's folder."""
        return self._folder.beside_spec(opened, path)

    def _vendor(self, reference: Remote) -> Vendored:
        pins = self._folder.pins()
        pin = pins.get(reference.text)
        intact = pin is not None and differs(self._path / pin.path, pin) == ""
        if pin is not None and intact and _never_moves(reference):
            return Vendored(reference.text, pin, "unchanged")
        fetched = self._fetch(reference)
        digest = tree_digest(fetched.files)
        made = Pin(
            pin.path if pin is not None else _path(reference),
            fetched.file,
            digest,
            fetched.revision,
        )
        if pin is not None and pin.digest != digest and not self._update:
            raise Problem(
                "OFC363",
                f"`{redacted(reference.text)}` is not what `ofc.lock` pins any more: "
                f"{pin.revision[:19]} became {fetched.revision[:19]}",
                "`ofc vendor --update` takes it over; look at what it changes before you commit it",
            )
        if made != pin or not intact:
            self._write(made, fetched)
            pins[reference.text] = made
            write_pins(self._path, pins)
        state: State = "fetched"
        if pin is not None:
            state = "unchanged" if intact and pin.digest == digest else "updated"
        return Vendored(reference.text, made, state)

    def _write(self, pin: Pin, fetched: Fetched) -> None:
        self._hold_inside()
        try:
            write_tree(self._path / pin.path, fetched.files)
        except OSError as fault:
            raise Problem(
                "OFC701",
                f"`{self._path / pin.path}` cannot be written: "
                f"{(fault.strerror or str(fault)).lower()}",
                "free space or check its permissions",
            ) from None

    def _hold_inside(self) -> None:
        if (self._path / VENDOR).is_symlink():
            raise Problem(
                "OFC602",
                f"`{self._path / VENDOR}` is a link, and leads out of the spec's folder",
                "remove the link: the copies are written into a folder of that name",
            )

    def prune(self) -> tuple[str, ...]:
        """Removes what nothing used here, and answers the references.

        Raises:
            Problem: the lock cannot be written.
        """
        self._hold_inside()
        pins = self._folder.pins()
        stale = sorted(pins.keys() - self._done.keys())
        kept = {pin.path for reference, pin in pins.items() if reference not in stale}
        for reference in stale:
            pin = pins.pop(reference)
            place = self._path / pin.path
            if pin.path not in kept and place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
        if stale:
            write_pins(self._path, pins)
        return tuple(stale)


def _never_moves(reference: Remote) -> bool:
    match reference:
        case Git(ref=ref):
            return is_commit(ref)
        case Oci(digest=digest):
            return bool(digest)
        case Hub():
            return False


def _may_name(reference: Remote, user: Remote | None) -> bool:
    """Whether a template may name another that only this machine can reach: one from there may."""
    host = _host(reference)
    return host != "" and (host not in HERE or (user is not None and _host(user) == host))


def _host(reference: Remote) -> str:
    """Where a reference leads; empty for a path of this machine."""
    match reference:
        case Git(url=url):
            return urlsplit(url).hostname or ""
        case Oci(registry=registry):
            return urlsplit(f"//{registry}").hostname or ""
        case Hub():
            return "hub"


_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


def _path(reference: Remote) -> str:
    """A folder with a name that people know again, and that no other reference has."""
    match reference:
        case Git(url=url, path=path, ref=ref):
            words = [*_names(path or url), ref[:20]]
        case Oci(repository=repository, tag=tag, digest=digest):
            words = [*_names(repository), tag or digest[7:19]]
        case Hub(name=name, version=version):
            words = [*_names(name), version]
    mark = sha256(reference.text.encode()).hexdigest()[:8]
    readable = _UNSAFE.sub("-", "-".join(words)).strip("-.")[:60]
    return f"{VENDOR}/{readable}-{mark}"


def _names(path: str) -> Iterable[str]:
    last = path.rstrip("/").rpartition("/")[2]
    return (last.removesuffix(".git").removesuffix(".yaml").removesuffix(".yml"),)
