"""`ofc lint`: advice on specs, on top of all that `ofc check` says."""

from __future__ import annotations

import click

from omniforce.spec.diagnostic import Severity, about

from ...diagnostics.codes import CODES
from ...diagnostics.json_ import plain_diagnostics
from ...diagnostics.report import Suppressed, at_least
from ...diagnostics.width import visible
from ...lint.linter import Selection, lint
from ...pipeline import compile_study
from .. import exits
from ..composition import PLATFORMS, Chosen, catalogue, load_document, specs_options
from ..output import FORMATS, Output, output_options, pass_output, plural, tally

SEVERITIES = {s.value: s for s in (Severity.NOTE, Severity.WARNING, Severity.ERROR)}


def read_codes(
    context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """`--select OFC90,OFC911` as beginnings of codes; a usage error where no code begins so."""
    codes = tuple(c.strip().upper() for text in texts for c in text.split(",") if c.strip())
    for code in codes:
        if not any(known.startswith(code) for known in CODES):
            raise click.UsageError(f"no code begins with `{code}`: `ofc explain` lists them")
    return codes


@click.command()
@specs_options
@click.option(
    "--target",
    type=click.Choice(tuple(PLATFORMS)),
    help="Asks this target as well what it cannot express.",
)
@click.option(
    "--select", multiple=True, metavar="CODES", callback=read_codes, help="Only these findings."
)
@click.option(
    "--ignore", multiple=True, metavar="CODES", callback=read_codes, help="All but these findings."
)
@click.option(
    "--fail-on",
    type=click.Choice(tuple(SEVERITIES)),
    default="error",
    show_default=True,
    help="The least severity that makes the exit code 3.",
)
@output_options(formats=FORMATS)
@pass_output
def command(
    output: Output,
    chosen: tuple[Chosen, ...],
    target: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
) -> int:
    """Give advice on specs, FILES or omniforce.yaml, after all that `ofc check` would say.

    CODES are codes or their beginnings, as in `--select OFC90,OFC911`. A comment takes a finding
    back, on its line or above it, and says why:

        # ofc: ignore[OFC911] because the image is built in the same pipeline
    """
    asked = PLATFORMS[target]().target if target else None
    loaded = [load_document(each) for each in chosen]
    known, selection = catalogue(), Selection(select, ignore)
    linted = [lint(each, compile_study(each, known, asked), selection) for each in loaded]
    every = tuple(
        d
        for each, of in zip(linted, loaded, strict=True)
        for d in about(of.source.name, each.diagnostics)
    )
    taken = tuple(s for each in linted for s in each.suppressed)
    sources = {name: source for each in linted for name, source in each.sources.items()}
    fails = SEVERITIES[fail_on]
    output.diagnose(every, sources, taken, fails)
    output.document(
        {
            "files": [
                {
                    "file": each.source.name,
                    "diagnostics": plain_diagnostics(found.diagnostics),
                    "suppressed": [_suppressed(s) for s in found.suppressed],
                }
                for each, found in zip(loaded, linted, strict=True)
            ],
            "summary": tally(every) or "no findings",
        },
        "",
    )
    if output.format == "text":
        _say(output, [each.source.name for each in loaded], every, taken)
    return exits.INVALID if any(at_least(d.severity, fails) for d in every) else exits.OK


def _suppressed(each: Suppressed) -> dict[str, object]:
    (diagnostic,) = plain_diagnostics([each.diagnostic])
    return {**diagnostic, "reason": each.reason}


def _say(
    output: Output, names: list[str], every: tuple[object, ...], taken: tuple[Suppressed, ...]
) -> None:
    where = visible(names[0]) if len(names) == 1 else plural(len(names), "spec")
    if not every:
        output.message(f"{where}: no findings")
    if taken:
        output.message(f"{plural(len(taken), 'finding')} suppressed by a comment")
