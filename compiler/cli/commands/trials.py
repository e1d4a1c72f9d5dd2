"""`ofc trials`: the trials of a study, all or some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..access import Place, access_options
from ..output import DATA, Output, output_options, pass_output
from ..state import late

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from omniforce.runtime.store.trial import Trial
    from omniforce.runtime.watching.trial_facts import TrialFacts

    _Order = Callable[[Trial], int]

STATES = (
    "proposed",
    "reserved",
    "running",
    "measuring",
    "completed",
    "failed",
    "timed-out",
    "cancelled",
)
ORIGINS = ("strategy", "person", "import")
FATES = ("kept", "imputed", "invalidated")


@click.command()
@click.argument("study", required=False)
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Only these; may repeat."
)
@click.option("--front", "only_front", is_flag=True, help="Only the Pareto front.")
@click.option(
    "--where",
    metavar="CONDITION",
    help="Only those of which it holds: 'accuracy > 0.9 and depth <= 3'.",
)
@click.option(
    "--origin", "origins", multiple=True, type=click.Choice(ORIGINS), help="Only of these."
)
@click.option(
    "--fate", "fates", multiple=True, type=click.Choice(FATES), help="Only what counts as this."
)
@click.option("--sort", metavar="NAME", help="By this; `-accuracy` has the greatest first.")
@click.option("--limit", type=click.IntRange(1), help="So many at most.")
@click.option("--columns", metavar="NAME,...", help="Facts, parameters and metrics, in this order.")
@access_options
@output_options(formats=DATA)
@pass_output
def command(
    output: Output,
    study: str | None,
    states: tuple[str, ...],
    only_front: bool,
    where: str | None,
    origins: tuple[str, ...],
    fates: tuple[str, ...],
    sort: str | None,
    limit: int | None,
    columns: str | None,
    place: Place,
) -> None:
    """List the trials of STUDY, or of the study that was touched last.

    Conditions are the language's own, over parameters, metrics and the facts trial, state, origin,
    fate, revision, round, attempt, seconds, failure, message, rating, feasible and front. The
    output of a trial is shown by `ofc logs`.
    """
    with late():
        from omniforce.runtime.exchange.study_copy import program_of
        from omniforce.runtime.local.shown import table, trial_rows
        from omniforce.runtime.rewards import search_of
        from omniforce.runtime.watching.trial_condition import TrialCondition, TrialOrder
        from omniforce.runtime.watching.trial_facts import TrialFacts

        with place.open(study) as access:
            record, everything = access.record(), access.trials()
            log_of = getattr(access, "log_of", None)
        search = search_of(program_of(record))
        facts = TrialFacts.of(search, everything)
        trials = [
            trial
            for trial in everything
            if (not states or trial.state in states)
            and (not origins or trial.origin in origins)
            and (not fates or trial.fate in fates)
            and (not only_front or trial.number in facts.best)
        ]
        if where is not None:
            trials = list(TrialCondition.read(where, facts.names).pick(trials, facts))
        if sort is not None:
            trials = list(TrialOrder.read(sort, facts.names).sort(trials, facts))
        elif only_front:
            trials.sort(key=_front_order(search, everything))
        trials = trials[:limit]
        if columns is not None:
            names = _names(columns, facts)
            rows = [names, *(_cells(names, facts, trial) for trial in trials)]
            plain = [{name: facts.values(t).get(name) for name in names} for t in trials]
            output.document({"study": record.name, "trials": plain}, table(rows))
            return
        output.document(
            {
                "study": record.name,
                "trials": [
                    {**_plain(search, t), "log": None if log_of is None else str(log_of(t.number))}
                    for t in trials
                ],
            },
            table(trial_rows(search, trials)),
        )


def _plain(search: Any, trial: Trial) -> dict[str, object]:
    from omniforce.runtime.local.shown import plain_trial

    more = {
        "origin": trial.origin,
        "revision": trial.revision,
        "fate": trial.fate,
        "rating": trial.rating,
    }
    return {**plain_trial(search, trial), **more}


def _front_order(search: Any, trials: tuple[Trial, ...]) -> _Order:
    """The front's own order: best by the first objective first."""
    from omniforce.runtime.choice import front

    places = {trial.number: place for place, trial in enumerate(front(search.goals, trials))}
    return lambda trial: places.get(trial.number, len(places))


def _names(columns: str, facts: TrialFacts) -> tuple[str, ...]:
    from omniforce.runtime.watching.trial_condition import TrialOrder

    wanted = [each.strip() for each in columns.split(",") if each.strip()]
    if not wanted:
        raise click.UsageError("`--columns` names none: write `--columns trial,accuracy`")
    return tuple(TrialOrder.read(name, facts.names).name for name in wanted)


def _cells(names: tuple[str, ...], facts: TrialFacts, trial: Trial) -> tuple[str, ...]:
    from omniforce.runtime.quantities import show_metric, show_value

    values = facts.values(trial)
    shown: list[str] = []
    for name in names:
        value = values.get(name)
        if name in facts.metrics and isinstance(value, int | float):
            shown.append(show_metric(name, float(value)))
        else:
            shown.append(show_value(value) or "-")
    return tuple(shown)
