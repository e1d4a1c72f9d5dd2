"""The output folder: all or nothing, nothing but its own, never through a link."""

import errno
import os
from pathlib import Path

import pytest

from omniforce.compiler.canonical import digest
from omniforce.compiler.lock import LOCK, Lock, read_lock, write_lock
from omniforce.compiler.output_folder import OutputFolder, Written
from omniforce.spec.problem import Problem


def lock(files: dict[str, str]) -> Lock:
    listed = tuple((p, digest(t)) for p, t in sorted(files.items()))
    return Lock("0.1.0", "kubernetes", "digits", "sha256:1", "random", (), (), listed)


def write(folder: Path, files: dict[str, str], **options: bool) -> Written:
    return OutputFolder(str(folder)).write(files, lock(files), **options)


def tree(folder: Path) -> dict[str, str]:
    found = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {str(p.relative_to(folder)): p.read_text() for p in found if p.name != LOCK}


def refused(folder: Path, files: dict[str, str], **options: bool) -> str:
    before = tree(folder) if folder.exists() else {}
    with pytest.raises(Problem) as caught:
        write(folder, files, **options)
    assert (tree(folder) if folder.exists() else {}) == before
    return caught.value.diagnostic.code


def test_writes_the_files_and_a_lock_of_them(tmp_path: Path) -> None:
    files = {"a.yaml": "a: 1\n", "sub/b.yaml": "b: 2\n"}
    written = write(tmp_path / "new" / "dist", files)
    assert written == Written(
        ("a.yaml", LOCK, "sub/b.yaml"), ("a.yaml", "sub/b.yaml", LOCK), (), ()
    )
    assert tree(tmp_path / "new" / "dist") == files
    assert read_lock((tmp_path / "new" / "dist" / LOCK).read_text()) == lock(files)


def test_a_second_run_touches_nothing(tmp_path: Path) -> None:
    files = {"a.yaml": "a: 1\n"}
    write(tmp_path, files)
    stamps = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    assert write(tmp_path, files).changed == ()
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == stamps


def test_removes_what_it_wrote_and_does_not_need(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a", "sub/b.yaml": "b"})
    (tmp_path / "mine.yaml").write_text("mine")
    assert write(tmp_path, {"a.yaml": "a"}).removed == ("sub/b.yaml",)
    assert tree(tmp_path) == {"a.yaml": "a", "mine.yaml": "mine"}
    assert not (tmp_path / "sub").exists()


def test_keeps_an_edited_file_that_is_not_needed_any_more(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a", "b.yaml": "b"})
    (tmp_path / "b.yaml").write_bytes(b"edited \xff")
    assert write(tmp_path, {"a.yaml": "a"}).kept == ("b.yaml",)
    assert (tmp_path / "b.yaml").read_bytes() == b"edited \xff"


def test_writes_an_edited_file_anew(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a"})
    (tmp_path / "a.yaml").write_text("edited")
    assert write(tmp_path, {"a.yaml": "a"}).changed == ("a.yaml",)
    assert tree(tmp_path) == {"a.yaml": "a"}


def test_refuses_to_overwrite_a_stranger(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("somebody's")
    assert refused(tmp_path, {"a.yaml": "a", "b.yaml": "b"}) == "OFC602"
    assert write(tmp_path, {"a.yaml": "a"}, force=True).changed == ("a.yaml", LOCK)


def test_a_folder_or_a_pipe_in_the_place_of_a_file_is_a_stranger(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    os.mkfifo(tmp_path / "b.yaml")
    assert refused(tmp_path, {"a.yaml": "a"}) == "OFC602"
    assert refused(tmp_path, {"b.yaml": "b"}) == "OFC602"
    with pytest.raises(Problem, match="cannot be written: is a directory"):
        write(tmp_path, {"a.yaml": "a"}, force=True)
    assert write(tmp_path, {"b.yaml": "b"}, force=True).changed == ("b.yaml", LOCK)


def test_never_writes_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.yaml").write_text("outside")
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "sub").symlink_to(outside)
    assert refused(dist, {"sub/a.yaml": "a"}, force=True) == "OFC602"
    (dist / "a.yaml").symlink_to(outside / "a.yaml")
    assert refused(dist, {"a.yaml": "a"}) == "OFC602"
    write(dist, {"a.yaml": "a"}, force=True)
    assert not (dist / "a.yaml").is_symlink()
    assert (outside / "a.yaml").read_text() == "outside"


@pytest.mark.parametrize("path", ["../victim", "/etc/ofc-victim", "sub/../../victim", ""])
def test_a_lock_cannot_make_it_remove_what_is_outside(tmp_path: Path, path: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("v")
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / LOCK).write_text(write_lock(lock({path: "v"})))
    with pytest.raises(Problem, match="leads out"):
        write(dist, {"a.yaml": "a"})
    assert victim.read_text() == "v"


def test_locked_refuses_a_difference_and_a_missing_lock(tmp_path: Path) -> None:
    assert refused(tmp_path, {"a.yaml": "a"}, locked=True) == "OFC601"
    write(tmp_path, {"a.yaml": "a"})
    assert refused(tmp_path, {"a.yaml": "b"}, locked=True) == "OFC601"
    assert write(tmp_path, {"a.yaml": "a"}, locked=True).changed == ()


def test_locked_makes_what_is_missing_and_refuses_what_was_edited(tmp_path: Path) -> None:
    files = {"a.yaml": "a", "b.yaml": "b"}
    write(tmp_path, files)
    (tmp_path / "b.yaml").unlink()
    assert write(tmp_path, files, locked=True).changed == ("b.yaml",)
    (tmp_path / "a.yaml").write_text("image: another one")
    assert refused(tmp_path, files, locked=True) == "OFC601"
    assert write(tmp_path, files).changed == ("a.yaml",)


def test_a_broken_lock_stops_everything(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a"})
    (tmp_path / LOCK).write_text("<<<<<<< HEAD\n")
    assert refused(tmp_path, {"a.yaml": "b"}) == "OFC603"


def test_a_full_disk_leaves_what_stood_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.yaml": "a", "b.yaml": "b"})
    real = Path.write_text

    def full(path: Path, *arguments: str, **options: str) -> int:
        if path.name == "1":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", full)
    assert refused(tmp_path, {"a.yaml": "A", "b.yaml": "B"}) == "OFC701"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.yaml", "b.yaml", LOCK]


def test_a_file_in_the_place_of_the_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "dist").write_text("file")
    with pytest.raises(Problem, match="cannot be written"):
        write(tmp_path / "dist", {"a.yaml": "a"})
