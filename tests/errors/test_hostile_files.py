"""Files made to hurt: each ends in one message and exit 3, in little memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MiB = 2**20
MAIN = "from omniforce.compiler.cli.main import main"
FILES = {
    "a file of 50 MB": b"a: " + b"x" * (50 * MiB),
    "nothing but brackets": b"[" * (4 * MiB),
    "nothing but quotes": b'"' * (4 * MiB - 1),
    "one endless word": b"x" * (4 * MiB),
    "a million items": b"- 1\n" * (MiB - 1),
    "a million items on a line": b"[" + b"1," * (2 * MiB - 1) + b"]",
    "a million keys": b"a: 1\n" * 800_000,
    "a million lines of nothing": b"\n" * (4 * MiB),
    "deep blocks": b"\n".join(b" " * i + b"a:" for i in range(2_000)),
    "a billion laughs": b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + b"".join(
        b"%c: &%c [%s]\n" % (i + 1, i + 1, b",".join([b"*%c" % i] * 10))
        for i in range(ord("a"), ord("q"))
    ),
    "bytes of a picture": bytes(range(256)) * 4_096,
    "nothing but NUL": bytes(MiB),
    "an endless constraint": b"spec: {constraints: ['" + b"(" * (4 * MiB - 100) + b"']}",
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_quietly(name: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(FILES[name])
    with subprocess.Popen(
        [sys.executable, "-c", f"{MAIN}; main()", "check", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 3
    assert said.startswith("error[OFC")
    assert "Traceback" not in said
    assert len(said) < 64 * 1024
    assert usage.ru_maxrss < 300 * 1024
