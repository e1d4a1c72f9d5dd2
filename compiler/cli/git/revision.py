"""A file as it was in a revision of git."""

from __future__ import annotations

import subprocess
from pathlib import Path

from omniforce.spec.problem import Problem
from omniforce.spec.source import Source


def file_at(revision: str, path: str) -> Source:
    """The text of a file in a revision, named `revision:path`.

    Raises:
        Problem: OFC707, there is no git, no such revision, or no such file in it.
    """
    here = Path(path)
    where = f"{revision}:./{here.name}"
    arguments = ["git", "-C", str(here.parent), "cat-file", "blob", where]
    try:
        # No shell; what begins with a dash would be an option.
        if revision.startswith("-"):
            raise _absent(revision, path, "no revision begins with a dash")
        done = subprocess.run(arguments, capture_output=True, check=False)  # noqa: S603
    except OSError as fault:
        raise _absent(revision, path, f"git cannot be run: {fault.strerror}") from fault
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise _absent(revision, path, said.splitlines()[0] if said else "git says no more")
    try:
        text = done.stdout.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise _absent(revision, path, "it is not UTF-8 there") from fault
    return Source(f"{revision}:{path}", text.replace("\r\n", "\n"))


def _absent(revision: str, path: str, why: str) -> Problem:
    return Problem(
        "OFC707",
        f"`{path}` cannot be read in the revision `{revision}`: {why}",
        f"`git log --oneline -- {path}` lists the revisions that have it",
    )
