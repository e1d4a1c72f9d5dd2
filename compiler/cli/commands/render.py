"""`ofc render`: a spec with every default written out."""

from __future__ import annotations

import click

from omniforce.spec.load import Loaded
from omniforce.spec.plain.values import to_plain
from omniforce.spec.render import render

from ...diagnostics.json_ import plain_diagnostics
from .. import exits
from ..composition import Chosen, catalogue, load_spec, sources, spec_options
from ..output import Output, output_options, pass_output

WIDEST = 60
"""Characters of a line before the column of origins gives way."""


@click.command()
@spec_options
@click.option("--origins", is_flag=True, help="Says behind each line what set its value.")
@click.option("--why", is_flag=True, help="Says above it what was chosen for you, and why.")
@output_options()
@pass_output
def command(output: Output, chosen: Chosen, origins: bool, why: bool) -> int:
    """Write the spec in FILE, or omniforce.yaml, with every default and in the long form.

    What is written is a spec again, and means the same: overlays, settings and templates are in it.
    """
    loaded = load_spec(chosen)
    output.diagnose(loaded.diagnostics, sources([loaded]))
    found = plain_diagnostics(loaded.diagnostics)
    if loaded.study is None or any(d.is_error for d in loaded.diagnostics):
        output.document({"study": None, "diagnostics": found}, "")
        return exits.INVALID
    reasons = _reasons(loaded) if why else ()
    if output.format == "json":
        plain: dict[str, object] = {"study": to_plain(loaded.study), "diagnostics": found}
        plain |= {"origins": _plain_origins(loaded)} if origins else {}
        plain |= {"why": [{"pass": name, "note": note} for name, note in reasons]} if why else {}
        output.document(plain, "")
    else:
        text = _with_origins(loaded) if origins else render(loaded)
        output.document({}, "".join(f"# {name}: {note}\n" for name, note in reasons) + text)
    return exits.OK


def _reasons(loaded: Loaded) -> tuple[tuple[str, str], ...]:
    """What each pass of the compiler chose and why, for what the spec leaves open."""
    from ...pipeline import compile_study

    compiled = compile_study(loaded, catalogue())
    return tuple((each.name, note) for each in compiled.trace for note in each.notes)


def _with_origins(loaded: Loaded) -> str:
    """The long form with what set each value behind it, as comments in one column."""
    from omniforce.spec.layers.origins import origins

    made = origins(loaded)
    column = min(max((len(line.text) for line, origin in made if origin), default=0), WIDEST)
    rows = (
        f"{line.text:<{column}}  # {origin.text}" if origin else line.text for line, origin in made
    )
    return "".join(f"{row}\n" for row in rows)


def _plain_origins(loaded: Loaded) -> list[object]:
    from omniforce.spec.layers.origins import Origin, origins

    def plain(origin: Origin) -> dict[str, object]:
        return {
            "kind": origin.kind,
            "file": origin.place.file if origin.place else None,
            "line": origin.place.line if origin.place else None,
            "column": origin.place.column if origin.place else None,
            "params": {name: plain(each) for name, each in origin.params},
            "text": origin.text,
        }

    return [
        {"path": list(line.path), **plain(origin)} for line, origin in origins(loaded) if origin
    ]
