"""`ofc extend`: more budget for a study."""

from __future__ import annotations

import click

from ..access import Place, access_options
from ..deeds import tell
from ..duration import DURATION
from ..output import DATA, Output, output_options, pass_output
from ..state import late

_ABOVE_ZERO = click.FloatRange(0.0, 1e9, min_open=True)


@click.command()
@click.argument("study", required=False)
@click.option("--trials", type=click.IntRange(1, 1_000_000), help="So many more.")
@click.option("--wall-clock", type=DURATION, help="So much longer, as in `1h30m`.")
@click.option("--gpu-hours", type=_ABOVE_ZERO, help="So many more.")
@click.option("--usd", type=_ABOVE_ZERO, help="So much more money.")
@click.option("--kwh", type=_ABOVE_ZERO, help="So much more energy.")
@access_options
@output_options(formats=DATA)
@pass_output
def command(
    output: Output,
    study: str | None,
    trials: int | None,
    wall_clock: float | None,
    gpu_hours: float | None,
    usd: float | None,
    kwh: float | None,
    place: Place,
) -> None:
    """Add to the budget of STUDY; one that has ended for want of it goes on.

    Only what the spec bounds can be extended.
    """
    if not any((trials, wall_clock, gpu_hours, usd, kwh)):
        raise click.UsageError("nothing is added: write `--trials 20`, or another bound")
    with late():
        from omniforce.runtime.steering.steering import Extension

        extension = Extension(
            trials or 0, wall_clock or 0.0, gpu_hours or 0.0, usd or 0.0, kwh or 0.0
        )
        with place.open(study) as access:
            access.extend(extension)
            tell(output, access)
