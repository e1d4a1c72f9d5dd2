"""Archives of strangers: files and folders alone, inside, and not too many."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest

from omniforce.compiler.templates.tree import FILES, SIZE, BadTree
from omniforce.compiler.templates.unpack import unpack
from tests.support.registry import archive


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        for info, data in members:
            info.size = len(data) if info.isreg() else 0
            made.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = link
    return info


def test_files_come_out_as_they_went_in() -> None:
    files = {"template.yaml": "kind: Template\n", "data/rows.csv": "a,b\n1,2\n"}
    assert unpack(archive(files)) == {name: text.encode() for name, text in files.items()}


def test_an_archive_need_not_be_zipped() -> None:
    made = tar((member("./template.yaml"), b"x"))
    assert unpack(made) == {"template.yaml": b"x"}


LEAVING = ["../x", "/etc/passwd", "a/../../x", "a//b", "./../x", "..", "a\\b", "a\nb", "a/./b"]


@pytest.mark.parametrize("name", [*LEAVING, ".git/config", "a/.GIT/x"])
def test_a_path_that_leaves_is_refused(name: str) -> None:
    with pytest.raises(BadTree, match="no path that a template may have"):
        unpack(tar((member(name), b"x")))


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.LNKTYPE, "template.yaml"),
        (tarfile.CHRTYPE, ""),
        (tarfile.BLKTYPE, ""),
        (tarfile.FIFOTYPE, ""),
    ],
)
def test_what_is_neither_a_file_nor_a_folder_is_refused(kind: bytes, link: str) -> None:
    with pytest.raises(BadTree, match="neither a file nor a folder"):
        unpack(tar((member("template.yaml"), b"x"), (member("odd", kind, link), b"")))


def test_a_file_that_is_a_folder_as_well_is_refused() -> None:
    with pytest.raises(BadTree, match="stands in a file"):
        unpack(tar((member("a"), b"x"), (member("a/b"), b"y")))


def test_a_file_twice_is_refused() -> None:
    with pytest.raises(BadTree, match="twice"):
        unpack(tar((member("a"), b"x"), (member("a"), b"y")))


def test_too_many_files_are_refused() -> None:
    with pytest.raises(BadTree, match="more than"):
        unpack(tar(*((member(f"f{i}"), b"") for i in range(FILES + 1))))


def test_a_bomb_is_not_inflated() -> None:
    bomb = gzip.compress(b"\0" * (SIZE + 4 * 2**20), compresslevel=9)
    assert len(bomb) < 2**20
    with pytest.raises(BadTree, match="when unpacked"):
        unpack(bomb)


def test_a_header_that_promises_more_than_there_may_be_is_refused() -> None:
    info = member("big")
    info.size = SIZE + 1
    with pytest.raises(BadTree, match="more than"):
        unpack(info.tobuf() + b"\0" * 1024)


@pytest.mark.parametrize("data", [b"", b"no archive", b"\x1f\x8b broken", archive({"a": "b"})[:20]])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(BadTree, match="cannot be read"):
        unpack(data)
