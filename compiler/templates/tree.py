"""The files of a template: read from a folder, written into one, and their one digest."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

FILES: Final = 1000
"""Files that a template may have."""
SIZE: Final = 64 * 2**20
"""Bytes of all of them."""
NAME: Final = "template.yaml"
"""The document of a template that is a folder."""


class BadTree(Exception):  # noqa: N818 - says what is wrong with files, not with us
    """Files that are no template: too much, a link, a device, a path that leaves."""


def is_sound(path: str) -> bool:
    """Whether a path of a stranger stays where it is put, and is nothing that git would obey."""
    return all(
        part not in ("", ".", "..")
        and part.lower() != ".git"
        and "\\" not in part
        and part.isprintable()
        for part in path.split("/")
    )


def tree_digest(files: Mapping[str, bytes]) -> str:
    """`sha256:...` of the files by their paths; modes and times do not count."""
    made = sha256()
    for path in sorted(files):
        name = path.encode("utf-8", "surrogateescape")
        made.update(b"%d:%s%d:" % (len(name), name, len(files[path])))
        made.update(files[path])
    return f"sha256:{made.hexdigest()}"


def read_tree(folder: Path) -> dict[str, bytes]:
    """The files below a folder by their paths with forward slashes.

    Raises:
        BadTree: something there is neither a file nor a folder, or it is too much.
        OSError: it cannot be read.
    """
    files: dict[str, bytes] = {}
    size = 0
    todo = [folder]
    while todo:
        with os.scandir(todo.pop()) as entries:
            for entry in sorted(entries, key=lambda e: e.name):
                path = Path(entry.path)
                relative = path.relative_to(folder).as_posix()
                if entry.is_dir(follow_symlinks=False):
                    todo.append(path)
                    continue
                if not entry.is_file(follow_symlinks=False):
                    raise BadTree(f"`{relative}` is neither a file nor a folder")
                size += entry.stat(follow_symlinks=False).st_size
                if len(files) >= FILES or size > SIZE:
                    raise BadTree(f"it has more than {FILES} files or {SIZE // 2**20} MiB")
                files[relative] = path.read_bytes()
    return files


def write_tree(folder: Path, files: Mapping[str, bytes]) -> None:
    """Makes `folder` hold these files and no others; complete before the old ones go.

    Raises:
        OSError: the disk refuses.
    """
    import shutil

    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = folder.parent / f".ofc-{os.urandom(8).hex()}"
    staging.mkdir(mode=0o755)
    old = folder.parent / f".ofc-{os.urandom(8).hex()}"
    try:
        for path, data in files.items():
            place = staging / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        if os.path.lexists(folder):
            os.replace(folder, old)
        os.replace(staging, folder)
    finally:
        for left in (staging, old):
            if left.is_symlink() or left.is_file():
                left.unlink()
            elif left.exists():
                shutil.rmtree(left)


def inside(root: str, path: str) -> str | None:
    """The real place of a file below `root`; None where it is none, or leads out of it."""
    real_root = os.path.realpath(root)
    real = os.path.realpath(os.path.join(real_root, path))
    if os.path.commonpath([real_root, real]) != real_root:
        return None
    try:
        return real if stat.S_ISREG(os.stat(real).st_mode) else None
    except (OSError, ValueError):
        return None
