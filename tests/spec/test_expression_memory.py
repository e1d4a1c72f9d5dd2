"""Expressions kept between runs: the same trees, and whatever is wrong with the file, no fault."""

import pickle
from pathlib import Path

import pytest

from omniforce.spec.cache_directory import cache_directory
from omniforce.spec.expression.memory import LARGEST, MOST, Memory
from omniforce.spec.expression.parse import parse

KEY = ("condition", "optimizer == sgd")


def kept(folder: Path) -> Memory:
    memory = Memory()
    memory.open(folder)
    memory.add(KEY, parse("condition", KEY[1]))
    memory.save()
    return memory


def opened(folder: Path) -> Memory:
    memory = Memory()
    memory.open(folder)
    return memory


def test_what_is_kept_is_read_with_its_offsets(tmp_path: Path) -> None:
    kept(tmp_path)
    tree = opened(tmp_path).trees[KEY]
    assert tree == parse("condition", KEY[1])
    assert tree.at == parse("condition", KEY[1]).at


def test_the_file_is_the_users_alone(tmp_path: Path) -> None:
    kept(tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        pickle.dumps(7),
        pickle.dumps([1]),
        b"cno_module\nNothing\n.",
        bytes(LARGEST + 1),
    ],
    ids=["empty", "broken", "a number", "a list", "an unknown class", "too large"],
)
def test_a_broken_file_is_as_good_as_none(data: bytes, tmp_path: Path) -> None:
    kept(tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(data)
    assert opened(tmp_path).trees == {}
    kept(tmp_path)
    assert set(opened(tmp_path).trees) == {KEY}


def test_nothing_new_is_not_written(tmp_path: Path) -> None:
    kept(tmp_path)
    (file,) = tmp_path.iterdir()
    before = file.stat().st_mtime_ns
    opened(tmp_path).save()
    assert file.stat().st_mtime_ns == before


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    memory = Memory()
    memory.open(tmp_path / "missing")
    memory.add(KEY, parse("condition", KEY[1]))
    memory.save()
    assert list(tmp_path.iterdir()) == []


def test_it_does_not_grow_without_end(tmp_path: Path) -> None:
    memory = Memory()
    tree = parse("condition", KEY[1])
    for i in range(MOST + 5):
        memory.add(("condition", str(i)), tree)
    assert len(memory.trees) == 5


@pytest.mark.parametrize("home", ["relative", "/proc/self/nothing"])
def test_there_may_be_no_cache(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    assert cache_directory() is None


def test_a_directory_that_others_may_write_to_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = cache_directory()
    assert made == tmp_path / "omniforce"
    assert made.stat().st_mode & 0o777 == 0o700
    made.chmod(0o777)
    assert cache_directory() is None
    made.rmdir()
    made.symlink_to(tmp_path)
    assert cache_directory() is None
