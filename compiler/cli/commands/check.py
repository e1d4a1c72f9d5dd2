"""`ofc check`: every error of a spec at once, with its place."""

from __future__ import annotations

import click

from omniforce.spec.diagnostic import Diagnostic, Severity
from omniforce.spec.load import Loaded

from ...diagnostics.json_ import plain_diagnostics
from ...pipeline import compile_study
from .. import exits
from ..composition import (
    PLATFORMS,
    Chosen,
    catalogue,
    load_spec,
    sources,
    specs_options,
)
from ..output import FORMATS, Output, output_options, pass_output, tally


@click.command()
@specs_options
@click.option(
    "--target",
    type=click.Choice(tuple(PLATFORMS)),
    help="Asks this target as well what it cannot express.",
)
@output_options(formats=FORMATS)
@pass_output
def command(
    output: Output,
    chosen: tuple[Chosen, ...],
    target: str | None,
) -> int:
    """Check specs, FILES or omniforce.yaml, and show every error with its place.

    What `-f` names is one spec: the first file, with the others laid over it.

    Exits with 3 if one is refused. Warnings refuse nothing. `ofc lint` gives advice as well.
    """
    asked = PLATFORMS[target]().target if target else None
    known = catalogue()
    loaded = [load_spec(each) for each in chosen]
    found = [_told(compile_study(each, known, asked).diagnostics, each) for each in loaded]
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


def _told(found: tuple[Diagnostic, ...], loaded: Loaded) -> tuple[Diagnostic, ...]:
    """Errors, and the warnings that no comment takes back."""
    told = tuple(d for d in found if d.severity is not Severity.NOTE)
    if all(d.is_error for d in told) or not any("ofc:" in s.text for s in loaded.sources):
        return told
    # Only now, since a spec without warnings need not be read for comments.
    from ...lint.suppressions import apply, suppressions

    return apply(told, suppressions(loaded.sources)).kept
