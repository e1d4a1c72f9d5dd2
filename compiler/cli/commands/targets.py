"""`ofc targets`: where a spec can go, and what each place can express."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from ...expressible.ask import Answer, answers
from ...expressible.shown import one_to_text, to_markdown, to_text
from ..composition import PLATFORMS, catalogue
from ..output import Output, output_options, pass_output

ABOUT = {
    "kubernetes": "Knative searches, Jobs train, Kubeflow Pipelines release, KServe serves",
    "local": "this machine, with `ofc run`",
    "katib": "a search as an Experiment of Katib",
    "trainer": "a search as an OptimizationJob of Kubeflow Trainer",
    "ray": "the whole study as a RayJob of KubeRay",
}
"""A line on each; a target without one is listed all the same."""


@click.group(invoke_without_command=True)
@output_options()
@click.pass_context
def command(context: click.Context) -> None:
    """List the targets that `--target` takes; `ofc targets explain` says what each can express."""
    if context.invoked_subcommand is not None:
        return
    output = context.ensure_object(Output)
    width = max(map(len, PLATFORMS))
    output.document(
        {"targets": [{"name": n, "about": ABOUT.get(n, "")} for n in PLATFORMS]},
        "".join(f"{n:<{width}}  {ABOUT.get(n, '')}".rstrip() + "\n" for n in PLATFORMS),
    )


@command.command()
@click.argument("target", required=False, type=click.Choice(tuple(PLATFORMS)))
@output_options(formats=("text", "json", "markdown"))
@pass_output
def explain(output: Output, target: str | None) -> None:
    """Say what TARGET can express and what to write instead of the rest; or compare them all.

    Every answer comes from the target itself, which is asked with a small spec for each feature.
    """
    names = (target,) if target else tuple(PLATFORMS)
    found = answers({name: PLATFORMS[name]().target for name in names}, catalogue())
    text = to_text(found) if target is None else one_to_text(target, found[target])
    output.document(_plain(found), to_markdown(found) if output.format == "markdown" else text)


def _plain(found: Mapping[str, Sequence[Answer]]) -> dict[str, object]:
    return {
        "targets": {
            name: [
                {
                    "block": a.feature.block,
                    "what": a.feature.what,
                    "word": a.feature.word or None,
                    "says": a.says,
                    "wayOut": a.way_out,
                    "example": a.feature.spec,
                }
                for a in each
            ]
            for name, each in found.items()
        }
    }
