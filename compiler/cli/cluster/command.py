"""What the commands that write to a cluster have in common."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from omniforce.spec.problem import Problem

from ...diagnostics.json_ import plain_diagnostics
from ...lint.leaks import without_leaks
from ...pipeline import compile_study
from ..composition import PLATFORMS, catalogue, sources
from ..output import Output

if TYPE_CHECKING:
    from omniforce.spec.load import Loaded

    from ...ir.program import Program


def compiled(
    output: Output, loaded: Loaded, writes: Mapping[str, str] | None = None
) -> Program | None:
    """The program of a spec; what is wrong with it is told.

    Args:
        output: of the command.
        loaded: the spec.
        writes: the values of `-p`, where the program is to be written to a cluster.
    """
    found = compile_study(loaded, catalogue(), PLATFORMS["kubernetes"]().target)
    if writes is not None:
        found = without_leaks(loaded, found, writes)
    output.diagnose(found.diagnostics, sources([loaded]))
    if found.program is None:
        output.document({"diagnostics": plain_diagnostics(found.diagnostics)}, "")
    return found.program


def told(output: Output, fault: Problem, plain: dict[str, object] | None = None) -> None:
    """A fault that has an exit code of its own, shown as every other."""
    if output.format == "json":
        before = (plain or {}).get("diagnostics")
        found = [
            *(before if isinstance(before, list) else []),
            *plain_diagnostics([fault.diagnostic]),
        ]
        output.document({**(plain or {}), "diagnostics": found}, "")
        return
    from ...diagnostics.text import render_text

    output.message(render_text([fault.diagnostic], {}, output.paints(sys.stderr)))


def agreed(question: str, yes: bool) -> bool:
    """Whether the user agrees.

    Raises:
        click.UsageError: there is nobody to ask.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError("there is nobody to ask here: look at `ofc plan`, then add `--yes`")
    return click.confirm(question, err=True)


def plain_reference(reference: Any) -> dict[str, object]:
    """An object for JSON."""
    return {
        "apiVersion": reference.api_version,
        "kind": reference.kind,
        "namespace": reference.namespace,
        "name": reference.name,
    }
