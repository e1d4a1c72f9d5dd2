"""`ofc export`: the trials of a study as a file, or as a study of Optuna's."""

from __future__ import annotations

from pathlib import Path

import click

from ..access import Place, access_options
from ..output import DATA, Output, output_options, pass_output, plural
from ..state import late


@click.command()
@click.argument("study", required=False)
@click.option(
    "--to",
    "target",
    required=True,
    metavar="FILE|URL",
    help="FILE.parquet, FILE.csv or FILE.json; or an Optuna storage, as sqlite:///optuna.db.",
)
@click.option(
    "--table",
    type=click.Choice(("trials", "curves")),
    default="trials",
    show_default=True,
    help="A row a trial, or one for each figure that trials pushed; for files.",
)
@click.option("--name", help="What the study is called in Optuna.  [default: its own name]")
@click.option("--force", is_flag=True, help="Replace the file, or the study of that name.")
@access_options
@output_options(formats=DATA)
@pass_output
def command(
    output: Output,
    study: str | None,
    target: str,
    table: str,
    name: str | None,
    force: bool,
    place: Place,
) -> None:
    """Write the trials of STUDY, or of the study that was touched last, for other tools.

    A file has typed columns: facts, `parameter.<name>`, `metric.<key>` in base units. A storage is
    written by Optuna itself, which then loads, plots and goes on with it.
    """
    is_storage = "://" in target
    if is_storage and table != "trials":
        raise click.UsageError("`--table curves` is for files: a storage has both")
    if not is_storage and name is not None:
        raise click.UsageError("`--name` is for a storage: a file has the name that it is given")
    with late():
        from omniforce.runtime.exchange.study_copy import copy_of

        with place.open(study) as access:
            copy = copy_of(access)
        if is_storage:
            from omniforce.runtime.exchange.to_optuna import write_optuna

            written = write_optuna(copy, target, name, force)
            for note in written.notes:
                output.message(f"note: {note}")
            where, called, rows = written.place, written.study, written.trials
        else:
            from omniforce.runtime.exchange.table_file import write_table
            from omniforce.runtime.exchange.trial_table import curve_table, trial_table

            made = trial_table(copy) if table == "trials" else curve_table(copy.curve)
            write_table(made, Path(target), force)
            where, called, rows = target, copy.record.name, len(made.rows)
    what = "trial" if table == "trials" else "row"
    output.document(
        {"study": copy.record.name, "to": where, "name": called, "table": table, "rows": rows},
        f"{plural(rows, what)} of `{copy.record.name}` in {where}\n",
    )
