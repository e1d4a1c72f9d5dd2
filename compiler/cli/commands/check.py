"""`ofc check`: every error of a spec at once, with its place."""

from __future__ import annotations

import click

from ...diagnostics.json_ import plain_diagnostics
from ...pipeline import compile_study
from .. import exits
from ..composition import (
    DEFAULT_SPEC,
    PLATFORMS,
    catalogue,
    load_file,
    params_option,
    sources,
)
from ..output import Output, output_options, pass_output, tally


@click.command()
@click.argument("files", nargs=-1)
@click.option(
    "-f", "--file", "more", multiple=True, metavar="FILE", help="A spec; `-` reads stdin."
)
@params_option
@click.option(
    "--target",
    type=click.Choice(tuple(PLATFORMS)),
    help="Asks this target as well what it cannot express.",
)
@output_options()
@pass_output
def command(
    output: Output,
    files: tuple[str, ...],
    more: tuple[str, ...],
    params: dict[str, str],
    target: str | None,
) -> int:
    """Check specs, FILES or omniforce.yaml, and show every error with its place.

    Exits with 3 if one is refused. Warnings refuse nothing.
    """
    names = (*files, *more) or (DEFAULT_SPEC,)
    asked = PLATFORMS[target]().target if target else None
    known = catalogue()
    loaded = [load_file(name, params) for name in names]
    found = [compile_study(each, known, asked).diagnostics for each in loaded]
    every = tuple(d for each in found for d in each)
    output.diagnose(every, sources(loaded))
    for each, diagnostics in zip(loaded, found, strict=True):
        if output.format == "text" and not any(d.is_error for d in diagnostics):
            output.message(f"{each.source.name}: no errors")
    output.document(
        {
            "files": [
                {
                    "file": each.source.name,
                    "valid": not any(d.is_error for d in diagnostics),
                    "diagnostics": plain_diagnostics(diagnostics),
                }
                for each, diagnostics in zip(loaded, found, strict=True)
            ],
            "summary": tally(every) or "no errors",
        },
        "",
    )
    return exits.INVALID if any(d.is_error for d in every) else exits.OK
