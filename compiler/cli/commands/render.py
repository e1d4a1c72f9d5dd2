"""`ofc render`: a spec with every default written out."""

from __future__ import annotations

import click

from omniforce.spec.plain import to_plain
from omniforce.spec.render import render

from ...diagnostics.json_ import plain_diagnostics
from .. import exits
from ..composition import Chosen, load_spec, sources, spec_options
from ..output import Output, output_options, pass_output


@click.command()
@spec_options
@output_options()
@pass_output
def command(output: Output, chosen: Chosen) -> int:
    """Write the spec in FILE, or omniforce.yaml, with every default and in the long form.

    What is written is a spec again, and means the same.
    """
    loaded = load_spec(chosen)
    output.diagnose(loaded.diagnostics, sources([loaded]))
    found = plain_diagnostics(loaded.diagnostics)
    if loaded.study is None or any(d.is_error for d in loaded.diagnostics):
        output.document({"study": None, "diagnostics": found}, "")
        return exits.INVALID
    if output.format == "json":
        output.document({"study": to_plain(loaded.study), "diagnostics": found}, "")
    else:
        output.document({}, render(loaded))
    return exits.OK
