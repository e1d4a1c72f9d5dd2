"""What a node of Ray needs and may not have: the prepared data, and the estimator's own modules.

A node that sees this machine's files uses them where they lie. For the others both are packed
once, put into Ray's object store, and unpacked once a node; the last who uses them there removes
them.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from omniforce.spec.problem import Problem

LARGEST_DATA = 2 * 2**30
LARGEST_CODE = 16 * 2**20
PIECE = 64 * 2**20  # bytes of one object, so that no node needs room for all of it twice


@dataclass(frozen=True, slots=True)
class Luggage:
    """Files as one archive in pieces; `digest` names what is in them."""

    digest: str
    pieces: tuple[bytes, ...]


def pack(files: Iterable[tuple[str, Path]]) -> Luggage:
    """An archive of files under the names given; the same files give the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, path in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = path.stat().st_size, 0o700 if _is_program(path) else 0o600
            with path.open("rb") as file:
                archive.addfile(entry, file)
    content = buffer.getbuffer()
    pieces = tuple(bytes(content[at : at + PIECE]) for at in range(0, len(content), PIECE))
    return Luggage(hashlib.sha256(content).hexdigest()[:32], pieces)


def files_of(directory: Path) -> tuple[tuple[str, Path], ...]:
    """All files below a directory, by their names in it; links are left out."""
    found = (path for path in directory.rglob("*") if path.is_file() and not path.is_symlink())
    return tuple((path.relative_to(directory).as_posix(), path) for path in found)


def data_files(directory: Path) -> tuple[tuple[str, Path], ...]:
    """The prepared data's files.

    Raises:
        Problem: they are too large to be sent.
    """
    found = files_of(directory)
    size = sum(path.stat().st_size for _, path in found)
    if size > LARGEST_DATA:
        raise Problem(
            "OFC816",
            f"the prepared data has {size / 2**30:.1f} GiB, and {LARGEST_DATA // 2**30} GiB are "
            "sent to nodes at most",
            "keep the study where all nodes see it: `ofc run --on ray --dir /shared/.ofc`",
        )
    return found


def home_of(estimator: str, folders: Iterable[str]) -> Path | None:
    """The folder that a class's module is imported from, where it is no installed package."""
    module = estimator.partition(":")[0].partition(".")[0]
    if module == "omniforce":
        return None
    installed = {os.path.realpath(sysconfig.get_path(kind)) for kind in ("stdlib", "purelib")}
    for folder in dict.fromkeys((*sys.path, *folders)):
        place = Path(folder or ".").absolute()
        if not ((place / f"{module}.py").is_file() or (place / module).is_dir()):
            continue
        return None if os.path.realpath(place) in installed else place
    return None


def code_files(folder: Path) -> tuple[tuple[str, Path], ...]:
    """The Python files and programs below a folder, but for hidden ones and environments.

    Raises:
        Problem: there are more than an estimator's own modules would be.
    """
    found, size = [], 0
    for at, directories, names in os.walk(folder):
        here = Path(at)
        directories[:] = [
            name
            for name in sorted(directories)
            if not name.startswith((".", "__pycache__"))
            and not (here / name / "pyvenv.cfg").exists()
            and name not in ("node_modules", "site-packages")
        ]
        for name in names:
            path = here / name
            wanted = name.endswith(".py") or (not name.startswith(".") and _is_program(path))
            if wanted and path.is_file() and not path.is_symlink():
                found.append((path.relative_to(folder).as_posix(), path))
                size += path.stat().st_size
        if size > LARGEST_CODE:
            raise Problem(
                "OFC816",
                f"the Python files and programs below `{folder}` have more than "
                f"{LARGEST_CODE // 2**20} MiB, which is what is sent to nodes at most",
                "put the spec and its estimator into a folder of their own, or install the "
                "estimator's package on all nodes",
            )
    return tuple(found)


def _is_program(path: Path) -> bool:
    return path.is_file() and bool(path.stat().st_mode & 0o100)


@contextmanager
def unpacked(digest: str, pieces: Iterable[Callable[[], bytes]]) -> Generator[Path]:
    """A folder on this node with the files of an archive, shared by all seats that want the same.

    Whoever comes first fetches the pieces, one after the other; the last to go removes the folder.
    """
    root = Path(tempfile.gettempdir()) / f"omniforce-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    if root.stat().st_uid != os.getuid() or root.is_symlink():
        raise PermissionError(f"`{root}` belongs to somebody else")
    place = root / digest
    with (root / f"{digest}.lock").open("wb") as lock:
        while True:
            fcntl.flock(lock, fcntl.LOCK_SH)  # who uses it holds this, and who makes it the other
            if place.is_dir():
                break
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.is_dir():
                _unpack(pieces, root, place)
        try:
            yield place
        finally:
            with suppress(OSError):  # others still use it
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(place, ignore_errors=True)


def _unpack(pieces: Iterable[Callable[[], bytes]], root: Path, place: Path) -> None:
    fresh = Path(tempfile.mkdtemp(dir=root))
    try:
        with tempfile.TemporaryFile(dir=root) as file:
            for piece in pieces:
                file.write(piece())
            file.seek(0)
            with tarfile.open(fileobj=file, mode="r") as archive:
                archive.extractall(fresh, filter="data")
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
