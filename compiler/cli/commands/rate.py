"""`ofc rate`: what a person thinks of a trial."""

from __future__ import annotations

import math

import click

from ..access import Place, access_options
from ..output import DATA, Output, output_options, pass_output
from ..state import late


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("study")
@click.argument("trial", type=click.IntRange(0))
@click.argument("rating", required=False, type=float)
@click.option("--clear", is_flag=True, help="Take the rating back.")
@access_options
@output_options(formats=DATA)
@pass_output
def command(
    output: Output, study: str, trial: int, rating: float | None, clear: bool, place: Place
) -> None:
    """Say what you think of a TRIAL of STUDY, as a number such as 4.5.

    `ofc trials --where 'rating >= 4'` finds it again, and `ofc export` writes it.
    """
    if (rating is None) != clear:
        raise click.UsageError("write a rating, or `--clear`")
    if rating is not None and not math.isfinite(rating):
        raise click.UsageError(f"`{rating}` is no rating: write a number such as 4.5")
    with late(), place.open(study) as access:
        access.rate(trial, rating)
    said = "not rated any more" if rating is None else f"rated {rating:g}"
    output.document({"study": study, "trial": trial, "rating": rating}, f"trial {trial}: {said}\n")
