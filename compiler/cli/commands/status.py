"""`ofc status`: how a study stands, also while it runs; here, or on a cluster."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..cluster.options import cluster_options
from ..composition import layers_option, params_option, settings_option
from ..duration import DURATION
from ..output import DATA, Output, output_options, pass_output
from ..state import dir_option, late

if TYPE_CHECKING:
    from omniforce.runtime.local.shown import Shown


@click.command()
@click.argument("study", required=False)
@click.option("--cluster", "on_cluster", is_flag=True, help="On a cluster, and not here.")
@cluster_options
@click.option("-n", "--namespace", metavar="NAME", help="Of STUDY.  [default: ofc-STUDY]")
@layers_option
@settings_option
@params_option
@click.option("--watch", is_flag=True, help="Look until all is ready.")
@click.option("--timeout", type=DURATION, help="For --watch.  [default: for ever]")
@click.option("--all", "everything", is_flag=True, help="Every condition and event.")
@dir_option
@output_options(formats=DATA)
@pass_output
def command(
    output: Output,
    study: str | None,
    on_cluster: bool,
    context: str | None,
    kubeconfig: str | None,
    namespace: str | None,
    layers: tuple[str, ...],
    settings: tuple[str, ...],
    params: dict[str, str],
    watch: bool,
    timeout: float | None,
    everything: bool,
    root: Path,
) -> int | None:
    """Show how STUDY stands, or the study that was touched last.

    With `--cluster`, `--context` or `--kubeconfig`: its objects on a cluster, by the blocks of the
    spec; without STUDY, of the spec that `-f` names. Exit code there: 0 where all is ready, 2
    where something is on its way, 1 where something has failed or is missing.
    """
    if on_cluster or context is not None or kubeconfig is not None:
        from ..cluster.status import ClusterStatus, Wanted

        wanted = Wanted(study, namespace, layers, settings, params)
        looking = ClusterStatus(output, wanted, everything)
        with late():
            if watch:
                return looking.watch(context, kubeconfig, timeout)
            return looking.once(context, kubeconfig)
    if namespace or layers or settings or params or watch or timeout is not None or everything:
        raise click.UsageError("this is for a cluster: add `--cluster`")
    with late():
        from omniforce.runtime.local.shown import open_shown

        shown = open_shown(root, study)
        output.document(_plain(shown), _text(shown))
    return None


def _counts(shown: Shown) -> dict[str, int]:
    counts: dict[str, int] = {}
    for trial in shown.trials:
        counts[trial.state] = counts.get(trial.state, 0) + 1
    return counts


def _budget(shown: Shown) -> int | None:
    """The spec's trials, and those that people added."""
    from omniforce.runtime.budget import budget_of

    return budget_of(shown.program, shown.record.extra).trials


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
        "budget": _budget(shown),
        "best": None if chosen is None else plain_trial(shown.search, chosen),
        "front": [trial.number for trial in shown.front],
        "directory": str(shown.home.directory),
    }


def _text(shown: Shown) -> str:
    from omniforce.runtime.local.standing import best_text
    from omniforce.runtime.quantities import show_duration

    record, chosen, budget = shown.record, shown.chosen, _budget(shown)
    taken = sum(1 for trial in shown.trials if trial.origin == "import")
    over = "" if not taken else f", {taken} of them imported"
    end = record.finished if record.finished is not None else time.time()
    counts = ", ".join(f"{count} {state}" for state, count in sorted(_counts(shown).items()))
    reason = "" if record.reason is None else f" ({record.reason})"
    lines = [
        f"study    {record.name}",
        f"state    {record.state}{reason}",
        f"began    {show_duration(end - record.started)} "
        + ("before it ended" if record.finished is not None else "ago"),
        f"trials   {len(shown.trials) - taken}{'' if budget is None else f' of {budget}'}"
        + (f": {counts}{over}" if counts else ""),
    ]
    if chosen is not None:
        lines.append(f"best     trial {chosen.number}: {best_text(shown.search, chosen)}")
        lines.append(f"front    {', '.join(str(trial.number) for trial in shown.front)}")
    lines.append(f"folder   {shown.home.directory}")
    return "\n".join(lines) + "\n"
