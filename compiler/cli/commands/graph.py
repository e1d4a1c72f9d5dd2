"""`ofc graph`: the program of a spec as a drawing."""

from __future__ import annotations

from dataclasses import replace

import click

from omniforce.spec.load import Loaded

from ...diagnostics.json_ import plain_diagnostics
from ...graph.diagram import Diagram, diagram_of
from ...lint.redaction import text_without_secrets
from ...pipeline import compile_study
from .. import exits
from ..composition import Chosen, catalogue, load_spec, sources, spec_options
from ..output import Output, output_options, pass_output


@click.command()
@spec_options
@output_options(formats=("mermaid", "svg", "json"))
@pass_output
def command(output: Output, chosen: Chosen) -> int:
    """Draw the program of the spec in FILE, or omniforce.yaml: its steps, and what they hand on.

    As Mermaid, for a block of code in Markdown, or with `-o svg > flow.svg` as a picture.
    """
    loaded = load_spec(chosen)
    compiled = compile_study(loaded, catalogue())
    if compiled.program is None:
        errors = tuple(d for d in compiled.diagnostics if d.is_error)
        output.diagnose(errors, sources([loaded]))
        output.document({"diagnostics": plain_diagnostics(errors)}, "")
        return exits.INVALID
    diagram = _without_secrets(diagram_of(compiled.program), loaded)
    output.document(_plain(diagram), _drawn(diagram, output.format))
    return exits.OK


def _without_secrets(diagram: Diagram, loaded: Loaded) -> Diagram:
    """A picture is there to be shown and committed."""
    cards = (
        replace(c, lines=tuple(text_without_secrets(t, loaded.sources) for t in c.lines))
        for c in diagram.cards
    )
    return replace(diagram, cards=tuple(cards))


def _drawn(diagram: Diagram, format_: str) -> str:
    if format_ == "svg":
        from ...graph.svg import to_svg

        return to_svg(diagram)
    from ...graph.mermaid import to_mermaid

    return to_mermaid(diagram)


def _plain(diagram: Diagram) -> dict[str, object]:
    return {
        "study": diagram.name,
        "steps": [
            {"name": c.name, "kind": c.kind, "lines": [t for t in c.lines if t]}
            for c in diagram.cards
        ],
        "arrows": [
            {"from": a.source, "to": a.target, "port": a.label or None} for a in diagram.arrows
        ],
    }
