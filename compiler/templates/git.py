"""Fetches a template from a git repository by the `git` command.

Only objects are fetched, into a repository that is thrown away: nothing is checked out, so that no
hook, filter, submodule or link of the repository is ever followed. The user's own configuration
says how to get there, and git's credential helpers who the user is; nobody is asked at a terminal.
"""

from __future__ import annotations

import os
import posixpath
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from typing import Final

from omniforce.spec.templates.reference import Git, is_commit

from .fetched import Fetched, refused, unreachable
from .tree import FILES, NAME, SIZE, is_sound

TIMEOUT: Final = 120.0
"""Seconds that one command of git may take."""
PACK: Final = 512 * 2**20
"""Bytes of the largest file that git may write."""

_CONFIGURATION: Final = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=false",
    "fetch.fsckObjects=true",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "http.followRedirects=initial",
    "protocol.allow=never",
)

_LEFT_OUT: Final = frozenset(
    f"GIT_{name}"
    for name in (
        "DIR", "WORK_TREE", "COMMON_DIR", "INDEX_FILE", "NAMESPACE", "OBJECT_DIRECTORY",
        "ALTERNATE_OBJECT_DIRECTORIES", "ALLOW_PROTOCOL", "TEMPLATE_DIR", "EXEC_PATH",
    )
)  # fmt: skip


def fetch_git(git: Git) -> Fetched:
    """The folder at a tag or a commit; the file alone says which document, its folder comes along.

    Raises:
        Problem: git is not there, does not get there in time, or brings what is no template.
    """
    with tempfile.TemporaryDirectory(prefix="ofc-git-") as home:
        repository = _Repository(git, home)
        repository.run("init", "--quiet", "--bare", home)
        commit = repository.fetch()
        return repository.read(commit)


class _Repository:
    def __init__(self, git: Git, home: str) -> None:
        self.git = git
        self.home = home

    def run(self, *arguments: str, send: bytes | None = None) -> bytes:
        """What a command says.

        Raises:
            Problem: it fails.
        """
        code, out, err = self.attempt(*arguments, send=send)
        if code != 0:
            raise unreachable(self.git.text, _last_line(err) or f"git exited with {code}")
        return out

    def attempt(self, *arguments: str, send: bytes | None = None) -> tuple[int, bytes, bytes]:
        scheme = self.git.url.partition(":")[0]
        settings = (*_CONFIGURATION, f"protocol.{scheme}.allow=always")
        flags = [part for each in settings for part in ("-c", each)]
        command = ["git", *flags, "--git-dir", self.home, *arguments]
        try:
            done = subprocess.run(  # noqa: S603 - a list, and every word of it was looked at
                command,
                input=send or b"",
                capture_output=True,
                timeout=TIMEOUT,
                env=_environment(),
                cwd=self.home,
                preexec_fn=_limit,
                check=False,
            )
        except FileNotFoundError:
            raise unreachable(self.git.text, "there is no `git` on this machine") from None
        except subprocess.TimeoutExpired:
            raise unreachable(self.git.text, f"git took longer than {TIMEOUT:g} s") from None
        return done.returncode, done.stdout, done.stderr

    def fetch(self) -> str:
        """The commit that the reference means."""
        ref = self.git.ref
        if is_commit(ref):
            return self.commit(ref)
        wanted = f"refs/tags/{ref}"
        code, _, err = self.attempt(*self._fetch_flags(1), self.git.url, wanted)
        if code != 0:
            text = _last_line(err)
            why = f"it has no tag `{ref}`" if "couldn't find remote ref" in text else text
            raise unreachable(self.git.text, why)
        return self.run("rev-parse", "--verify", "FETCH_HEAD^{commit}").decode().strip()

    def commit(self, commit: str) -> str:
        """A commit; a server that gives no single commits gives all that it has."""
        code, _, _ = self.attempt(*self._fetch_flags(1), self.git.url, commit)
        if code != 0:
            everything = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
            self.run(*self._fetch_flags(0), self.git.url, *everything)
            code, _, _ = self.attempt("cat-file", "-e", f"{commit}^{{commit}}")
            if code != 0:
                raise unreachable(self.git.text, f"it has no commit `{commit[:12]}`")
        return commit

    def _fetch_flags(self, depth: int) -> Sequence[str]:
        shallow = (f"--depth={depth}",) if depth else ()
        return ("fetch", "--quiet", "--no-tags", "--no-auto-maintenance", *shallow,
                "--no-recurse-submodules", "--end-of-options")  # fmt: skip

    def read(self, commit: str) -> Fetched:
        """The files of the commit that belong to the template."""
        folder, name = self.git.path.strip("/"), NAME
        if folder.endswith((".yaml", ".yml")):
            folder, name = posixpath.split(folder)
        tree = f"{commit}:{folder}"
        code, out, _ = self.attempt("ls-tree", "-r", "-l", "-z", tree)
        if code != 0:
            raise unreachable(self.git.text, f"it has no folder `{folder}`")
        found = [_entry(line, self.git.text) for line in out.split(b"\0") if line]
        if len(found) > FILES or sum(size for _, size, _ in found) > SIZE:
            raise refused(self.git.text, f"it has more than {FILES} files or {SIZE // 2**20} MiB")
        if name not in [path for path, _, _ in found]:
            raise refused(self.git.text, f"there is no `{name}` in it")
        names = "".join(f"{blob}\n" for _, _, blob in found)
        data = self.run("cat-file", "--batch", send=names.encode())
        return Fetched(_blobs(data, [path for path, _, _ in found]), name, commit)


def _entry(line: bytes, reference: str) -> tuple[str, int, str]:
    """The path, the size and the object of a line of `git ls-tree`."""
    facts, _, raw = line.partition(b"\t")
    mode, kind, blob, size = facts.decode().split()
    path = raw.decode("utf-8", "replace")
    if kind != "blob" or mode not in ("100644", "100755"):
        what = {"120000": "a link", "160000": "another repository"}.get(mode, "no file")
        raise refused(reference, f"`{path[:100]}` is {what}")
    if "\ufffd" in path or not is_sound(path):
        raise refused(reference, f"`{path[:100]}` is no path that a template may have")
    return path, int(size), blob


def _blobs(data: bytes, paths: list[str]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    at = 0
    for path in paths:
        end = data.index(b"\n", at)
        size = int(data[at:end].split()[2])
        files[path] = data[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
    return files


def _environment() -> dict[str, str]:
    """The user's own, without what would point git at another repository or another way."""
    kept = {k: v for k, v in os.environ.items() if k not in _LEFT_OUT}
    kept.setdefault("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")
    return kept | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (PACK, PACK))


def _last_line(err: bytes) -> str:
    lines = [line for line in err.decode("utf-8", "replace").splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:", "ERROR:"))]
    return (fatal or lines or [""])[0].strip()
