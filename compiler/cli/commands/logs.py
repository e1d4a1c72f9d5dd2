"""`ofc logs`: what a trial wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from omniforce.spec.problem import Problem

from ..access import Place, access_options
from ..output import DATA, Output, output_options, pass_output
from ..state import late

if TYPE_CHECKING:
    from omniforce.runtime.steering.access import StudyAccess
    from omniforce.runtime.watching.follow import Growing


@click.command()
@click.argument("study")
@click.argument("trial", type=click.IntRange(0))
@click.option("--attempt", type=click.IntRange(1), help="The kept end of this one.")
@click.option("-f", "--follow", "following", is_flag=True, help="As it comes, until it is over.")
@click.option("--tail", type=click.IntRange(0), metavar="N", help="Only the last N lines.")
@access_options
@output_options(formats=DATA)
@pass_output
def command(
    output: Output,
    study: str,
    trial: int,
    attempt: int | None,
    following: bool,
    tail: int | None,
    place: Place,
) -> None:
    """Show what TRIAL of STUDY wrote, at most its last mebibyte.

    Here that is its log file, in which attempts follow each other. From another place it is the
    end that the store keeps once a trial is over, and so is that of one `--attempt`.
    """
    if following and output.format != "text":
        raise click.UsageError("`--follow` writes text as it comes: leave out `-o`")
    if following and attempt is not None:
        raise click.UsageError("`--follow` goes with the attempt that runs: leave out `--attempt`")
    with late(), place.open(study) as access:
        from omniforce.runtime.watching.follow import harmless, last_lines

        found = access.trial(trial)
        if following:
            _follow(output, access, trial, tail)
            return
        text = access.log(trial) if attempt is None else _of_attempt(access, trial, attempt)
        shown = last_lines(harmless(text), tail)
    if not text and output.format == "text":
        output.message(f"trial {trial} ({found.state}) has written nothing that is kept")
    output.document(
        {"study": study, "trial": trial, "attempt": attempt or found.attempt, "log": shown},
        shown if not shown or shown.endswith("\n") else f"{shown}\n",
    )


def _of_attempt(access: StudyAccess, trial: int, attempt: int) -> str:
    from omniforce.runtime.steering.stored import StoredStudy

    if not isinstance(access, StoredStudy):
        raise Problem(
            "OFC795",
            "the API keeps the output of a trial's last attempt only",
            "leave out `--attempt`",
        )
    latest = access.trial(trial).attempt
    if attempt > latest:
        raise Problem(
            "OFC795",
            f"trial {trial} has {latest} attempt{'s' if latest > 1 else ''}, and no number "
            f"{attempt}",
            "leave out `--attempt` for all of its output",
        )
    return access.store.tail(access.study, trial, attempt)


def _follow(output: Output, access: StudyAccess, trial: int, tail: int | None) -> None:
    from omniforce.runtime.watching.follow import (
        GrowingFile,
        GrowingText,
        follow,
        harmless,
        last_lines,
    )

    log_of = getattr(access, "log_of", None)
    growing: Growing = GrowingText(lambda: access.log(trial))
    if log_of is not None and isinstance(at := log_of(trial), Path):
        growing = GrowingFile(at)
    first = True
    for text in follow(access, trial, growing):
        shown = harmless(text)
        output.document({}, last_lines(shown, tail) if first else shown)
        output.flush()
        first = False
