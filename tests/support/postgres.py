"""A PostgreSQL server of our own, where its binaries are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import pytest


def _binaries() -> Path | None:
    """Where `initdb` and `postgres` are; Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if not found and (path := shutil.which("initdb")):
        found = [Path(path)]
    return found[0].parent if found and (found[0].parent / "postgres").exists() else None


def _as_somebody(directory: Path) -> list[str]:
    """PostgreSQL refuses to run as root; gives the command that makes it run as another user."""
    if os.getuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no setpriv to be another user")
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(directory, user.pw_uid, user.pw_gid)
        ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return ["setpriv", *ids]
    return []


class PostgresServer:
    """One server with a socket and no port; skips the test where it cannot be had.

    Attributes:
        directory: of its socket.
    """

    def __init__(self, *, durable: bool = False) -> None:
        binaries = _binaries()
        if binaries is None:
            pytest.skip("PostgreSQL's binaries (initdb, postgres) are not installed")
        # a socket's path has 107 characters
        self.directory = Path(tempfile.mkdtemp(prefix="ofc-pg-"))
        self.directory.chmod(0o755)
        self._user = _as_somebody(self.directory)
        self._data = self.directory / "data"
        self._environment = {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C",
            "HOME": str(self.directory),
        }
        made = [str(binaries / "initdb"), "-D", str(self._data), "-U", "ofc", "-A", "trust", "-N"]
        subprocess.run(
            [*self._user, *made],
            check=True,
            capture_output=True,
            env=self._environment,
            cwd=self.directory,
        )
        synced = "on" if durable else "off"
        self._command = [
            *(*self._user, str(binaries / "postgres"), "-D", str(self._data)),
            *("-c", "listen_addresses=", "-c", f"fsync={synced}", "-k", str(self.directory)),
        ]
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=log,
                env=self._environment,
                cwd=self.directory,
            )
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT cuts all connections at once, SIGQUIT is a crash."""
        self._process.send_signal(how)
        self._process.wait(30)

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stops it and starts it again."""
        self.stop(how)
        self.start()

    def remove(self) -> None:
        """Ends it, and takes its files away."""
        if self._process.poll() is None:
            self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return f"postgresql://ofc@/{name}?host={self.directory}"

    def cut_connections(self) -> None:
        """Ends every connection of others, in the midst of whatever they do."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def execute(self, statement: str) -> None:
        """One statement, as the superuser."""
        import psycopg

        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(statement.encode())

    @property
    def _address(self) -> str:
        return f"host={self.directory} user=ofc dbname=postgres"

    def _wait(self) -> None:
        import psycopg

        for _ in range(600):
            try:
                psycopg.connect(self._address).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return
        raise RuntimeError((self.directory / "log").read_text())
