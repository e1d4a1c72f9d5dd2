"""The files of an archive, held to what a template may be before any of it is used."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from typing import Final

from .tree import FILES, SIZE, BadTree, is_sound

GZIP: Final = b"\x1f\x8b"
_HEADERS: Final = FILES * 2048
"""Bytes that headers and padding may take beside the files themselves."""


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a tar archive, gzipped or not.

    Raises:
        BadTree: it has links, devices or paths that leave it, is too large when unpacked, or is
            no archive.
    """
    try:
        return _files(_inflated(data) if data.startswith(GZIP) else data)
    except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError) as fault:
        raise BadTree(f"the archive cannot be read: {fault}") from fault


def _inflated(data: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        inflated = stream.read(SIZE + _HEADERS + 1)
    if len(inflated) > SIZE + _HEADERS:
        raise BadTree(f"it has more than {SIZE // 2**20} MiB when unpacked")
    return inflated


def _files(data: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    size = count = 0
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for member in archive:
            count += 1
            path = _path(member)
            size += member.size
            if count > 2 * FILES or len(files) >= FILES or size > SIZE:
                raise BadTree(f"it has more than {FILES} files or {SIZE // 2**20} MiB")
            if path is None:
                continue
            stream = archive.extractfile(member)
            if path in files or stream is None:
                raise BadTree(f"`{path[:100]}` is in it twice")
            files[path] = stream.read()
    _refuse_clashes(files)
    return files


def _path(member: tarfile.TarInfo) -> str | None:
    """Where a member belongs; None for a folder.

    Raises:
        BadTree: it is neither a file nor a folder, or leaves the template.
    """
    shown = member.name.encode("utf-8", "backslashreplace").decode()[:100]
    path = member.name.removeprefix("./").rstrip("/")
    sound = is_sound(path)
    if member.isdir() and (sound or member.name in (".", "./")):
        return None
    if not member.isreg() or member.issparse():
        raise BadTree(f"`{shown}` is neither a file nor a folder")
    if not sound:
        raise BadTree(f"`{shown}` is no path that a template may have")
    return path


def _refuse_clashes(files: dict[str, bytes]) -> None:
    """A path that is a file for one member and a folder for another."""
    for path in files:
        for end in range(1, path.count("/") + 1):
            if path.rsplit("/", end)[0] in files:
                raise BadTree(f"`{path[:100]}` stands in a file")
