"""`ofc compile`: the manifests of specs, as folders or as one stream."""

from __future__ import annotations

from collections.abc import Mapping

import click

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.problem import Problem
from omniforce.spec.source import Source

from ...output_folder import OutputFolder, Written
from .. import exits
from ..batch import FEW, batch_options, each
from ..compile_report import report, stream, summary, traced
from ..compiling import Made, Task, Wanted, make
from ..composition import PLATFORMS, Chosen, specs_options
from ..layouts import LayoutOptions, layout_options
from ..output import FORMATS, REPORTS, Output, output_options, pass_output
from ..unchanged import key_of, memory_of, standing, to_remember

STREAM = "-"


def read_target(context: click.Context, parameter: click.Parameter, name: str) -> str:
    """A target's name; `cdk8s` is told its way, since it is no target but a library."""
    if name == "cdk8s":
        raise click.UsageError(
            "`cdk8s` compiles inside your own app: "
            "`from omniforce.targets.platforms.cdk8s import Study`, see docs/targets.md"
        )
    return str(click.Choice(tuple(PLATFORMS)).convert(name, parameter, context))


@click.command()
@specs_options
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    default="dist",
    show_default=True,
    help="Where the files go; `-` writes one YAML stream to stdout.",
)
@click.option(
    "--target",
    default="kubernetes",
    show_default=True,
    callback=read_target,
    help=f"Who runs it: {', '.join(PLATFORMS)}.",
)
@layout_options
@click.option("--provenance", is_flag=True, help="Writes what the output was made from (SLSA v1).")
@click.option("--sbom", type=click.Choice(("spdx", "cyclonedx")), help="Lists what it consists of.")
@click.option("--trace", is_flag=True, help="Shows on stderr what each pass changed.")
@click.option("--locked", is_flag=True, help="Fails where the output differs from DIR/ofc.lock.")
@click.option("--force", is_flag=True, help="Overwrites files in DIR that ofc did not write.")
@batch_options
@output_options("--format", formats=FORMATS)
@pass_output
def command(
    output: Output,
    chosen: tuple[Chosen, ...],
    folder: str,
    target: str,
    layout: LayoutOptions,
    provenance: bool,
    sbom: str | None,
    trace: bool,
    locked: bool,
    force: bool,
    jobs: int,
    fresh: bool,
) -> int:
    """Make the manifests of the specs FILES, or of omniforce.yaml.

    The same spec gives the same bytes. DIR/ofc.lock lists what was written; the next run removes
    what is not needed any more, and touches nothing else. Each of several specs gets a folder of
    its own, DIR/<study>.

    `-o` is the folder here, so JSON and the reports for CI are `--format json`.
    """
    if not folder:
        raise click.UsageError("`-o` names no folder: write `-o dist`, or `-o .` for this one")
    if locked and folder == STREAM:
        raise click.UsageError("`--locked` compares with a folder: name it with `-o DIR`")
    if folder == STREAM and (provenance or sbom or layout.name):
        raise click.UsageError("a layout and attestations are folders: name one with `-o DIR`")
    wanted = Wanted(target, layout.read(folder, target), provenance, sbom, trace)
    tasks = [Task(spec, wanted) for spec in chosen]
    several = len(tasks) > 1
    known = len(tasks) >= FEW and folder != STREAM and not (trace or force)
    memory = memory_of(tasks[0], folder) if known else None
    stand = [standing(memory, t) if memory and not fresh else None for t in tasks]
    making = each(make, [t for t, s in zip(tasks, stand, strict=True) if s is None], jobs)
    reports: list[dict[str, object]] = []
    taken: dict[str, str] = {}
    found: list[Diagnostic] = []
    sources: dict[str, Source] = {}
    good: dict[str, Mapping[str, str]] = {}
    streamed = ""
    for task, still in zip(tasks, stand, strict=True):
        made = still.made if still else next(making)
        _tell(output, made)
        found += made.diagnostics
        sources |= {source.name: source for source in made.sources}
        place, written = folder, None
        if made.lock is not None and folder == STREAM:
            streamed += stream(made.files)
        elif made.lock is not None:
            name = made.lock.study
            place = _place(folder, task.chosen, name, taken) if several else folder
            written = (
                still.written
                if still
                else OutputFolder(place).write(
                    made.files, made.lock, yours=made.yours, locked=locked, force=force
                )
            )
            _sum_up(output, made, place, written, noted=len(tasks) < FEW)
            if read := to_remember(made, place):
                good[key_of(task)] = read
        told = report(made, target, place, written)
        told |= {"contents": dict(made.files)} if made.lock and folder == STREAM else {}
        reports.append(told)
    if memory is not None:
        memory.keep(good)
    if output.format in REPORTS:  # one for the whole run
        output.diagnose(found, sources)
    output.document({"studies": reports} if several else reports[0], streamed)
    return exits.INVALID if any(r["study"] is None for r in reports) else exits.OK


def _place(folder: str, chosen: Chosen, study: str, taken: dict[str, str]) -> str:
    """The folder of one of several specs.

    Raises:
        Problem: another one has it.
    """
    other = taken.setdefault(study, chosen.files[0])
    if other != chosen.files[0]:
        raise Problem(
            "OFC604",
            f"`{other}` and `{chosen.files[0]}` are both called `{study}`",
            "give one of them another `metadata.name`, or compile them into folders of their own",
        )
    return f"{folder}/{study}"


def _tell(output: Output, made: Made) -> None:
    for one in made.trace:
        from ...lint.redaction import text_without_secrets

        output.message(text_without_secrets(traced(one), made.sources))
    if output.format not in REPORTS:
        output.diagnose(made.diagnostics, {source.name: source for source in made.sources})


def _sum_up(output: Output, made: Made, place: str, written: Written, *, noted: bool) -> None:
    if output.format == "text":
        output.message(summary(place, written))
        for note in made.notes if noted else ():
            output.message(f"note: {note}")
