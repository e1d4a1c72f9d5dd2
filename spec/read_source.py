"""Reads a file, or standard input, as text; whatever is wrong with it comes back as a finding."""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import BinaryIO, Final

from .diagnostic import Diagnostic
from .source import Source, Span

LIMIT = 4 * 2**20
"""Bytes that a spec may have."""
DEFAULTS: Final = ("omniforce.yaml", "omniforce.yml")
"""What a spec is called that nobody has named, so that one who has none yet asks for it."""


def read_source(path: str | os.PathLike[str]) -> Source | Diagnostic:
    """The text of a UTF-8 file without its byte order mark; `-` is standard input.

    Never reads more than `LIMIT` bytes, however large the file is.
    """
    if path == "-":
        return _read("<stdin>", sys.stdin.buffer)
    name = os.fspath(path)
    try:
        status = os.stat(name)
        if stat.S_ISDIR(status.st_mode):
            return _directory(name)
        if stat.S_ISREG(status.st_mode) and status.st_size > LIMIT:
            return _too_large(name, f"has {status.st_size / 2**20:.0f} MiB")
        with open(name, "rb") as file:
            return _read(name, file)
    except (OSError, ValueError) as error:
        return _unreadable(name, error)


def _read(name: str, file: BinaryIO) -> Source | Diagnostic:
    data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        return _too_large(name, "is longer than that")
    try:
        return Source(name, data.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        return _not_utf8(name, data, error)


def _unreadable(name: str, error: OSError | ValueError) -> Diagnostic:
    why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    help_ = _way_out(name, error)
    return Diagnostic(
        "OFC001", f"`{name}` cannot be read: {why.lower()}", None, help=help_, file=name
    )


def _way_out(name: str, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return _found_instead(name)
    if isinstance(error, PermissionError):
        return "check its permissions, and those of the folders above it"
    match error.errno if isinstance(error, OSError) else None:
        case errno.ENAMETOOLONG:
            return "write the name of a file, which has at most 255 bytes"
        case errno.ELOOP:
            return "the link leads back to itself: let it lead to a file, or name the file"
        case _:
            return "name a file that can be read"


def _found_instead(name: str) -> str:
    """What there is in the place of a missing file, or how to come to one."""
    folder, base = os.path.split(name)
    if folder and not os.path.isdir(folder):
        return f"there is no folder `{folder}`: check the path"
    if meant := _neighbour(name):
        return f"did you mean `{meant}`?"
    if base in DEFAULTS:
        return "`ofc init` writes a first spec"
    return "check the name, and the folder that it is looked for in"


def _neighbour(name: str) -> str | None:
    """The file beside a missing one whose name is nearly the same."""
    from .readers import nearest

    folder, base = os.path.split(name)
    try:
        found = nearest(base, tuple(sorted(os.listdir(folder or "."))[:1000]))
    except OSError:
        return None
    return os.path.join(folder, found) if found else None


def _directory(name: str) -> Diagnostic:
    inside = os.path.join(name, "omniforce.yaml")
    return Diagnostic(
        "OFC001",
        f"`{name}` is a directory, expected a file",
        None,
        help=f"write `{inside}`" if os.path.isfile(inside) else "name the spec file in it",
        file=name,
    )


def _too_large(name: str, how: str) -> Diagnostic:
    return Diagnostic(
        "OFC003",
        f"a spec may have 4 MiB, `{name}` {how}",
        None,
        help="keep data out of the spec: `data.source` names where it is",
        file=name,
    )


def _not_utf8(name: str, data: bytes, error: UnicodeDecodeError) -> Diagnostic:
    before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return Diagnostic(
        "OFC002",
        f"`{name}` is not UTF-8: it has the byte 0x{data[error.start]:02x} here",
        Span(name, line, column, line, column + 1),
        "it looks like UTF-16" if utf16 else "not UTF-8",
        "save the file as UTF-8"
        if utf16
        else f"`iconv -f latin1 -t utf-8 {name}` converts a Latin-1 file",
    )
