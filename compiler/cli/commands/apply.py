"""`ofc apply`: brings a cluster to what the spec says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from .. import exits
from ..cluster.command import compiled
from ..cluster.options import cluster_options
from ..composition import Chosen, load_spec, spec_options
from ..duration import DURATION
from ..output import Output, output_options, pass_output
from ..state import late

if TYPE_CHECKING:
    from ...ir.program import Program


@click.command()
@spec_options
@cluster_options
@click.option("--force-conflicts", is_flag=True, help="Take fields that other managers have set.")
@click.option(
    "--dry-run",
    type=click.Choice(("client", "server")),
    help="Write nothing: list what would be applied, or ask the server what it would do.",
)
@click.option(
    "--prune", is_flag=True, help="Remove what is of the study and no longer in the spec."
)
@click.option("--wait/--no-wait", default=True, help="Wait until all is ready.  [default: wait]")
@click.option(
    "--timeout", type=DURATION, default="10m", show_default=True, help="For all the waiting."
)
@click.option("--start", is_flag=True, help="Start the study, once every Trigger is ready.")
@click.option(
    "--preflight/--no-preflight", default=True, help="Look first for what the cluster lacks."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_options()
@pass_output
def command(
    output: Output,
    chosen: Chosen,
    context: str | None,
    kubeconfig: str | None,
    force_conflicts: bool,
    dry_run: str | None,
    prune: bool,
    wait: bool,
    timeout: float,
    start: bool,
    preflight: bool,
    yes: bool,
) -> int:
    """Bring a cluster to what the spec in FILE says, or follow a plan of `ofc plan --out FILE`.

    Shows the plan first, and asks. Safe to interrupt and to run again: it goes on from what is
    there. Nothing is removed without `--prune`, and volumes never are.
    """
    from ..cluster.applying import Applying, Wishes, follow, is_saved

    wishes = Wishes(force_conflicts, prune, timeout if wait else None, start, preflight, yes)
    with late():
        if is_saved(chosen):
            if dry_run or prune or chosen.params or chosen.settings:
                raise click.UsageError(
                    "a saved plan says all that happens: leave `--dry-run`, `--prune`, `-p` and "
                    "`--set` out"
                )
            return follow(output, chosen.files[0], wishes, context, kubeconfig)
        loaded = load_spec(chosen)
        program = compiled(output, loaded, chosen.params)
        if program is None:
            return exits.INVALID
        if dry_run == "client":
            return _listed(output, program)
        applying = Applying(output, loaded, program, wishes)
        return applying.run(context, kubeconfig, dry=dry_run == "server")


def _listed(output: Output, program: Program) -> int:
    from omniforce.targets.platforms.kubernetes.cluster.apply_set import applied_objects
    from omniforce.targets.platforms.kubernetes.cluster.applying.apply import in_order
    from omniforce.targets.platforms.kubernetes.cluster.cluster import reference_of

    of = cast("Any", program)  # see `composition.Platform`
    references = [reference_of(tree) for tree in in_order(applied_objects(of))]
    plain = [{"kind": r.kind, "namespace": r.namespace, "name": r.name} for r in references]
    text = "".join(f"{reference}\n" for reference in references)
    output.document({"study": program.name, "dryRun": "client", "objects": plain}, text)
    return exits.OK
