"""`ofc migrate`: specs in the newest version of the language."""

from __future__ import annotations

import click

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.source import Source
from omniforce.spec.versions import LATEST, Migration, migrate, read_document
from omniforce.spec.versions.old_keys import by_hand

from ..output import Output, output_options, pass_output
from ..rewriting import Mode, Rewritten, finish, read_all, rewriting_options


@click.command()
@click.option(
    "--to",
    type=click.Choice((LATEST.rpartition("/")[2], LATEST)),
    default=LATEST.rpartition("/")[2],
    help="The version; only the newest can be written.",
)
@rewriting_options
@output_options()
@pass_output
def command(output: Output, files: tuple[str, ...], mode: Mode, to: str) -> int:
    """Bring specs to the newest version of the language: FILES, folders, or omniforce.yaml.

    Only what is written otherwise is changed; comments and layout stay.
    """
    return finish(output, [_migrated(each) for each in read_all(files)], mode, "migrated")


def _migrated(read: Source | Rewritten) -> Rewritten:
    if isinstance(read, Rewritten):
        return read
    made = migrate(read)
    if made is None:
        return Rewritten(read, read.text, read_document(read)[1])
    refused = (*_unknown(read, made), *map(by_hand, made.by_hand))
    return Rewritten(
        read,
        read.text if refused else made.applied(read.text),
        refused,
        (("before", made.before or None), ("after", made.after)),
        ()
        if not made.edits
        else (
            f"{made.before or 'no version'} to {made.after}",
            *(f"line {span.line}: {old} is now {new}" for old, new, span in made.renamed),
        ),
    )


def _unknown(source: Source, made: Migration) -> tuple[Diagnostic, ...]:
    """The error of a version that cannot be read."""
    if made.before:
        return ()
    return tuple(d for d in read_document(source)[1] if d.code == "OFC110")
