"""Git repositories over HTTP: git's own `http-backend` behind a server of the standard library."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@example.org",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


def backend() -> str | None:
    """Where git's `http-backend` is; None where git is not, or lacks it."""
    try:
        found = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    path = os.path.join(found.stdout.strip(), "git-http-backend")
    return path if os.access(path, os.X_OK) else None


@dataclass(frozen=True)
class Repository:
    """A repository that tests commit to."""

    path: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "init.defaultBranch=main", "-c", "tag.gpgSign=false",
             "-c", "commit.gpgSign=false", "-C", str(self.path), *arguments],
            capture_output=True, text=True, check=True, env={**os.environ, **IDENTITY},
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str], tag: str = "") -> str:
        """Commits files, moves a tag there, and answers the commit."""
        for name, text in files.items():
            place = self.path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "change")
        if tag:
            self.git("tag", "--force", tag)
        return self.git("rev-parse", "HEAD")


@dataclass
class GitServer:
    """A server of the repositories below a folder.

    Attributes:
        seen: the value of `Authorization` of each request.
        password: of the user `reader`; without one, everybody may read.
    """

    root: Path
    address: str = ""
    password: str = ""
    seen: list[str] = field(default_factory=list)

    def repository(self, name: str) -> Repository:
        path = self.root / name
        path.mkdir(parents=True)
        made = Repository(path)
        made.git("init", "--quiet")
        return made


@contextmanager
def git_server(root: Path) -> Iterator[GitServer]:
    """A server on a free port of this machine."""
    server = GitServer(root)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def log_message(self, format: str, *args: object) -> None:
            pass

        def answer(self) -> None:
            server.seen.append(self.headers.get("Authorization", ""))
            wanted = base64.b64encode(f"reader:{server.password}".encode()).decode()
            if server.password and server.seen[-1] != f"Basic {wanted}":
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            done = subprocess.run(
                [backend() or "git-http-backend"],
                input=body,
                capture_output=True,
                check=False,
                env={
                    **os.environ,
                    "GIT_PROJECT_ROOT": str(server.root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                },
            )
            head, _, rest = done.stdout.partition(b"\r\n\r\n")
            lines = [line.partition(": ") for line in head.decode().splitlines()]
            status = next((v for k, _, v in lines if k.lower() == "status"), "200 OK")
            self.send_response(int(status.split()[0]))
            for name, _, value in lines:
                if name.lower() != "status":
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(rest)

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
