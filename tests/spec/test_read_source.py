"""Files that are there, and the many that are not what they should be."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.read_source import LIMIT, read_source
from omniforce.spec.source import Source


def refused(path: str | Path) -> Diagnostic:
    found = read_source(path)
    assert isinstance(found, Diagnostic)
    return found


def test_a_file_is_its_text_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\n")
    assert read_source(path) == Source(str(path), "a: é\n")


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a: 1\n")))
    assert read_source("-") == Source("<stdin>", "a: 1\n")


def test_a_missing_file_says_which_is_meant(tmp_path: Path) -> None:
    (tmp_path / "omniforce.yaml").touch()
    found = refused(tmp_path / "omniforc.yaml")
    assert (found.code, found.span) == ("OFC001", None)
    assert found.help == f"did you mean `{tmp_path}/omniforce.yaml`?"


def test_a_missing_folder_is_no_traceback(tmp_path: Path) -> None:
    found = refused(tmp_path / "no" / "such.yaml")
    assert found.message == f"`{tmp_path}/no/such.yaml` cannot be read: no such file or directory"


def test_help_fits_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").touch()
    for name, help_ in {
        "omniforce.yaml": "`ofc init` writes a first spec",
        "prices.json": "check the name, and the folder that it is looked for in",
        "no/such.yaml": f"there is no folder `{tmp_path}/no`: check the path",
        "loop": "the link leads back to itself: let it lead to a file, or name the file",
        "a" * 300: "write the name of a file, which has at most 255 bytes",
        "file/a": f"there is no folder `{tmp_path}/file`: check the path",
    }.items():
        assert refused(tmp_path / name).help == help_


@pytest.mark.parametrize("name", ["a\0b", "a" * 5000, ""])
def test_a_name_that_no_file_can_have_is_a_finding(name: str) -> None:
    assert refused(name).code == "OFC001"


def test_a_directory_says_what_is_in_it(tmp_path: Path) -> None:
    assert refused(tmp_path).help == "name the spec file in it"
    (tmp_path / "omniforce.yaml").touch()
    assert refused(tmp_path).help == f"write `{tmp_path}/omniforce.yaml`"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_somebody_else_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.touch(mode=0)
    assert refused(path).message.endswith("permission denied")


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)
    found = refused(path)
    assert found.message == f"a spec may have 4 MiB, `{path}` has 50 MiB"
    assert found.code == "OFC003"


def test_a_pipe_is_read_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = io.BytesIO(b" " * (2 * LIMIT))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(endless))
    assert refused("-").code == "OFC003"
    assert endless.tell() == LIMIT + 1


def test_another_encoding_is_found_at_its_first_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: 1\nb: é, ö\n".encode() + "c: ö\n".encode("latin-1"))
    found = refused(path)
    assert (found.code, str(found.span)) == ("OFC002", f"{path}:3:4")
