"""A registry of OCI artifacts, Debian's `docker-registry`, and a pusher as ORAS pushes."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from omniforce.compiler.templates.oci import ARTIFACT, CONTENT, MANIFEST

EMPTY = "application/vnd.oci.empty.v1+json"


def binary() -> str | None:
    """The registry's program, or None where it is not installed."""
    return shutil.which("docker-registry") or shutil.which("registry")


def archive(files: Mapping[str, str]) -> bytes:
    """Files as the layer of a template: sorted, without owners and times."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as made:
        for name in sorted(files):
            data = files[name].encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mode = 0o644
            made.addfile(info, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), mtime=0)


def digest(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"


@dataclass(frozen=True)
class Registry:
    """One that listens at `host`, with its files below `root`."""

    host: str
    root: Path

    def push(self, name: str, tag: str, layer: bytes, kind: str = ARTIFACT) -> str:
        """Pushes an artifact of one layer, and answers the digest of its manifest."""
        config = b"{}"
        self.blob(name, config)
        self.blob(name, layer)
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "artifactType": kind,
                "config": {"mediaType": EMPTY, "digest": digest(config), "size": len(config)},
                "layers": [{"mediaType": CONTENT, "digest": digest(layer), "size": len(layer)}],
                "annotations": {"org.opencontainers.image.title": name},
            }
        ).encode()
        self.send("PUT", f"/v2/{name}/manifests/{tag}", manifest, MANIFEST)
        return digest(manifest)

    def blob(self, name: str, data: bytes) -> None:
        place = self.send("POST", f"/v2/{name}/blobs/uploads/", b"")
        where = place.removeprefix(f"http://{self.host}")
        mark = "&" if "?" in where else "?"
        self.send("PUT", f"{where}{mark}digest={digest(data)}", data, "application/octet-stream")

    def send(self, method: str, path: str, body: bytes, media: str = "") -> str:
        """Sends a request, and answers where the registry points to."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, path, body, {"Content-Type": media} if media else {})
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status < 300, f"{method} {path}: {answer.status} {text!r}"
            return answer.getheader("Location") or ""
        finally:
            connection.close()

    def spoil(self, blob: str, data: bytes) -> None:
        """Puts other bytes where a blob is kept, as a broken or hostile registry would."""
        name = blob.removeprefix("sha256:")
        place = self.root / f"docker/registry/v2/blobs/sha256/{name[:2]}/{name}/data"
        assert place.exists()
        place.write_bytes(data)


@contextmanager
def registry(root: Path) -> Iterator[Registry]:
    """A registry on a free port of this machine."""
    program = binary()
    assert program is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    root.mkdir(parents=True, exist_ok=True)
    settings = {
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(root)}, "delete": {"enabled": True}},
        "http": {"addr": f"127.0.0.1:{port}", "secret": "of this test"},
    }
    written = root / "config.yml"
    written.write_text(json.dumps(settings), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("REGISTRY_")}
    process = subprocess.Popen(
        [program, "serve", str(written)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**environment, "OTEL_TRACES_EXPORTER": "none"},
    )
    try:
        _wait(port, process)
        yield Registry(f"127.0.0.1:{port}", root)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        assert process.poll() is None, "the registry has stopped"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the registry does not listen")
