"""`ofc lsp`: serves an editor on stdin and stdout."""

from __future__ import annotations

import signal
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
        from ..lsp.log import log_to_stderr
        from ..lsp.server import serve
    log_to_stderr()
    # Ctrl-C ends it at once: there is nothing to keep, and the thread that reads waits for input.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.stdin.isatty():
        click.echo("ofc lsp talks to an editor, which starts it: docs/editors.md", err=True)
    return exits.OK if serve() else exits.FAILED
