"""Files made to hurt: each ends in one message and exit 3, in little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MiB = 2**20
# The kernel's own peak of this program alone: rusage would have that of pytest before the exec.
CHECK = """
import atexit, sys
from pathlib import Path
from omniforce.compiler.cli.main import main
place = Path(sys.argv.pop(1))
atexit.register(lambda: place.write_text(Path("/proc/self/status").read_text()))
main()
"""
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
    ran = subprocess.run(
        [sys.executable, "-c", CHECK, str(tmp_path / "status"), "check", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 3
    assert ran.stderr.startswith("error[OFC")
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr) < 64 * 1024
    peak = (tmp_path / "status").read_text().partition("VmHWM:")[2].split()[0]
    assert int(peak) < 300 * 1024
