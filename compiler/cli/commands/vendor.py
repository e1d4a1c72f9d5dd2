"""`ofc vendor`: the templates of a spec, fetched, copied beside it and pinned."""

from __future__ import annotations

import click

from ...diagnostics.json_ import plain_diagnostics
from .. import exits
from ..composition import Chosen, load_spec, sources, spec_options
from ..output import Output, output_options, pass_output


@click.command()
@spec_options
@click.option(
    "--check",
    "check_only",
    is_flag=True,
    help="Asks no network and writes nothing; fails where a copy is not what is pinned.",
)
@click.option("--update", is_flag=True, help="Takes over what has moved since it was pinned.")
@click.option("--prune", is_flag=True, help="Removes the copies that this spec does not use.")
@output_options()
@pass_output
def command(output: Output, chosen: Chosen, check_only: bool, update: bool, prune: bool) -> int:
    """Fetch the templates of the spec in FILE, or omniforce.yaml, and pin them.

    The copies go to `vendor/` beside the spec, their digests into `ofc.lock` there. Commit both:
    no other command asks the network for a template.
    """
    if check_only and (update or prune):
        raise click.UsageError("`--check` writes nothing: leave `--update` and `--prune` out")
    if check_only:
        return _check(output, chosen)
    from ...templates.fetch import fetch
    from ...templates.vendor import FetchingFolder

    folder = FetchingFolder(chosen.folder, fetch, update=update)
    loaded = load_spec(chosen, folder)
    if loaded.document is None:
        output.diagnose(loaded.diagnostics, sources([loaded]))
        output.document({"diagnostics": plain_diagnostics(loaded.diagnostics)}, "")
        return exits.INVALID
    done = folder.vendored
    pruned = folder.prune() if prune else ()
    lines = [f"{v.state:<9}  {v.reference}  ({v.pin.path}, {v.pin.revision[:19]})" for v in done]
    lines += [f"removed    {reference}" for reference in pruned]
    plain = {
        "templates": [
            {
                "reference": v.reference,
                "state": v.state,
                "path": v.pin.path,
                "digest": v.pin.digest,
                "revision": v.pin.revision,
            }
            for v in done
        ],
        "removed": list(pruned),
    }
    output.document(plain, "".join(f"{line}\n" for line in lines))
    if not lines:
        output.message(f"{loaded.source.name}: no templates from elsewhere")
    return exits.OK


def _check(output: Output, chosen: Chosen) -> int:
    loaded = load_spec(chosen)
    found = loaded.diagnostics if loaded.document is None else ()
    output.diagnose(found, sources([loaded]))
    output.document(
        {
            "templates": [{"reference": u.name, "digest": u.digest} for u in loaded.templates],
            "diagnostics": plain_diagnostics(found),
        },
        "",
    )
    if found:
        return exits.INVALID
    if output.format == "text":
        output.message(f"{loaded.source.name}: every template is what is pinned")
    return exits.OK
