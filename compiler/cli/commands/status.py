"""`ofc status`: how a study stands, also while it runs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..output import Output, output_options, pass_output
from ..state import dir_option, late

if TYPE_CHECKING:
    from omniforce.runtime.local.shown import Shown


@click.command()
@click.argument("study", required=False)
@dir_option
@output_options()
@pass_output
def command(output: Output, study: str | None, root: Path) -> None:
    """Show how STUDY stands, or the study that was touched last."""
    with late():
        from omniforce.runtime.local.shown import open_shown

        shown = open_shown(root, study)
        output.document(_plain(shown), _text(shown))


def _counts(shown: Shown) -> dict[str, int]:
    counts: dict[str, int] = {}
    for trial in shown.trials:
        counts[trial.state] = counts.get(trial.state, 0) + 1
    return counts


def _plain(shown: Shown) -> dict[str, object]:
    from omniforce.runtime.local.shown import plain_trial

    chosen = shown.chosen
    return {
        "study": shown.record.name,
        "digest": shown.record.digest,
        "state": shown.record.state,
        "reason": shown.record.reason,
        "started": shown.record.started,
        "finished": shown.record.finished,
        "trials": _counts(shown),
        "budget": shown.search.budget.trials,
        "best": None if chosen is None else plain_trial(shown.search, chosen),
        "front": [trial.number for trial in shown.front],
        "directory": str(shown.home.directory),
    }


def _text(shown: Shown) -> str:
    from omniforce.runtime.local.standing import best_text
    from omniforce.runtime.quantities import show_duration

    record, chosen, budget = shown.record, shown.chosen, shown.search.budget.trials
    end = record.finished if record.finished is not None else time.time()
    counts = ", ".join(f"{count} {state}" for state, count in sorted(_counts(shown).items()))
    reason = "" if record.reason is None else f" ({record.reason})"
    lines = [
        f"study    {record.name}",
        f"state    {record.state}{reason}",
        f"began    {show_duration(end - record.started)} "
        + ("before it ended" if record.finished is not None else "ago"),
        f"trials   {len(shown.trials)}{'' if budget is None else f' of {budget}'}"
        + (f": {counts}" if counts else ""),
    ]
    if chosen is not None:
        lines.append(f"best     trial {chosen.number}: {best_text(shown.search, chosen)}")
        lines.append(f"front    {', '.join(str(trial.number) for trial in shown.front)}")
    lines.append(f"folder   {shown.home.directory}")
    return "\n".join(lines) + "\n"
