"""The report: one page, whole, escaped, and asking the network for nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

from omniforce.compiler.ir.program import Program, Search
from omniforce.runtime.choice import choose, front
from omniforce.runtime.report.contents import Contents
from omniforce.runtime.report.front_figure import front_figure
from omniforce.runtime.report.page import page
from omniforce.runtime.report.parallel_figure import parallel_figure
from omniforce.runtime.report.scale import Axis, axis_over
from omniforce.runtime.store.trial import StudyRecord, Trial
from omniforce.spec.blocks.algorithm import AlgorithmInterface
from omniforce.spec.blocks.platform import Platform
from omniforce.spec.blocks.search import Budget, StrategyChoice
from omniforce.spec.expression.tree import (
    BestModel,
    Goal,
    Metric,
    Objective,
    Quantity,
    Requirement,
)
from omniforce.spec.space import Choice, Coordinate, FloatRange, IntRange, Space

EVIL = "</script><script>alert(1)</script>"
LATENCY = Metric("latency", "p95", "server")
GOALS: tuple[Goal, ...] = (
    Objective("maximize", Metric("accuracy")),
    Objective("minimize", LATENCY),
    Requirement(LATENCY, "<=", Quantity(4.0, "ms")),
)
SPACE = Space(
    (
        Coordinate("family", (), Choice(("cnn", EVIL))),
        Coordinate("depth", (), IntRange(1, 4)),
        Coordinate("rate", (), FloatRange(1e-4, 1e-1, "log")),
    )
)


def trial(number: int, **facts: object) -> Trial:
    return replace(
        Trial(
            number=number,
            attempt=1,
            state="completed",
            point={"family": "cnn", "depth": 1 + number % 4, "rate": 10.0 ** -(1 + number % 4)},
            round=0,
            proposed=0.0,
            requested=0.0,
            metrics={"accuracy": 0.9 + number / 100, "latency.p95@server": (1 + number) / 1000},
            seconds=1.5,
        ),
        **facts,  # type: ignore[arg-type]
    )


def contents(trials: tuple[Trial, ...], goals: tuple[Goal, ...] = GOALS) -> Contents:
    search = Search(
        name="search",
        algorithm=AlgorithmInterface("vision/classifier", 1, "x:y"),
        arguments=(),
        space=SPACE,
        goals=goals,
        strategy=StrategyChoice("random"),
        budget=Budget(trials=8),
        parallelism=2,
        seed=0,
        timeout=60.0,
        retries=1,
        model=BestModel(),
    )
    chosen = choose(BestModel(), goals, trials)
    return Contents(
        Program("study", "sha256:0", (search,), Platform()),
        StudyRecord(
            name="study",
            digest="sha256:0",
            program="",
            state="completed",
            started=0.0,
            finished=9.0,
        ),
        trials,
        front(goals, trials),
        None if chosen is None else chosen.number,
        (("served", EVIL),),
    )


TRIALS = (
    *(trial(number) for number in range(6)),
    trial(6, state="failed", metrics={}, failure="user-error", message=EVIL),
    trial(7, point={"family": EVIL, "rate": 0.01}),
)


class Tags(HTMLParser):
    """Checks that tags nest, and keeps what could reach the network."""

    VOID = ("meta",)

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.reaching: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.reaching += [value or "" for name, value in attrs if name in ("src", "href", "action")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_asks_the_network_for_nothing() -> None:
    text = page(contents(TRIALS))
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert tags.open == []
    assert tags.reaching == []
    assert not re.search(r"https?://|@import|url\(", text)
    assert "default-src 'none'" in text


def test_nothing_that_a_user_wrote_becomes_markup() -> None:
    text = page(contents(TRIALS))
    assert EVIL not in text
    assert text.count("<script") == 2
    data = re.search(r'<script type="application/json" id="trials">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    assert ["family", EVIL] in json.loads(data[1])["7"]


def test_every_trial_has_a_row_and_every_measured_one_a_point_and_a_line() -> None:
    text = page(contents(TRIALS))
    assert re.findall(r'<tr class="\w+" data-trial="(\d+)"', text) == [str(i) for i in range(8)]
    points = re.findall(r'<circle class="point \w+" data-trial="(\d+)"', text)
    assert sorted(points) == [str(i) for i in (*range(6), 7)]
    lines = re.findall(r'<polyline class="line \w+ \w+" data-trial="(\d+)"', text)
    assert sorted(lines) == sorted(points)


def test_the_front_figure_marks_what_is_chosen_what_is_broken_and_the_limit() -> None:
    figure = ElementTree.fromstring(front_figure(contents(TRIALS)))
    marks = {
        each.get("data-trial"): (each.get("class") or "").removeprefix("point ")
        for each in figure.iter("circle")
    }
    assert marks == {
        "0": "front",
        "1": "front",
        "2": "front",
        "3": "chosen",
        "4": "broken",
        "5": "broken",
        "7": "broken",
    }
    limits = [each for each in figure.iter("line") if each.get("class") == "limit"]
    assert [each.get("x1") == each.get("x2") for each in limits] == [True]
    texts = [each.text for each in figure.iter("text")]
    assert "require latency.p95 <= 4ms on server" in texts


def test_with_one_objective_the_figure_goes_trial_by_trial() -> None:
    figure = ElementTree.fromstring(front_figure(contents(TRIALS, GOALS[:1])))
    texts = [each.text for each in figure.iter("text")]
    assert "trial" in texts
    assert not [each for each in figure.iter("path") if each.get("class") == "stairs"]


def test_a_parameter_that_is_not_active_is_drawn_below_its_axis() -> None:
    markup = parallel_figure(contents(TRIALS))
    line = re.search(r'data-trial="7" points="([^"]*)"', markup)
    assert line is not None
    family, depth, *_ = (float(point.split(",")[1]) for point in line[1].split())
    assert depth > 350 > family


def test_a_study_without_a_result_has_a_page_too() -> None:
    for trials in ((), (TRIALS[6],)):
        text = page(contents(trials))
        assert text.count("No trial has figures for all objectives yet.") == 2


def test_ticks_are_round_in_the_unit_they_are_told_in() -> None:
    assert Axis(0.0, 1.0, 0.0, 100.0).ticks() == (0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0)
    assert Axis(0.0, 350 * 1024.0, 0.0, 1.0).ticks(4, 1024.0) == (
        *(0.0, 102400.0, 204800.0, 307200.0),
    )
    assert Axis(1e-4, 1e-1, 0.0, 1.0, log=True).ticks() == (0.0001, 0.001, 0.01, 0.1)


def test_an_axis_has_room_for_one_value_and_for_many_magnitudes() -> None:
    assert axis_over([5.0, 5.0], 0.0, 10.0) == Axis(4.5, 5.5, 0.0, 10.0)
    assert axis_over([0.001, 10.0], 0.0, 10.0).log
    assert not axis_over([0.0, 10.0], 0.0, 10.0).log
