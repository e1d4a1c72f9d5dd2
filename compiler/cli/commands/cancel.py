"""`ofc cancel`: trials that are not to go on."""

from __future__ import annotations

import click

from omniforce.spec.problem import Problem

from ...diagnostics.json_ import plain_diagnostics
from .. import exits
from ..access import Place, access_options
from ..output import DATA, Output, output_options, pass_output
from ..state import late


@click.command()
@click.argument("study")
@click.argument("trials", metavar="TRIAL...", nargs=-1, required=True, type=click.IntRange(0))
@click.option(
    "--end-early", is_flag=True, help="Let them report what they have, which then counts."
)
@access_options
@output_options(formats=DATA)
@pass_output
def command(
    output: Output, study: str, trials: tuple[int, ...], end_early: bool, place: Place
) -> int:
    """End TRIALs of STUDY without a result.

    Their workers are told at the next heartbeat. With `--end-early` a trial gets the stop signal,
    and is completed with the figures that it has by then.
    """
    refused: list[Problem] = []
    done: list[int] = []
    with late(), place.open(study) as access:
        for number in dict.fromkeys(trials):
            try:
                if end_early:
                    access.end_early(number)
                else:
                    access.cancel(number)
                done.append(number)
            except Problem as problem:
                refused.append(problem)
        if refused and not done:
            raise refused[0]
    diagnostics = [problem.diagnostic for problem in refused]
    what = "asked to end" if end_early else "cancelled"
    plain: dict[str, object] = {"study": study, "endEarly": end_early, "trials": done}
    if diagnostics:
        plain["diagnostics"] = plain_diagnostics(diagnostics)
    output.diagnose(diagnostics, {})
    output.document(plain, f"{what}: {', '.join(map(str, done))}\n")
    return exits.FAILED if refused else exits.OK
