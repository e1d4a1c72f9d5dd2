"""`ofc plan`: what an apply would change, in objects and in words of the study."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

from ...diagnostics.json_ import plain_diagnostics
from ...lint.leaks import without_leaks
from ...pipeline import compile_study
from .. import exits
from ..cluster.options import cluster_options
from ..composition import (
    PLATFORMS,
    Chosen,
    catalogue,
    load_spec,
    sources,
    spec_options,
)
from ..output import Output, output_options, pass_output
from ..state import late

if TYPE_CHECKING:
    from omniforce.spec.diagnostic import Diagnostic
    from omniforce.spec.load import Loaded
    from omniforce.spec.source import Source
    from omniforce.targets.platforms.kubernetes.cluster.planning.report import Report

    from ...ir.program import Program
    from ...prices import Prices


@click.command()
@spec_options
@cluster_options
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Compare with a folder of `ofc compile`, and ask no cluster.",
)
@click.option("--out", metavar="FILE", help="Keep the plan for `ofc apply FILE`.")
@click.option("--prices", metavar="FILE", help="What the cluster costs, to show money.")
@click.option(
    "--preflight/--no-preflight", default=True, help="Look for what the cluster lacks.  [default]"
)
@click.option("--preflight-only", is_flag=True, help="Look for nothing else.")
@click.option(
    "--prune/--no-prune",
    default=True,
    help="As an apply that removes what the spec has no more.  [default]",
)
@click.option(
    "--force-conflicts", is_flag=True, help="As an apply that takes fields from other managers."
)
@output_options(formats=("text", "json", "markdown"))
@pass_output
def command(
    output: Output,
    chosen: Chosen,
    context: str | None,
    kubeconfig: str | None,
    against: Path | None,
    out: str | None,
    prices: str | None,
    preflight: bool,
    preflight_only: bool,
    prune: bool,
    force_conflicts: bool,
) -> int:
    """Show what `ofc apply` would change on a cluster. Nothing is written there.

    Exit code: 0 where nothing would change, 2 where something would, 1 where an apply would stop.
    """
    _usable(against, out, context, kubeconfig, preflight_only, preflight)
    if out is not None and "-" in chosen.files:
        raise click.UsageError("an apply reads the spec again: name its file where `--out` stands")
    if prices == "-" and "-" in chosen.files:
        raise click.UsageError("`-` stands twice, and standard input is read once")
    loaded = load_spec(chosen)
    compiled = compile_study(loaded, catalogue(), PLATFORMS["kubernetes"]().target)
    compiled = without_leaks(loaded, compiled, chosen.params)
    table, wrong, files = _prices(prices)
    found = (*compiled.diagnostics, *wrong)
    output.diagnose(found, sources([loaded]) | {s.name: s for s in files})
    if compiled.program is None or any(d.is_error for d in wrong):
        output.document({"diagnostics": plain_diagnostics(found)}, _refused(output, loaded, found))
        return exits.INVALID
    asked = _Asked(output, chosen, loaded, compiled.program, table, found)
    with late():
        if preflight_only:
            return asked.preflight(context, kubeconfig)
        if against is not None:
            report = asked.offline(against)
        else:
            wishes = _Wishes(preflight, prune, force_conflicts)
            report = asked.report(context, kubeconfig, wishes)
        asked.show(report)
        if out is not None and report.stops:
            output.message("not kept: an apply of it would stop")
        elif out is not None:
            asked.keep(report, out, force_conflicts)
    if report.stops:
        return exits.FAILED
    return exits.CHANGES if report.plan.changes else exits.OK


def _refused(output: Output, loaded: Loaded, found: tuple[Diagnostic, ...]) -> str:
    """What stdout gets of a spec that is refused: a comment must say why there is no plan."""
    if output.format != "markdown":
        return ""
    from omniforce.targets.platforms.kubernetes.cluster.shown.plan_markdown import (
        refused_markdown,
    )

    name = loaded.study.metadata.name if loaded.study is not None else loaded.source.name
    return refused_markdown(name, cast("Any", found))


def _usable(
    against: Path | None,
    out: str | None,
    context: str | None,
    kubeconfig: str | None,
    preflight_only: bool,
    preflight: bool,
) -> None:
    if against is not None and (context or kubeconfig):
        raise click.UsageError("`--against` asks no cluster: leave `--context` out")
    if against is not None and out is not None:
        raise click.UsageError("a plan against a folder cannot be applied: leave `--out` out")
    if preflight_only and (against is not None or out is not None or not preflight):
        raise click.UsageError("`--preflight-only` makes no plan: leave the other options out")


def _prices(
    path: str | None,
) -> tuple[Prices | None, tuple[Diagnostic, ...], tuple[Source, ...]]:
    if path is None:
        return None, (), ()
    from ...prices import read_prices

    return read_prices(path)


@dataclass(frozen=True, slots=True)
class _Wishes:
    """Which apply is planned, and whether the cluster is looked at first."""

    preflight: bool
    prune: bool
    force: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command line asks for, with what the spec came to.

    Attributes:
        found: what is said of the spec and of the prices, none of it an error.
    """

    output: Output
    chosen: Chosen
    loaded: Loaded
    program: Program
    prices: Prices | None
    found: tuple[Diagnostic, ...]

    def preflight(self, context: str | None, kubeconfig: str | None) -> int:
        """Only what the cluster lacks."""
        from omniforce.targets.platforms.kubernetes.cluster.client.client import connect
        from omniforce.targets.platforms.kubernetes.cluster.preflight import preflight
        from omniforce.targets.platforms.kubernetes.target import objects

        program = cast("Any", self.program)  # see `composition.Platform`
        cluster = connect(context, kubeconfig)
        found = preflight(cluster, program, objects(program))
        self.output.diagnose(found, sources([self.loaded]))
        plain: dict[str, object] = {"study": self.program.name, "against": cluster.name}
        said = "" if found else f"{cluster.name} has all that {self.program.name} needs\n"
        every = plain_diagnostics((*self.found, *found))
        self.output.document(plain | {"diagnostics": every}, said)
        return exits.FAILED if any(d.is_error for d in found) else exits.OK

    def offline(self, directory: Path) -> Report:
        """The plan against a folder."""
        from omniforce.targets.platforms.kubernetes.cluster.planning.offline import Folder
        from omniforce.targets.platforms.kubernetes.cluster.planning.report import make_report

        folder = Folder(directory)
        return make_report(
            folder,
            cast("Any", self.program),  # see `composition.Platform`
            self.loaded.spans,
            members=folder.references,
            prices=cast("Any", self.prices),
            offline=True,
        )

    def report(self, context: str | None, kubeconfig: str | None, wishes: _Wishes) -> Report:
        """The plan against a cluster."""
        from omniforce.targets.platforms.kubernetes.cluster.apply_set import (
            applied_objects,
            members,
        )
        from omniforce.targets.platforms.kubernetes.cluster.applying.prune import pruning
        from omniforce.targets.platforms.kubernetes.cluster.client.client import connect
        from omniforce.targets.platforms.kubernetes.cluster.cluster import reference_of
        from omniforce.targets.platforms.kubernetes.cluster.planning.report import make_report

        program = cast("Any", self.program)
        cluster = connect(context, kubeconfig)
        wanted = tuple(map(reference_of, applied_objects(program)))
        found = pruning(members(cluster, program) if wishes.prune else (), wanted)
        for each in found.stays:
            self.output.message(f"{each} is not in the spec any more, and stays for its data")
        return make_report(
            cluster,
            program,
            self.loaded.spans,
            members=found.goes,
            prices=cast("Any", self.prices),
            force=wishes.force,
            check=wishes.preflight,
        )

    def show(self, report: Report) -> None:
        """In the format that was asked for; preflight's findings as every diagnostic."""
        from omniforce.targets.platforms.kubernetes.cluster.shown.plan_plain import plan_plain

        if self.output.format == "markdown":
            from omniforce.targets.platforms.kubernetes.cluster.shown.plan_markdown import (
                plan_markdown,
            )

            text = plan_markdown(report)
        else:
            from omniforce.targets.platforms.kubernetes.cluster.shown.plan_text import plan_text

            text = plan_text(report, self.output.paints(sys.stdout))
            self.output.diagnose(cast("Any", report.findings), sources([self.loaded]))
        # of the spec as well: in JSON, nothing of it stands on stderr
        every = plain_diagnostics((*self.found, *cast("Any", report.findings)))
        self.output.document(plan_plain(report) | {"diagnostics": every}, text)

    def keep(self, report: Report, path: str, force: bool) -> None:
        """Writes the plan for `ofc apply`."""
        from omniforce.targets.platforms.kubernetes.cluster.apply_set import applied_objects
        from omniforce.targets.platforms.kubernetes.cluster.planning.saved import (
            SavedSpec,
            save,
            saved_text,
        )

        spec = SavedSpec(
            tuple(self.chosen.files),
            tuple(sorted(self.chosen.params.items())),
            tuple(self.chosen.settings),
            self.program.digest,
        )
        new = applied_objects(cast("Any", self.program))
        saved = save(report.plan, self.program.name, spec, new, force=force)
        try:
            Path(path).write_text(saved_text(saved), encoding="utf-8")
        except OSError as error:
            raise Problem(
                "OFC701",
                f"`{path}` cannot be written: {(error.strerror or str(error)).lower()}",
                "name another file",
            ) from error
        self.output.message(f"kept in {path}: `ofc apply {path}` does this, or refuses")
