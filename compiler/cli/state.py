"""What the commands that read or write `.ofc` have in common."""

from __future__ import annotations

import getpass
import os
import platform
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click

dir_option = click.option(
    "--dir",
    "root",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".ofc"),
    show_default=True,
    help="Where studies are kept.",
)


def actor() -> str:
    """Who gives a command, for the record of a study: `alice@laptop`."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a user of a container without a name
        user = str(os.getuid())
    return f"{user}@{platform.node() or 'localhost'}"[:253]


@contextmanager
def late() -> Generator[None, None, None]:
    """Says which extra to install where the block imports what is not there.

    Raises:
        Problem: with the command that installs it.
    """
    try:
        yield
    except ImportError as error:
        from omniforce.runtime.trial.load import EXTRAS, missing_module

        if (error.name or "").partition(".")[0] not in EXTRAS:
            raise
        raise missing_module(error) from error
