"""`ofc lsp`: serves an editor on stdin and stdout."""

from __future__ import annotations

import logging
import os
import sys

import click

from .. import exits
from ..state import late


@click.command()
@click.option("--stdio", is_flag=True, help="What some editors add; there is no other way.")
def command(stdio: bool) -> int:
    """Serve an editor with the Language Server Protocol, on stdin and stdout.

    An editor starts it; docs/editors.md says how. Needs `pip install 'omniforce[lsp]'`.
    """
    with late():
        from ..lsp.server import serve
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    return exits.OK if serve() else exits.FAILED


class _Line(logging.Formatter):
    """One line for each fault; OFC_DEBUG=1 adds where it came from."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        fault = record.exc_info[1] if record.exc_info else None
        line = f"ofc lsp: {record.getMessage()}"
        if fault is None:
            return line
        if os.environ.get("OFC_DEBUG"):
            return f"{line}\n{self.formatException(record.exc_info or (None, None, None))}"
        return f"{line}: {type(fault).__name__}: {fault}"
