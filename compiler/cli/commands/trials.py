"""`ofc trials`: the trials of a study, all or some of them."""

from __future__ import annotations

from pathlib import Path

import click

from ..output import Output, output_options, pass_output
from ..state import dir_option, late

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


@click.command()
@click.argument("study", required=False)
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Only these; may repeat."
)
@click.option("--front", "only_front", is_flag=True, help="Only the Pareto front.")
@dir_option
@output_options()
@pass_output
def command(
    output: Output, study: str | None, states: tuple[str, ...], only_front: bool, root: Path
) -> None:
    """List the trials of STUDY, or of the study that was touched last.

    The output of each is in `.ofc/<study>/logs`.
    """
    with late():
        from omniforce.runtime.local.shown import open_shown, plain_trial, table, trial_rows

        shown = open_shown(root, study)
        trials = [
            trial
            for trial in (shown.front if only_front else shown.trials)
            if not states or trial.state in states
        ]
        log = shown.home.log_of
        output.document(
            {
                "study": shown.record.name,
                "trials": [
                    {**plain_trial(shown.search, trial), "log": str(log(trial.number))}
                    for trial in trials
                ],
            },
            table(trial_rows(shown.search, trials)),
        )
