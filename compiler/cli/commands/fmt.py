"""`ofc fmt`: specs in house form."""

from __future__ import annotations

import click

from omniforce.spec.formatting.formatter import format_source
from omniforce.spec.source import Source

from ..output import Output, output_options, pass_output
from ..rewriting import Mode, Rewritten, finish, read_all, rewriting_options


@click.command()
@rewriting_options
@output_options()
@pass_output
def command(output: Output, files: tuple[str, ...], mode: Mode) -> int:
    """Put specs into house form: FILES, folders with specs, or omniforce.yaml.

    Comments stay, and so does what a spec means. `-` reads stdin and writes stdout. A file with
    errors is formatted as well, as long as it is YAML.
    """
    return finish(output, [_formatted(each) for each in read_all(files)], mode, "formatted")


def _formatted(read: Source | Rewritten) -> Rewritten:
    if isinstance(read, Rewritten):
        return read
    made = format_source(read)
    return Rewritten(read, made) if isinstance(made, str) else Rewritten(read, read.text, made)
