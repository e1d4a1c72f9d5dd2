"""A PostgreSQL server of our own, with its defaults, for as long as it takes."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

CONNECTIONS = 300


@contextmanager
def server() -> Generator[Callable[[], str] | None]:
    """What makes an empty database and gives its address; None where PostgreSQL is missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if not found and (path := shutil.which("initdb")):
        found = [Path(path)]
    if not found:
        yield None
        return
    binaries, folder = found[0].parent, Path(tempfile.mkdtemp(prefix="ofc-pg-"))
    folder.chmod(0o755)
    user = _as_somebody(folder)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(folder)}
    data = str(folder / "data")
    subprocess.run(
        [*user, str(binaries / "initdb"), "-D", data, "-U", "ofc", "-A", "trust", "-E", "UTF8"],
        check=True,
        capture_output=True,
        env=environment,
        cwd=folder,
    )
    settings = ("listen_addresses=", f"max_connections={CONNECTIONS}")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*user, str(binaries / "postgres"), "-D", data, "-k", str(folder)]
            + [word for setting in settings for word in ("-c", setting)],
            stdout=log,
            stderr=log,
            env=environment,
            cwd=folder,
        )
    try:
        _wait(process, folder)
        yield lambda: _empty(folder)
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _as_somebody(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root; gives the command that makes it run as another user."""
    if os.getuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return []


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    import psycopg

    for _ in range(600):
        try:
            psycopg.connect(f"host={folder} user=ofc dbname=postgres").close()
        except psycopg.OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise RuntimeError((folder / "log").read_text())


def _empty(folder: Path) -> str:
    import psycopg

    name = f"b{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"host={folder} user=ofc dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"postgresql://ofc@/{name}?host={folder}"
