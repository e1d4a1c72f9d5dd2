"""Studies with trials, made without running anything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import indent

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.ir.program import Program
from omniforce.compiler.pipeline import compile_study
from omniforce.runtime.exchange.study_copy import StudyCopy
from omniforce.runtime.store.store import Store
from omniforce.runtime.store.trial import Point
from omniforce.runtime.trial.contract import TrialReport, failed
from omniforce.spec.expression.tree import Value
from omniforce.spec.load import load
from omniforce.spec.plain.values import to_plain
from omniforce.spec.source import Source

START = 1_700_000_000.0


def spec(space: str, goals: Sequence[str], more: str = "") -> str:
    return (
        "apiVersion: omniforce.dev/v1alpha2\nkind: OmniForce\nmetadata: {name: s}\nspec:\n"
        "  data: {source: sklearn://digits}\n"
        "  algorithm:\n    estimator: model:Model\n    metrics: [accuracy, loss, cost]\n"
        f"  searchSpace:\n{indent(space.strip(), '    ')}\n"
        f"  objectives: [{', '.join(goals)}]\n"
        "  search: {strategy: random, budget: {trials: 20}, parallelism: 4}\n" + more
    )


def program_of(text: str) -> Program:
    compiled = compile_study(load(Source("spec.yaml", text)), catalogue())
    assert compiled.program is not None, compiled.diagnostics
    program: Program = compiled.program
    return program


class Made:
    """A study in a store of its own; `run` proposes and ends one trial."""

    def __init__(self, text: str, place: Path) -> None:
        self.program = program_of(text)
        self.store = Store.at(place)
        body = json.dumps(to_plain(self.program), sort_keys=True)
        self.store.create_study("s", body, self.program.digest, START)
        self.now = START

    def propose(self, point: Mapping[str, Value]) -> int:
        with self.store.lock("s") as session:
            (number,) = session.propose([point], self.now)
        return int(number)

    def start(self, number: int) -> None:
        self.now += 1
        assert self.store.lease("s", number, 1, f"w{number}", 600, self.now)
        self.store.heartbeat("s", number, 1, f"w{number}", 600, self.now, "running")

    def run(
        self,
        point: Mapping[str, Value],
        metrics: Mapping[str, float] | None,
        points: Sequence[Point] = (),
        tail: str = "",
    ) -> int:
        """Completed with these metrics, or failed where they are None."""
        number = self.propose(point)
        self.start(number)
        self.store.record("s", number, 1, f"w{number}", points, self.now)
        self.now += 10
        report = (
            failed("user-error", "ValueError: no", 10.0)
            if metrics is None
            else TrialReport(outcome="completed", metrics=metrics, seconds=10.0, tail=tail)
        )
        assert self.store.finish("s", number, 1, report, self.now)
        return number

    def copy(self) -> StudyCopy:
        record = self.store.study("s")
        assert record is not None
        return StudyCopy(record, self.program, self.store.trials("s"), self.store.curve("s"))
