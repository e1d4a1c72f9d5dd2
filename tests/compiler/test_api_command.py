"""`ofc api`: tokens that are shown once, and a look at the access file."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from omniforce.compiler.cli.main import run


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_token_is_shown_once_and_its_line_has_only_the_hash(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, line, message = said(capsys, "api", "token", "alice", "--role", "admin")
    token = message.removeprefix("token, shown this once: ").strip()
    digest = hashlib.sha256(token.encode()).hexdigest()
    assert (code, token[:4], len(token)) == (0, "ofc_", 47)
    assert line == (
        f'  - {{name: "alice", token_sha256: "{digest}", roles: {{"default": admin}}}}\n'
    )


def test_a_token_in_a_file_is_for_its_owner_and_shown_nowhere(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place = tmp_path / "token"
    code, line, message = said(capsys, "api", "token", "alice", "--token-file", str(place))
    assert (code, message, stat.S_IMODE(place.stat().st_mode)) == (0, "", 0o600)
    assert place.read_text().strip() not in line
    again, _, refused = said(capsys, "api", "token", "bob", "--token-file", str(place))
    assert again == 1
    assert "OFC702" in refused


def test_the_lines_make_a_file_that_the_api_reads(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, first, _ = said(capsys, "api", "token", "alice", "--project", "*", "--project", "vision")
    _, second, _ = said(capsys, "api", "token", "bob", "--role", "operator")
    place = tmp_path / "access.yaml"
    place.write_text("identities:\n" + first + second)
    code, out, message = said(capsys, "api", "check", str(place))
    assert (code, message) == (0, "2 may ask\n")
    assert out == "alice: viewer of *, viewer of vision\nbob: operator of default\n"


def test_scripts_get_both_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "api", "token", "alice", "-o", "json")
    found: Any = json.loads(out)
    digest = hashlib.sha256(found["token"].encode()).hexdigest()
    assert found["identity"] == {
        "name": "alice",
        "token_sha256": digest,
        "roles": {"default": "viewer"},
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("api", "token", "a b"),
        ("api", "token", "alice", "--project", "No Such/Name"),
        ("api", "check", "/nowhere/access.yaml"),
    ],
)
def test_what_cannot_be_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, out, message = said(capsys, *arguments)
    assert (code, out) == (1, "")
    assert "OFC839" in message


def test_a_study_behind_an_api_is_asked_by_the_same_commands(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    code, _, message = said(capsys, "pause", "s", "--api", "http://127.0.0.1:1")
    assert (code, "OFC840" in message) == (1, True)
    token = tmp_path / "token"
    token.write_text("t")
    there = ("--api", "http://ofc.example", "--token-file", str(token))
    code, _, message = said(capsys, "pause", "s", *there)
    assert (code, "OFC843" in message) == (1, True)
