"""Tells git, in one repository, to compare and merge specs with `ofc`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

PATTERNS: Final = ("omniforce.yaml", "omniforce.yml", "*.omniforce.yaml", "*.omniforce.yml")
ATTRIBUTES: Final = tuple(f"{pattern} diff=ofc merge=ofc" for pattern in PATTERNS)
CONFIG: Final = (
    ("diff.ofc.textconv", "ofc git textconv"),
    ("merge.ofc.name", "OmniForce specs, by what they say"),
    ("merge.ofc.driver", "ofc git merge-driver %O %A %B %P"),
)


@dataclass(frozen=True, slots=True)
class Installed:
    """What was done, or would be.

    Attributes:
        root: the top folder of the repository.
        attributes: lines that `.gitattributes` lacked.
        config: settings that the repository lacked.
    """

    root: str
    attributes: tuple[str, ...]
    config: tuple[tuple[str, str], ...]

    def lines(self, *, dry_run: bool) -> tuple[str, ...]:
        """For people."""
        would = "would add" if dry_run else "added"
        made = [f".gitattributes: {would} `{line}`" for line in self.attributes]
        made += [f"git config: {would} {name} = {value}" for name, value in self.config]
        if not made:
            return ("nothing to do: git uses ofc for the specs of this repository",)
        if self.attributes and not dry_run:
            made.append("commit .gitattributes; `ofc git install` is to be run in each clone")
        if shutil.which("ofc") is None:
            made.append("ofc is not on your PATH, where git looks for it")
        return tuple(made)


def install(*, dry_run: bool = False) -> Installed:
    """Adds what is lacking, and leaves everything else.

    Raises:
        Problem: this is no repository, git cannot be run, or a file cannot be written.
    """
    root = _git("rev-parse", "--show-toplevel")
    path = Path(root, ".gitattributes")
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        known = {" ".join(line.split()) for line in text.splitlines()}
        attributes = tuple(line for line in ATTRIBUTES if line not in known)
        config = tuple((name, value) for name, value in CONFIG if _setting(name) != value)
        if attributes and not dry_run:
            glue = "" if not text or text.endswith("\n") else "\n"
            head = "" if any(line in known for line in ATTRIBUTES) else "# specs of OmniForce\n"
            added = "".join(f"{line}\n" for line in attributes)
            path.write_text(f"{text}{glue}{head}{added}", encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise Problem(
            "OFC701", f"`{path}` cannot be written: {fault}", "check its permissions"
        ) from fault
    for name, value in config if not dry_run else ():
        _git("config", "--local", name, value)
    return Installed(root, attributes, config)


def _setting(name: str) -> str | None:
    try:
        return _git("config", "--local", "--get", name)
    except Problem:
        return None


def _git(*words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - words of our own
            ["git", *words],  # noqa: S607 - the git that called us
            capture_output=True,
            check=False,
        )
    except OSError as fault:
        raise Problem("OFC705", f"git cannot be run: {fault.strerror}", "install git") from fault
    if done.returncode == 0:
        return done.stdout.decode("utf-8", errors="replace").strip()
    why = done.stderr.decode("utf-8", errors="replace").strip().removeprefix("fatal: ")
    if words[0] == "rev-parse":
        raise Problem("OFC704", f"this is no git repository: {why}", "`git init` makes one")
    raise Problem("OFC705", f"`git {words[0]}` fails: {why}", "see `git config --list`")
