"""Where this user's caches are: a directory that nobody else can write to."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def cache_directory() -> Path | None:
    """`$XDG_CACHE_HOME/omniforce`, made if it is missing; None where there can be no safe one.

    What is kept in it are pickles, so a directory of somebody else's, or one that others may
    write to, is as good as none.
    """
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    directory = Path(home) / "omniforce"
    if not directory.is_absolute():
        return None
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = directory.lstat()
    except OSError:
        return None
    private = facts.st_uid == os.geteuid() and not facts.st_mode & 0o022
    return directory if private and stat.S_ISDIR(facts.st_mode) else None
