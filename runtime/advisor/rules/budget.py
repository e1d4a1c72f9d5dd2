"""The budget ended while the study still improved, or long after it had ceased to."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from ...choice import front, objectives
from ...quantities import show_metric
from ...store.trial import Trial
from ..advice import Advice, Change, Subject

LEAST = 20
LATE, EARLY = 0.9, 0.3
AS_GOOD = 3
WORTH = 0.02
TRIALS = ("spec", "search", "budget", "trials")


def budget(subject: Subject) -> Iterator[Advice]:
    """Looks at when the best trial came, or the last one of the front."""
    told, limit = subject.told, subject.search.budget.trials
    if limit is None or len(subject.ranked) < LEAST or subject.record.state != "completed":
        return
    single = len(objectives(subject.search.goals)) == 1
    good = subject.ranked[:1] if single else front(subject.search.goals, told)
    order = {trial.number: place for place, trial in enumerate(told)}
    last = max(good, key=lambda trial: order[trial.number])
    share = (order[last.number] + 1) / len(told)
    came = "the best trial" if single else "the last trial of the front"
    evidence = [f"{came} is trial {last.number}, the {order[last.number] + 1}. of {len(told)}"]
    if share >= LATE and (not single or _gain(subject) >= WORTH):
        if single:
            evidence.append(_improvement(subject))
        more = _rounded(limit * 1.5)
        yield Advice(
            "budget",
            "the study still improved when its budget was spent",
            tuple(evidence),
            f"write `trials: {more}`; `ofc extend --trials {more - limit}` goes on with this one",
            (Change(TRIALS, str(more)),),
        )
    elif share <= EARLY and len(told) >= 2 * LEAST:
        if single:
            near = _near(subject, {trial.number for trial in told[order[last.number] + 1 :]})
            if near < AS_GOOD:  # the best may have been luck
                return
            evidence.append(f"{near} later ones came nearly as far, and none any farther")
        fewer = max(LEAST, _rounded((order[last.number] + 1) * 1.5))
        if fewer < limit:
            yield Advice(
                "budget",
                f"the last {100 * (1 - share):.0f} % of the trials gave nothing better",
                tuple(evidence),
                f"`trials: {fewer}` would have been enough",
                (Change(TRIALS, str(fewer)),),
            )


def _before(subject: Subject) -> Trial | None:
    """The best of the first nine tenths."""
    early = {trial.number for trial in subject.told[: int(LATE * len(subject.told))]}
    return next((trial for trial in subject.ranked if trial.number in early), None)


def _near(subject: Subject, numbers: set[int]) -> int:
    """How many of these trials came within `WORTH` of the way from the median to the best."""
    best = subject.cost(subject.ranked[0])
    way = statistics.median(map(subject.cost, subject.ranked)) - best
    return sum(
        trial.number in numbers and subject.cost(trial) - best <= WORTH * way
        for trial in subject.ranked
    )


def _gain(subject: Subject) -> float:
    """What the last tenth gained, as a share of the way from the median to the best."""
    best, before = subject.cost(subject.ranked[0]), _before(subject)
    way = statistics.median(map(subject.cost, subject.ranked)) - best
    if before is None:
        return 1.0
    return (subject.cost(before) - best) / way if way > 0 else 0.0


def _improvement(subject: Subject) -> str:
    key, before = subject.objective, _before(subject)
    best = show_metric(key, subject.ranked[0].metrics[key])
    if before is None:
        return f"only the last tenth of them keeps the requirements, with `{key}` {best}"
    earlier = show_metric(key, before.metrics[key])
    return f"the last tenth of them brought `{key}` from {earlier} to {best}"


def _rounded(count: float) -> int:
    return max(1, round(count / 5) * 5)
