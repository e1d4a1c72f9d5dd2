"""The lock: byte-stable, read back as it was written, and clear about differences."""

from dataclasses import replace

import pytest

from omniforce.compiler.canonical import digest
from omniforce.compiler.lock import BrokenLock, Lock, has_only_pins, read_lock, write_lock

LOCK = Lock(
    version="0.1.0",
    target="kubernetes",
    study="digits",
    spec="sha256:1",
    strategy="bayesian",
    algorithms=(("vision/classifier@1", "sha256:2"),),
    images=(("functions", "f:1"), ("trial", "t:1")),
    files=(("a.yaml", "sha256:3"),),
)


def test_is_json_with_a_line_a_fact() -> None:
    assert (
        write_lock(LOCK)
        == """\
{
  "formatVersion": "1.0",
  "ofc": "0.1.0",
  "target": "kubernetes",
  "study": "digits",
  "spec": "sha256:1",
  "strategy": "bayesian",
  "algorithms": {
    "vision/classifier@1": "sha256:2"
  },
  "images": {
    "functions": "f:1",
    "trial": "t:1"
  },
  "files": {
    "a.yaml": "sha256:3"
  }
}
"""
    )


def test_reads_what_it_wrote() -> None:
    assert read_lock(write_lock(LOCK)) == LOCK


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "<<<<<<< HEAD",
        write_lock(LOCK).replace('"1.0"', '"2.0"'),
        write_lock(LOCK).replace('"t:1"', "7"),
        "[" * 100_000,
        "\udcff",
    ],
)
def test_refuses_what_is_no_lock(text: str) -> None:
    with pytest.raises(BrokenLock):
        read_lock(text)


def test_says_what_differs() -> None:
    other = replace(
        LOCK,
        spec="sha256:9",
        algorithms=(("vision/classifier@2", "sha256:2"),),
        files=(("a.yaml", "sha256:4"),),
    )
    assert LOCK.differences(other) == (
        "spec: sha256:1 became sha256:9",
        "algorithms: vision/classifier@2 is new",
        "algorithms: vision/classifier@1 is gone",
        "files: a.yaml changed",
    )
    assert LOCK.differences(LOCK) == ()


def test_a_digest_is_that_of_the_bytes() -> None:
    assert digest("ä") == digest("ä")
    assert digest(b"\xff".decode("utf-8", "surrogateescape")) == (
        "sha256:a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89"
    )


def test_lists_the_templates_of_the_spec() -> None:
    lock = replace(LOCK, templates=(("small@1", "sha256:5"),))
    assert '"templates": {\n    "small@1": "sha256:5"\n  }' in write_lock(lock)
    assert read_lock(write_lock(lock)) == lock
    assert LOCK.differences(lock) == ("templates: small@1 is new",)
    moved = replace(LOCK, templates=(("small@1", "sha256:6"),))
    assert lock.differences(moved) == ("templates: small@1 changed",)


def test_keeps_the_pins_that_stood_there() -> None:
    pins = '{"formatVersion": "1.0", "vendor": {"small@1": {"digest": "sha256:5"}}}'
    assert has_only_pins(pins)
    made = write_lock(LOCK, pins)
    assert not has_only_pins(made)
    assert read_lock(made) == LOCK
    assert '"small@1"' in write_lock(LOCK, made)
    assert write_lock(LOCK, "<<<<<<< HEAD") == write_lock(LOCK)
