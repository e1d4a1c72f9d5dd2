"""`ofc schema`: the JSON Schema of a spec, for editors."""

from __future__ import annotations

import json

import click

from omniforce.spec.json_schema.kinds import SchemaKind, schema_of
from omniforce.spec.versions import LATEST, VERSIONS
from omniforce.spec.versions.older_schema import older_schema

from ..output import Output, output_options, pass_output

SHORT = {version.rpartition("/")[2]: version for version in VERSIONS}


@click.command()
@click.option(
    "--kind",
    type=click.Choice(("spec", "overlay", "template")),
    default="spec",
    show_default=True,
    help="Of which documents; an overlay's does for a spec that is made of templates.",
)
@click.option(
    "--version",
    type=click.Choice(tuple(SHORT)),
    default=LATEST.rpartition("/")[2],
    show_default=True,
    help="The version of the language.",
)
@output_options()
@pass_output
def command(output: Output, kind: SchemaKind, version: str) -> None:
    """Write the JSON Schema of a spec, draft-07; it is JSON in both formats."""
    schema = schema_of(kind)
    if SHORT[version] != LATEST:
        if kind == "template":
            raise click.UsageError(f"templates are of the newest version: leave `{version}` out")
        schema = older_schema(schema, SHORT[version])
    output.raw(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
