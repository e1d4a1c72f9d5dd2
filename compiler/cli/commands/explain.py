"""`ofc explain`: the page of a diagnostic's code."""

from __future__ import annotations

import click

from ...diagnostics.codes import CODES
from ...diagnostics.page import page
from ..output import Output, output_options, pass_output


@click.command()
@click.argument("code", required=False)
@output_options()
@pass_output
def command(output: Output, code: str | None) -> None:
    """Explain CODE, such as OFC203: what it is, why it matters, and what to write instead.

    Without CODE, list them all.
    """
    if code is None:
        listed = [{"code": c, "title": t} for c, t in CODES.items()]
        output.document({"codes": listed}, "".join(f"{c}  {t}\n" for c, t in CODES.items()))
        return
    wanted = code.upper() if code.upper().startswith("OFC") else f"OFC{code}"
    text = page(wanted)
    if text is None:
        from omniforce.spec.readers import nearest

        meant = nearest(wanted, CODES)
        hint = f"did you mean {meant}?" if meant else "`ofc explain` lists them"
        raise click.UsageError(f"there is no code {code}: {hint}")
    output.document({"code": wanted, "title": CODES.get(wanted, ""), "page": text}, text)
