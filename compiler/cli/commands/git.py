"""`ofc git`: what git calls to compare and to merge specs, and what sets that up."""

from __future__ import annotations

import click

from .. import exits
from ..output import Output, output_options, pass_output


@click.group()
@output_options()
def command() -> None:
    """Help git to compare and merge specs by what they say.

    `ofc git install` sets it up in a repository; git then calls the other two by itself.
    """


@command.command()
@click.argument("file")
@output_options()
@pass_output
def textconv(output: Output, file: str) -> None:
    """Write the spec in FILE in its long form, for `git diff`; as it is where it has errors."""
    from ..git.textconv import long_text

    text = long_text(file)
    output.document({"file": file, "text": text}, text)


@command.command("merge-driver")
@click.argument("base")
@click.argument("ours")
@click.argument("theirs")
@click.argument("path", required=False)
@output_options()
@pass_output
def merge_driver(output: Output, base: str, ours: str, theirs: str, path: str | None) -> int:
    """Merge THEIRS into OURS, which both came from BASE; git calls it with %O %A %B %P.

    Exits with 1 if the same value was changed to two things; the file then has git's markers.
    """
    from ..git.merge_driver import merge_files

    name = path or ours
    made = merge_files(base, ours, theirs, name)
    for line in made.lines:
        output.message(f"{name}: {line}")
    output.document({"file": name, "conflicts": made.conflicts, "how": made.how}, "")
    return exits.FAILED if made.conflicts else exits.OK


@command.command()
@click.option("--dry-run", is_flag=True, help="Shows what would be done.")
@output_options()
@pass_output
def install(output: Output, dry_run: bool) -> None:
    """Have git use ofc for the specs of this repository: .gitattributes and its own config.

    .gitattributes is to be committed; the config is each clone's own.
    """
    from ..git.install import install as install_here

    made = install_here(dry_run=dry_run)
    output.document(
        {"repository": made.root, "attributes": list(made.attributes), "config": dict(made.config)},
        "",
    )
    if output.format == "text":
        for line in made.lines(dry_run=dry_run):
            output.message(line)
