"""`ofc schema`: the JSON Schema of a spec, for editors."""

from __future__ import annotations

import json

import click

from omniforce.spec.schema_kinds import SchemaKind, schema_of

from ..output import Output, output_options, pass_output


@click.command()
@click.option(
    "--kind",
    type=click.Choice(("spec", "overlay", "template")),
    default="spec",
    show_default=True,
    help="Of which documents; an overlay's does for a spec that is made of templates.",
)
@output_options()
@pass_output
def command(output: Output, kind: SchemaKind) -> None:
    """Write the JSON Schema of a spec, draft-07; it is JSON in both formats."""
    output.raw(json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n")
