"""`ofc version`: what is installed."""

from __future__ import annotations

import platform

import click

from omniforce.spec.blocks.study import API_VERSION

from ...version import VERSION
from ..output import Output, output_options, pass_output


@click.command()
@output_options()
@pass_output
def command(output: Output) -> None:
    """Show the version of ofc, of Python, and of the language that it reads."""
    python = platform.python_version()
    output.document(
        {"version": VERSION, "python": python, "apiVersion": API_VERSION},
        f"ofc {VERSION} (Python {python}, reads {API_VERSION})\n",
    )
