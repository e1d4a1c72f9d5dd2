"""`ofc init`: a commented spec to start from."""

from __future__ import annotations

import os
from pathlib import Path

import click

from omniforce.spec.problem import Problem

from ..composition import DEFAULT_SPEC
from ..output import Output, output_options, pass_output

STARTER = Path(__file__).parent.parent / "starter.yaml"


@click.command()
@click.argument("file", default=DEFAULT_SPEC)
@click.option("--force", is_flag=True, help="Overwrites FILE.")
@output_options()
@pass_output
def command(output: Output, file: str, force: bool) -> None:
    """Write a commented spec to FILE that passes `ofc check`; `-` writes it to stdout."""
    text = STARTER.read_text(encoding="utf-8")
    if file == "-":
        output.document({"file": file, "text": text}, text)
        return
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        with open(os.open(file, flags, 0o666), "w", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise Problem(
            "OFC702",
            f"`{file}` exists already",
            "name another file, or add `--force`",
        ) from None
    except OSError as fault:
        why = (fault.strerror or str(fault)).lower()
        raise Problem("OFC701", f"`{file}` cannot be written: {why}", "name another file") from None
    output.document({"file": file}, "")
    if output.format == "text":
        output.message(f"wrote {file}: check it with `ofc check {file}`, run it with `ofc run`")
