"""What a trial printed, as people and databases take it: the end of it, printable, no secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .contract import TAIL

SECRETS = "OFC_SECRET_VARIABLES"
"""The variable that names those whose values must not be shown, with commas between them."""

MASK = "*****"
_SHORTEST = 6  # characters; a shorter value would mask half of every text
_SECRETIVE = re.compile(
    r"passw(or)?d|passphrase|secret|token|credential|api_?key|access_?key|private_?key", re.I
)
_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@", re.I)


def secrets_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The values that must not be shown: named as secrets, by us or by their own name.

    The password of an address is one as well, as it is written and as it is meant.
    """
    named = set(environment.get(SECRETS, "").split(","))
    found: set[str] = set()
    for name, value in environment.items():
        if name != SECRETS and (name in named or _SECRETIVE.search(name)):
            found |= {value, *value.splitlines()}
        if "://" in value and (password := _password(value)):
            found |= {password, unquote(password)}
    return tuple(sorted((s for s in found if len(s) >= _SHORTEST), key=lambda s: (-len(s), s)))


def _password(address: str) -> str | None:
    try:
        return urlsplit(address).password
    except ValueError:
        return None


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with stars where a secret stood, or the password of any address."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return _URL.sub(lambda found: found[0].replace(f":{found[1]}@", f":{MASK}@"), text)


def printable(raw: bytes, secrets: Iterable[str] = ()) -> str:
    """Output as text: no control characters but line breaks and tabs, no colours.

    Of a line that was written over and over, as bars of progress are, the last version is left.
    """
    text = masked(raw.decode("utf-8", "replace"), secrets).replace("\r\n", "\n")
    text = _ESCAPES.sub("", text)
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return "\n".join("".join(c for c in line if c.isprintable() or c == "\t") for line in lines)


def one_line(text: str, secrets: Iterable[str] = (), most: int = 300) -> str:
    """A message for people: one line, nothing in it that cannot be shown."""
    return " ".join(printable(text.encode("utf-8", "replace"), secrets).split())[:most]


def tail_of(log: Path, secrets: Iterable[str] = ()) -> str:
    """The end of a log, at most `TAIL` characters; empty where there is none."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            # Some more than is shown: a secret must not lose its head, nor a letter its first byte.
            file.seek(max(0, size - 8 * TAIL))
            raw = file.read(8 * TAIL)
    except OSError:
        return ""
    return printable(raw, secrets)[-TAIL:]
