"""`ofc schema`: the JSON Schema of a spec, for editors."""

from __future__ import annotations

import json

import click

from omniforce.spec.schema import json_schema

from ..output import Output, output_options, pass_output


@click.command()
@output_options()
@pass_output
def command(output: Output) -> None:
    """Write the JSON Schema of a spec, draft-07; it is JSON in both formats."""
    output.raw(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
