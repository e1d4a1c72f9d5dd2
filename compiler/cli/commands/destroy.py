"""`ofc destroy`: takes a study off a cluster."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

import click

from omniforce.spec.frozen import dataclass

from .. import exits
from ..cluster.command import agreed, compiled, plain_reference, told
from ..cluster.options import cluster_options
from ..cluster.progress import cluster_progress
from ..composition import Chosen, load_spec, spec_options
from ..duration import DURATION
from ..output import Output, output_options, pass_output, plural
from ..state import late

if TYPE_CHECKING:
    from omniforce.spec.problem import Problem
    from omniforce.targets.platforms.kubernetes.cluster.applying.destroy import Destruction
    from omniforce.targets.platforms.kubernetes.cluster.belongings import Belongings
    from omniforce.targets.platforms.kubernetes.cluster.cluster import Cluster


@click.command()
@spec_options
@cluster_options
@click.option("--study", metavar="NAME", help="Which study, where its spec is not here.")
@click.option("-n", "--namespace", metavar="NAME", help="Of --study.  [default: ofc-NAME]")
@click.option("--data", is_flag=True, help="Remove its volume as well: data and models are lost.")
@click.option(
    "--with-namespace",
    is_flag=True,
    help="Remove the namespace with all that is in it, the store's Secret too.",
)
@click.option("--dry-run", is_flag=True, help="Show what would go, and write nothing.")
@click.option(
    "--timeout", type=DURATION, default="5m", show_default=True, help="For each group to go."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_options()
@pass_output
def command(
    output: Output,
    chosen: Chosen,
    context: str | None,
    kubeconfig: str | None,
    study: str | None,
    namespace: str | None,
    data: bool,
    with_namespace: bool,
    dry_run: bool,
    timeout: float,
    yes: bool,
) -> int:
    """Remove the study of the spec in FILE from a cluster.

    Shows first what goes and what stays, and asks. The volume with data and models stays without
    `--data`, and so do the namespace and the trials in the store. Safe to run again.
    """
    if namespace is not None and study is None:
        raise click.UsageError("`--namespace` is of `--study`; a spec says its own")
    with late():
        place = _place(output, chosen, study, namespace)
        if place is None:
            return exits.INVALID
        from omniforce.targets.platforms.kubernetes.cluster.applying.destroy import destruction
        from omniforce.targets.platforms.kubernetes.cluster.belongings import belongings
        from omniforce.targets.platforms.kubernetes.cluster.client.client import connect

        cluster = connect(context, kubeconfig)
        found = belongings(cluster, *place)
        what = destruction(found, data=data, namespace=with_namespace)
        destroying = _Destroying(output, cluster, place, found, what)
        if not what.goes:
            output.document(destroying.plain(), destroying.nothing())
            return exits.OK
        output.message(destroying.shown())
        if dry_run:
            output.document(destroying.plain() | {"dryRun": True}, "")
            return exits.OK
        if not agreed(f"remove it from {cluster.name}?", yes):
            output.message("nothing was removed")
            return exits.FAILED
        return destroying.run(timeout)


def _place(
    output: Output, chosen: Chosen, study: str | None, namespace: str | None
) -> tuple[str, str] | None:
    """The study's name and namespace."""
    from omniforce.targets.platforms.kubernetes.names import is_label, named, namespace_of

    if study is not None:
        for option, name in (("--study", study), ("--namespace", namespace)):
            if name is not None and not is_label(name):
                raise click.UsageError(f"`{option} {name}` is no name that a cluster could have")
        return study, namespace or named("ofc", study)
    program = compiled(output, load_spec(chosen))
    return None if program is None else (program.name, namespace_of(cast("Any", program)))


@dataclass(frozen=True, slots=True)
class _Destroying:
    output: Output
    cluster: Cluster
    place: tuple[str, str]
    found: Belongings
    what: Destruction

    def run(self, seconds: float) -> int:
        from omniforce.targets.platforms.kubernetes.cluster.applying.destroy import Destroy
        from omniforce.targets.platforms.kubernetes.cluster.applying.gone import NotGone

        with cluster_progress(sys.stderr, self.output.paints(sys.stderr)) as progress:
            try:
                Destroy(seconds).run(self.cluster, self.what, progress)
            except KeyboardInterrupt:
                progress.stage("stopped; run it again to go on")
                return exits.INTERRUPTED
            except NotGone as fault:
                told(self.output, cast("Problem", fault), self.plain())
                return exits.TIMEOUT
        count = plural(len(self.what.goes), "object")
        text = f"{self.place[0]} is gone from {self.cluster.name}: {count} removed\n"
        self.output.document(self.plain(), text)
        return exits.OK

    def nothing(self) -> str:
        study, namespace = self.place
        kept = ", ".join(str(b.reference) for b in self.what.stays)
        said = f"nothing of {study} is in {namespace} on {self.cluster.name}"
        return f"{said}{f' but what stays: {kept}' if kept else ''}\n"

    def shown(self) -> str:
        study, namespace = self.place
        lines = [f"{study} in {namespace} on {self.cluster.name}", "", "goes:"]
        lines += [f"  - {b.reference}" for b in self.what.goes]
        lines += ["", "stays:"]
        lines += [f"    {b.reference}" for b in self.what.stays]
        lines += ["    the trials in the store, and the runs that Kubeflow Pipelines remembers"]
        if any(b.reference.kind == "Namespace" for b in self.what.goes):
            lines += ["", f"all that is in {namespace} goes with it, also what is not of ofc"]
        if self.found.unseen:
            kinds = ", ".join(self.found.unseen)
            lines += ["", f"not looked for, since you may not list them: {kinds}"]
        if self.found.runs:
            lines += ["", f"{study} runs now: its trials are stopped"]
        return "\n".join(lines) + "\n"

    def plain(self) -> dict[str, object]:
        return {
            "study": self.place[0],
            "namespace": self.place[1],
            "cluster": self.cluster.name,
            "running": self.found.runs,
            "removed": [plain_reference(b.reference) for b in self.what.goes],
            "kept": [plain_reference(b.reference) for b in self.what.stays],
        }
