"""What is pinned: for each template from elsewhere, where its copy is and what it must be.

It stands in `ofc.lock` beside the spec, under `vendor`, and is committed with it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

from ..lock import FORMAT_VERSION, LOCK, PINS

VENDOR: Final = "vendor"
"""The folder beside the spec that the copies are in."""

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pin:
    """One template.

    Attributes:
        path: of its copy, from the folder of the spec.
        file: its document in there.
        digest: of all files of the copy.
        revision: what it was fetched as: a commit, the digest of a manifest, a version.
    """

    path: str
    file: str
    digest: str
    revision: str


def read_pins(folder: Path) -> dict[str, Pin]:
    """The pins of a folder, by reference; none where there is no lock.

    Raises:
        Problem: the lock cannot be read.
    """
    plain = _read(folder / LOCK)
    found = plain.get(PINS, {})
    pins: dict[str, Pin] = {}
    for reference, entry in found.items() if isinstance(found, dict) else ():
        pin = _pin(entry)
        if pin is None:
            raise _broken(folder / LOCK, f"the pin of `{reference[:100]}` is none")
        pins[reference] = pin
    return pins


def write_pins(folder: Path, pins: Mapping[str, Pin]) -> None:
    """Puts the pins into the lock of a folder; what else stands in it stays.

    Raises:
        Problem: the lock cannot be read or written.
    """
    path = folder / LOCK
    plain = _read(path) or {"formatVersion": FORMAT_VERSION}
    plain[PINS] = {
        reference: {
            "digest": pin.digest,
            "revision": pin.revision,
            "path": pin.path,
            "file": pin.file,
        }
        for reference, pin in sorted(pins.items())
    }
    text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    try:
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return
        staging = path.with_name(f".ofc-{os.urandom(8).hex()}")
        with staging.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        staging.replace(path)
    except OSError as fault:
        raise Problem(
            "OFC701",
            f"`{path}` cannot be written: {(fault.strerror or str(fault)).lower()}",
            "free space or check its permissions",
        ) from None


def _read(path: Path) -> dict[str, object]:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as fault:
        raise _broken(path, str(fault)) from None
    if not isinstance(plain, dict):
        raise _broken(path, "it is no object")
    major = str(plain.get("formatVersion")).partition(".")[0]
    if major != FORMAT_VERSION.partition(".")[0]:
        raise _broken(path, f"format {plain.get('formatVersion')}")
    return plain


def _pin(entry: object) -> Pin | None:
    match entry:
        case {"path": str(path), "file": str(file), "digest": str(d), "revision": str(revision)}:
            parts = PurePosixPath(path).parts
            sound = len(parts) == 2 and parts[0] == VENDOR and ".." not in parts
            within = ".." not in PurePosixPath(file).parts and not file.startswith("/")
            if sound and within and _DIGEST.fullmatch(d):
                return Pin(path, file, d, revision)
        case _:
            pass
    return None


def _broken(path: Path, why: str) -> Problem:
    return Problem(
        "OFC367",
        f"the pins in `{path}` cannot be read: {why}",
        f"take `{LOCK}` from version control, or remove it and run `ofc vendor`",
    )
