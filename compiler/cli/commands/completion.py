"""`ofc completion`: what a shell needs to complete `ofc`."""

from __future__ import annotations

import click

from ..output import Output, output_options, pass_output

SHELLS = ("bash", "fish", "zsh")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@output_options()
@pass_output
def command(output: Output, shell: str) -> None:
    r"""Write the completion script of SHELL.

    \b
    bash:  eval "$(ofc completion bash)"
    zsh:   eval "$(ofc completion zsh)"
    fish:  ofc completion fish | source
    """
    from click.shell_completion import get_completion_class

    from ..main import ofc

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    output.raw(kind(ofc, {}, "ofc", "_OFC_COMPLETE").source() + "\n")
