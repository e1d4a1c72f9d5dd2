"""A trial's output as it comes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from omniforce.runtime.store.trial import Trial
from omniforce.runtime.watching.follow import (
    GrowingFile,
    GrowingText,
    follow,
    harmless,
    last_lines,
)

RUNNING = Trial(
    number=0,
    attempt=1,
    state="running",
    point={},
    round=0,
    proposed=0.0,
    requested=0.0,
    metrics={},
)


def test_a_file_is_followed_until_its_trial_is_over(tmp_path: Path) -> None:
    place = tmp_path / "log"
    states = iter(["running"] * 5 + ["completed"] * 2)
    writes = iter(["one\n", "tw", "o\n"])

    def trial(_: int) -> Trial:
        return cast("Trial", replace(RUNNING, state=cast("Any", next(states))))

    def pause(_: float) -> None:
        with place.open("a") as file:
            file.write(next(writes, ""))

    study = cast("Any", SimpleNamespace(trial=trial))
    assert list(follow(study, 0, GrowingFile(place), pause)) == ["one\n", "tw", "o\n"]


def test_letters_that_come_in_pieces_come_whole(tmp_path: Path) -> None:
    place = tmp_path / "log"
    growing = GrowingFile(place)
    assert growing.more() == ""
    place.write_bytes("é".encode()[:1])
    assert growing.more() == ""
    place.write_bytes("é\n".encode() + b"\xff\n")
    assert growing.more() == "é\n\ufffd\n"


def test_a_file_that_was_cut_is_read_anew(tmp_path: Path) -> None:
    place = tmp_path / "log"
    place.write_text("a long first line\n")
    growing = GrowingFile(place)
    growing.more()
    place.write_text("new\n")
    assert growing.more() == "new\n"


def test_a_text_whose_beginning_gets_lost_goes_on_where_it_was() -> None:
    texts = iter(["one\n", "one\ntwo\n", "two\nthree\n", "two\nthree\n"])
    growing = GrowingText(lambda: next(texts))
    assert [growing.more() for _ in range(3)] == ["one\n", "two\n", "two\nthree\n"]
    long = iter(["x" * 5000, "x" * 3000 + "y"])
    other = GrowingText(lambda: next(long))
    assert (len(other.more()), other.more()) == (5000, "x" * 3000 + "y")


def test_colours_and_what_a_bar_wrote_over_are_left_out() -> None:
    assert harmless("\x1b[31mred\x1b[0m\r\n10%\r20%\rdone\n") == "red\ndone\n"
    assert last_lines("a\nb\nc\n", 2) == "b\nc\n"
    assert last_lines("a\nb", 0) == ""
    assert last_lines("a\nb", None) == "a\nb"
