"""Another spec for a study that has begun: what becomes of its trials, as `ofc diff` says it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from omniforce.compiler.diff.trials import fate_of
from omniforce.compiler.ir.program import Program
from omniforce.spec.plain.values import from_plain
from omniforce.spec.problem import Problem

from ..store.session import Session
from ..store.trial import OUTSTANDING, Fate, StudyRecord, Trial

REFUSED = "OFC784"


@dataclass(frozen=True, slots=True)
class Revision:
    """What a changed spec meant for the trials.

    Attributes:
        number: of the revision, from 1.
        kept: how many count as they are.
        imputed: how many count with a value for what they were never asked.
        invalidated: how many answer another question.
        cancelled: those of them that were under way.
    """

    number: int
    kept: int
    imputed: int
    invalidated: int
    cancelled: tuple[int, ...] = ()


def preview(trials: tuple[Trial, ...], programs: dict[int, Program], after: Program) -> Revision:
    """What a changed spec would mean, by the program of each trial's own revision."""
    fates: list[Fate] = [_fate(trial, programs, after)[0] for trial in trials]
    return Revision(max(programs, default=0) + 1, *_counts(fates))


def revise(
    session: Session, record: StudyRecord, program: Program, text: str, now: float
) -> Revision:
    """Takes the changed spec into the store; see `Steering.revise`."""
    if program.name != record.name:
        raise Problem(
            REFUSED,
            f"the spec is of `{program.name}`, and the study is `{record.name}`",
            "write the study's name under `metadata.name`",
        )
    if program.digest == record.digest:
        raise Problem(
            REFUSED, f"the spec is the one that `{record.name}` has already", "change it first"
        )
    programs = {
        number: from_plain(Program, json.loads(written))
        for number, written in session.programs().items()
    }
    fates: list[Fate] = []
    gone: list[int] = []
    for trial in session.trials():
        fate, point = _fate(trial, programs, program)
        fates.append(fate)
        present = None if point is None or point == dict(trial.point) else json.dumps(point)
        if (fate, present) != (trial.fate, _present(trial)):
            session.change_trial(trial.number, fate=fate, present=present)
        if fate == "invalidated" and trial.state in OUTSTANDING:
            gone.append(trial.number)
    session.cancel(gone, "the spec was changed", now)
    number = session.add_revision(program.digest, text, now)
    if record.state == "completed":
        session.change(state="running", reason=None, finished=None)
    return Revision(number, *_counts(fates), tuple(gone))


def _fate(
    trial: Trial, programs: dict[int, Program], after: Program
) -> tuple[Fate, dict[str, object] | None]:
    before = programs.get(trial.revision)
    if before is None:
        return "invalidated", None
    fate, point = fate_of(before, after, trial.point)
    return fate, None if point is None else dict(point)


def _present(trial: Trial) -> str | None:
    return None if trial.present is None else json.dumps(dict(trial.present))


def _counts(fates: list[Fate]) -> tuple[int, int, int]:
    return fates.count("kept"), fates.count("imputed"), fates.count("invalidated")
