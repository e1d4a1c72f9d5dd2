"""`ofc check`: every error of a spec at once, with its place."""

from __future__ import annotations

import click

from omniforce.spec.source import Source

from ...diagnostics.json_ import plain_diagnostics
from ...diagnostics.width import visible
from .. import exits
from ..batch import FEW, batch_options, each
from ..checking import Checked, Question, check
from ..composition import PLATFORMS, Chosen, specs_options
from ..memory import Memory
from ..output import FORMATS, Output, output_options, pass_output, tally


@click.command()
@specs_options
@click.option(
    "--target",
    type=click.Choice(tuple(PLATFORMS)),
    help="Asks this target as well what it cannot express.",
)
@batch_options
@output_options(formats=FORMATS)
@pass_output
def command(
    output: Output,
    chosen: tuple[Chosen, ...],
    target: str | None,
    jobs: int,
    fresh: bool,
) -> int:
    """Check specs, FILES or omniforce.yaml, and show every error with its place.

    What `-f` names is one spec: the first file, with the others laid over it. Of many specs, those
    that were good before and have not changed are not looked at again.

    Exits with 3 if one is refused. Warnings refuse nothing. `ofc lint` gives advice as well.
    """
    found = _checked([Question(each, target) for each in chosen], jobs, fresh)
    every = tuple(d for each in found for d in each.diagnostics)
    # A report names the files without findings as well.
    looked_at = {one.name: Source(one.name, "") for one in found}
    looked_at |= {source.name: source for one in found for source in one.sources}
    output.diagnose(every, looked_at)
    for one in found:
        if output.format == "text" and one.valid:
            output.message(f"{visible(one.name)}: no errors")
    output.document(
        {
            "files": [
                {
                    "file": one.name,
                    "valid": one.valid,
                    "diagnostics": plain_diagnostics(one.diagnostics),
                }
                for one in found
            ],
            "summary": tally(every) or "no errors",
        },
        "",
    )
    return exits.INVALID if any(d.is_error for d in every) else exits.OK


def _checked(questions: list[Question], jobs: int, fresh: bool) -> list[Checked]:
    if len(questions) < FEW:
        return [check(question) for question in questions]
    first = questions[0]
    task = ("check", first.target or "", repr(sorted(first.chosen.params.items())))
    memory = Memory.of(*task, *first.chosen.settings)
    keys = ["\n".join(q.chosen.files) for q in questions]
    known = {k for k in keys if not fresh and memory.unchanged(k)}
    new = [q for q, key in zip(questions, keys, strict=True) if key not in known]
    answers = each(check, new, jobs)
    found = [
        Checked(q.chosen.files[0]) if key in known else next(answers)
        for q, key in zip(questions, keys, strict=True)
    ]
    memory.keep({k: one.read for k, one in zip(keys, found, strict=True) if one.read})
    return found
