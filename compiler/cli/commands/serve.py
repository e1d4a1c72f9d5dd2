"""`ofc serve`: the chosen model of a study behind KServe's server, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path

import click

from .. import exits
from ..output import Output, output_options, pass_output
from ..state import dir_option, late


@click.command()
@click.argument("study", required=False)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="0 takes a free one.",
)
@dir_option
@output_options()
@pass_output
def command(output: Output, study: str | None, host: str, port: int, root: Path) -> int:
    """Serve the model of STUDY with the Open Inference Protocol v2, until Ctrl-C."""
    with late():
        from omniforce.runtime.local.release import chosen
        from omniforce.runtime.local.shown import find_home
        from omniforce.runtime.models.listen import address_of, listen
        from omniforce.runtime.models.serve import existing, serve

        home = find_home(root, study)
        model = existing(chosen(home).directory)
        with listen(host, port) as listening:
            address = f"{address_of(listening)}/v2/models/{home.study}/infer"
            output.document(
                {"study": home.study, "model": str(model), "url": address},
                f"{address}\n",
            )
            output.flush()
            try:
                serve(model, home.study, listening)
            except KeyboardInterrupt:
                return exits.INTERRUPTED
    return exits.OK
