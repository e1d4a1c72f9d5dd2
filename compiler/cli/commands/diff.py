"""`ofc diff`: two specs compared by what they mean."""

from __future__ import annotations

import os
import sys

import click

from omniforce.spec.load import Loaded, load

from ...diagnostics.json_ import plain_diagnostics, plain_span
from ...diff.change import worst
from ...diff.compare import compare
from ...diff.places import Places
from ...diff.shown import Placed, to_markdown, to_text
from ...ir.program import Program
from ...lint.redaction import Redaction
from ...lint.secrets import secrets
from ...pipeline import compile_study
from .. import exits
from ..composition import (
    DEFAULT_SPEC,
    Chosen,
    LateTemplates,
    catalogue,
    load_spec,
    params_option,
    sources,
)
from ..git.revision import file_at
from ..output import Output, output_options, pass_output


@click.command()
@click.argument("files", nargs=-1, metavar="A B")
@click.option(
    "--git", "revision", metavar="REV", help="Compares FILE with what it was in this revision."
)
@params_option
@output_options(formats=("text", "json", "markdown"))
@pass_output
def command(
    output: Output, files: tuple[str, ...], revision: str | None, params: dict[str, str]
) -> int:
    """Compare the specs A and B by what they mean: comments, order and layout are no change.

    Each change says what becomes of finished trials: kept, imputed or invalidated. Write
    `ofc diff A B`, or `ofc diff --git REV [FILE]` for one file and what it was. A spec with
    overlays is written `base.yaml+prod.yaml`.

    Exits with 0 where both mean the same, with 1 where they differ, and with more where one of
    them is refused.
    """
    before, after = _both(files, revision, params)
    known = catalogue()
    old, new = compile_study(before, known), compile_study(after, known)
    refused = tuple(d for c in (old, new) if c.program is None for d in c.diagnostics if d.is_error)
    if old.program is None or new.program is None:
        output.diagnose(refused, sources([before, after]))
        output.document({"diagnostics": plain_diagnostics(refused)}, "")
        return exits.INVALID
    changes = _changes(before, after, old.program, new.program)
    names = (before.source.name, after.source.name) if revision else (files[0], files[1])
    _show(output, changes, (before, after), names)
    return exits.FAILED if changes else exits.OK


def _both(
    files: tuple[str, ...], revision: str | None, params: dict[str, str]
) -> tuple[Loaded, Loaded]:
    if revision is not None:
        if len(files) > 1:
            raise click.UsageError("`--git` compares one file with itself: name one")
        (file,) = files or (DEFAULT_SPEC,)
        folder = Chosen((file,), params).folder
        then = load(file_at(revision, file), params, templates=LateTemplates(folder))
        return then, load_spec(Chosen((file,), params))
    if len(files) != 2:
        raise click.UsageError("name two specs, or one with `--git REV`")
    if [each for name in files for each in _layers(name)].count("-") > 1:
        raise click.UsageError("`-` stands twice, and standard input is read once")
    first, second = (load_spec(Chosen(_layers(name), params)) for name in files)
    return first, second


def _layers(name: str) -> tuple[str, ...]:
    """A spec and its overlays; a file that is really called so is one spec."""
    return (name,) if os.path.exists(name) else tuple(filter(None, name.split("+")))


def _changes(before: Loaded, after: Loaded, old: Program, new: Program) -> tuple[Placed, ...]:
    was, now = Places(before), Places(after)
    return tuple(Placed(c, was.before(c), now.after(c)) for c in compare(old, new))


def _show(
    output: Output,
    changes: tuple[Placed, ...],
    both: tuple[Loaded, Loaded],
    names: tuple[str, str],
) -> None:
    hidden = Redaction(s for each in both for source in each.sources for s in secrets(source))
    plain: dict[str, object] = {
        "before": names[0],
        "after": names[1],
        "same": not changes,
        "trials": worst(each.change.fate for each in changes),
        "partly": any(each.change.only for each in changes),
        "changes": [_plain(each, hidden) for each in changes],
    }
    text = to_markdown(changes)
    if output.format == "text":
        text = to_text(changes, output.paints(sys.stdout))
        if not changes:
            output.message(f"{names[0]} and {names[1]} mean the same")
    output.document(plain, hidden.text(text))


def _plain(placed: Placed, hidden: Redaction) -> dict[str, object]:
    change = placed.change
    return {
        "path": change.path,
        "before": _hide(change.before, hidden),
        "after": _hide(change.after, hidden),
        "fate": change.fate,
        "only": _hide(change.only, hidden),
        "why": _hide(change.why, hidden),
        "beforeSpan": plain_span(placed.before),
        "afterSpan": plain_span(placed.after),
    }


def _hide(text: str | None, hidden: Redaction) -> str | None:
    return None if text is None else hidden.text(text)
