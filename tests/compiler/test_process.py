"""`ofc` as a process: exit codes, streams, broken pipes, signals, and what it never imports."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "compiler" / "cli" / "starter.yaml"
OFC = (sys.executable, "-m", "omniforce.compiler.cli.main")

NEVER = {
    "jsonschema",
    "kfp",
    "kserve",
    "kubernetes",
    "lsprotocol",
    "numpy",
    "pandas",
    "pydantic",
    "pygls",
    "ray",
    "rich",
    "sqlalchemy",
    "torch",
}
"""What neither `check` nor `compile` may import."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    return {**kept, "XDG_CACHE_HOME": str(tmp_path / "cache")}


def ofc(
    environment: dict[str, str], *arguments: str, stdin: str | bytes = b"", cwd: Path | None = None
) -> tuple[int, str, str]:
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [*OFC, *arguments], input=data, capture_output=True, env=environment, cwd=cwd, timeout=60
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_spec_comes_in_by_a_pipe(environment: dict[str, str]) -> None:
    text = STARTER.read_text()
    assert ofc(environment, "check", "-f", "-", stdin=text) == (0, "", "<stdin>: no errors\n")
    code, out, err = ofc(environment, "render", "-", stdin=text)
    assert (code, err) == (0, "")
    assert ofc(environment, "render", "-", stdin=out)[1] == out


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"\x00", b"- [" * 50_000, b"a: *b", b"%"])
def test_no_bytes_give_a_traceback(data: bytes, environment: dict[str, str]) -> None:
    code, out, err = ofc(environment, "compile", "-f", "-", "-o", "-", stdin=data)
    assert (code, out) == (3, "")
    assert err.startswith("error[OFC")
    assert "Traceback" not in err


def test_the_exit_codes_are_those_of_the_table(environment: dict[str, str], tmp_path: Path) -> None:
    assert ofc(environment, "check", str(STARTER))[0] == 0
    assert ofc(environment, "init", str(tmp_path))[0] == 1
    assert ofc(environment, "check", str(tmp_path / "missing.yaml"))[0] == 3
    assert ofc(environment, "chek")[0] == 64


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_is_silent(unbuffered: str, environment: dict[str, str]) -> None:
    environment["PYTHONUNBUFFERED"] = unbuffered
    process = subprocess.Popen(
        [*OFC, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_stdout_is_a_clear_error(unbuffered: str, environment: dict[str, str]) -> None:
    environment["PYTHONUNBUFFERED"] = unbuffered
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*OFC, "schema"], stdout=full, stderr=subprocess.PIPE, env=environment, timeout=60
        )
    assert done.returncode == 1
    assert done.stderr == b"error: stdout cannot be written: No space left on device\n"


def ofc_in_a_shell(environment: dict[str, str], line: str) -> tuple[int, str, str]:
    """`ofc` with the arguments and the redirections of a line."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {line}', "sh", *OFC],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_closed_stdout_loses_data_with_an_error(environment: dict[str, str]) -> None:
    assert ofc_in_a_shell(environment, f"render {STARTER} >&-") == (
        1,
        "",
        "error: stdout cannot be written: Bad file descriptor\n",
    )
    assert ofc_in_a_shell(environment, "--help >&-")[::2] == (
        1,
        "error: stdout cannot be written: Bad file descriptor\n",
    )
    nothing_to_say = f"{STARTER}: no errors\n"
    assert ofc_in_a_shell(environment, f"check {STARTER} >&-") == (0, "", nothing_to_say)


def test_a_closed_stderr_leaves_the_exit_code(environment: dict[str, str]) -> None:
    assert ofc_in_a_shell(environment, "check /dev/null 2>&-") == (3, "", "")


def test_a_closed_stdin_is_an_empty_spec(environment: dict[str, str]) -> None:
    code, out, err = ofc_in_a_shell(environment, "check - <&-")
    assert (code, out, err.splitlines()[0]) == (3, "", "error[OFC010]: the file is empty")


def test_ctrl_c_is_130_without_a_traceback(environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        [*OFC, "check", "-f", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    stat = Path(f"/proc/{process.pid}/wchan")
    for _ in range(200):  # until it waits for its input
        if not stat.exists() or "pipe" in stat.read_text():
            break
        time.sleep(0.05)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert err.decode().split() == ["interrupted"]


def test_a_terminal_without_utf_8_still_shows_every_message(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "name.yaml").write_text(STARTER.read_text().replace("my-study", "größe"))
    plain = {**environment, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    code, _, err = ofc(plain, "check", "name.yaml", cwd=tmp_path)
    assert code == 3
    assert "`gr\\xf6\\xdfe`" in err


@pytest.mark.parametrize("command", [("check",), ("compile", "-o", "-")])
def test_what_is_never_imported(command: tuple[str, ...], environment: dict[str, str]) -> None:
    code = (
        "import sys; from omniforce.compiler.cli.main import run; "
        f"code = run({[*command, str(STARTER)]!r}); "
        "sys.stderr.write('\\n'.join(m for m in sys.modules if '.' not in m)); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, timeout=60, text=True
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stderr.split()) & NEVER == set()


def test_a_spec_is_read_without_the_generator_of_the_parser(environment: dict[str, str]) -> None:
    code = (
        "import sys; from omniforce.compiler.cli.main import run; "
        f"run(['check', {str(STARTER)!r}]); sys.exit('lark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_output_is_the_same_whatever_the_hash_seed(environment: dict[str, str]) -> None:
    outs = {
        ofc({**environment, "PYTHONHASHSEED": seed}, "compile", str(STARTER), "-o", "-")
        for seed in ("0", "1", "2")
    }
    assert len(outs) == 1
