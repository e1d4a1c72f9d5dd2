"""`ofc fix`: does as the messages advise, where that is safe."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping

import click

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.load import load
from omniforce.spec.source import Source

from ...diagnostics.codes import title
from ...fixing import Fixed, fix
from ...lint.linter import lint
from ...pipeline import compile_study
from .. import exits
from ..composition import LateTemplates, catalogue, params_option
from ..output import Output, output_options, pass_output, plural
from ..rewriting import Mode, Rewritten, finish, read_all, rewriting_options


@click.command()
@rewriting_options
@click.option("--dry-run", is_flag=True, help="Says what would be done; exits as if it were.")
@click.option(
    "--unsafe", is_flag=True, help="Also does what is only likely to be meant; look at the result."
)
@params_option
@output_options()
@pass_output
def command(
    output: Output,
    files: tuple[str, ...],
    mode: Mode,
    dry_run: bool,
    unsafe: bool,
    params: dict[str, str],
) -> int:
    """Do as `ofc check` and `ofc lint` advise: in FILES, folders, or omniforce.yaml.

    Only what cannot change what was meant is done, and nothing that makes a spec worse: an edit
    that makes new errors is taken back. What is left is shown; exits with 3 if that has errors.
    """
    if dry_run and mode == "write":
        mode = "check"
    made = [_fixed(each, params, unsafe) for each in read_all(files)]
    code = finish(output, made, mode, "fixed")
    return exits.OK if dry_run and code == exits.CHANGES else code


def _fixed(read: Source | Rewritten, params: Mapping[str, str], unsafe: bool) -> Rewritten:
    if isinstance(read, Rewritten):
        return read
    folder = "." if read.name == "<stdin>" else os.path.dirname(read.name) or "."
    templates, known = LateTemplates(folder), catalogue()

    def diagnose(source: Source) -> tuple[Diagnostic, ...]:
        loaded = load(source, params, templates=templates)
        return lint(loaded, compile_study(loaded, known)).diagnostics

    made = fix(read, diagnose, unsafe=unsafe)
    return Rewritten(
        read,
        made.text,
        tuple(d for d in made.left if d.is_error),
        (("fixed", [_plain(d) for d in made.done]), ("refused", [_plain(d) for d in made.refused])),
        _lines(made),
        shown=Source(read.name, made.text),
    )


def _plain(diagnostic: Diagnostic) -> dict[str, object]:
    line = diagnostic.span.line if diagnostic.span is not None else None
    return {"code": diagnostic.code, "line": line, "message": diagnostic.message}


def _lines(made: Fixed) -> tuple[str, ...]:
    """How often each code was dealt with, and what would have made the spec worse."""
    counts = Counter(d.code for d in made.done)
    done = (f"{code} {plural(n, 'time')}: {title(code)}" for code, n in sorted(counts.items()))
    kept = (
        f"{d.code} is left as it is, since its edit would make the spec worse: {d.message}"
        for d in made.refused
    )
    likely = sum(bool(d.edits) and d.applicable == "maybe" for d in made.left)
    more = (f"{likely} more with --unsafe, to be looked at afterwards",) if likely else ()
    return (*done, *kept, *more)
