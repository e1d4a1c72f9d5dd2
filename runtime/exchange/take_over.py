"""Puts past trials into a study's store, once."""

from __future__ import annotations

import json
from collections.abc import Sequence

from omniforce.compiler.ir.program import Program
from omniforce.spec.plain.values import to_plain
from omniforce.spec.problem import Problem

from ..store.past import Past, adopt
from ..store.store import Store
from .past_trials import PastTrial


def take_over(
    store: Store, program: Program, trials: Sequence[PastTrial], actor: str, source: str, now: float
) -> tuple[int, ...]:
    """Makes the study where there is none, and adds the trials; gives their numbers.

    Args:
        store: of the study.
        program: of the spec, complete.
        trials: points of its space.
        actor: who, for the record.
        source: where they are from, for the record.
        now: seconds since the epoch.

    Raises:
        Problem: the store's study is of another spec, or has imported trials already.
    """
    text = json.dumps(to_plain(program), sort_keys=True)
    record = store.create_study(program.name, text, program.digest, now)
    with store.lock(program.name) as session:
        if any(trial.origin == "import" for trial in session.trials()):
            raise Problem(
                "OFC796",
                f"the study `{program.name}` has imported trials already",
                "give this one another name with `--name`, or start anew with `ofc run --fresh`",
            )
        past = [
            Past(
                point=each.point,
                metrics=each.metrics,
                started=each.started if each.finished is not None else None,
                finished=now if each.finished is None else each.finished,
                message=f"imported from {source}: trial {each.label}"[:500],
                curve=each.curve,
            )
            for each in trials
        ]
        numbers = adopt(session.connection, program.name, record.revision, past)
        session.note(actor, "import", {"trials": len(numbers), "from": source}, now)
    return numbers
