"""`ofc revise`: another spec for a study that has begun."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, cast

import click

from omniforce.spec.load import Loaded
from omniforce.spec.plain.values import from_plain, to_plain
from omniforce.spec.problem import Problem

from ...diagnostics.json_ import plain_diagnostics, plain_span
from ...diff.compare import compare
from ...diff.places import Places
from ...diff.shown import Placed, to_text
from ...ir.program import Program
from ...pipeline import compile_study
from .. import exits
from ..access import Place, access_options
from ..composition import (
    PLATFORMS,
    Chosen,
    catalogue,
    layers_option,
    load_spec,
    params_option,
    settings_option,
    sources,
    spec_and_overlays,
)
from ..output import DATA, Output, output_options, pass_output, plural
from ..state import late

if TYPE_CHECKING:
    from omniforce.runtime.steering.access import StudyAccess
    from omniforce.runtime.steering.revising import Revision
    from omniforce.runtime.store.trial import StudyRecord


@click.command()
@click.argument("study", required=False)
@layers_option
@settings_option
@params_option
@click.option("--dry-run", is_flag=True, help="Say what would become of the trials, and stop.")
@access_options
@output_options(formats=DATA)
@pass_output
def command(
    output: Output,
    study: str | None,
    layers: tuple[str, ...],
    settings: tuple[str, ...],
    params: dict[str, str],
    dry_run: bool,
    place: Place,
) -> int:
    """Change the spec of STUDY to that of `-f`, while it runs or after it has ended.

    Says first what differs and what becomes of its trials, as `ofc diff` does: those that are kept
    count on, those with imputed values as well, the others answer another question. With
    `--dry-run`, 2 where the spec would change something.
    """
    chosen = Chosen(spec_and_overlays(None, layers), params, settings)
    loaded = load_spec(chosen)
    compiled = compile_study(
        loaded, catalogue(), None if place.is_remote else PLATFORMS["local"]().target
    )
    output.diagnose(compiled.diagnostics, sources([loaded]))
    program = compiled.program
    if program is None:
        output.document({"diagnostics": plain_diagnostics(compiled.diagnostics)}, "")
        return exits.INVALID
    with late(), place.open(study or program.name) as access:
        record = access.record()
        ours = cast("Any", program)  # see `composition.Platform`
        changes = _changes(record, program, loaded)
        if program.name == record.name and program.digest == record.digest:
            _show(output, record, (), None, dry_run)
            return exits.OK
        if program.name != record.name:
            raise Problem(
                "OFC784",
                f"the spec is of `{program.name}`, and the study is `{record.name}`",
                "write the study's name under `metadata.name`",
            )
        before = _preview(access, record, ours)
        if dry_run:
            _show(output, record, changes, before, dry_run)
            return exits.CHANGES
        if output.format == "text":
            output.message(to_text(changes, output.paints(sys.stderr)) + _counts(before))
        revision = access.revise(ours, json.dumps(to_plain(ours), sort_keys=True))
        _show(output, record, changes, revision, dry_run)
    return exits.OK


def _changes(record: StudyRecord, program: Program, loaded: Loaded) -> tuple[Placed, ...]:
    old = from_plain(Program, json.loads(record.program))
    now = Places(loaded)
    return tuple(Placed(each, None, now.after(each)) for each in compare(old, program))


def _preview(access: StudyAccess, record: StudyRecord, program: Any) -> Revision:
    """What would become of the trials, each by the spec that it was made under.

    Behind an API only the latest spec is at hand: an older trial is judged by that.
    """
    from omniforce.runtime.steering.revising import preview
    from omniforce.runtime.steering.stored import StoredStudy

    trials = access.trials()
    texts = {trial.revision: record.program for trial in trials}
    if isinstance(access, StoredStudy):
        with access.store.lock(record.name) as session:
            texts |= session.programs()
    texts[record.revision] = record.program
    programs = {number: from_plain(type(program), json.loads(t)) for number, t in texts.items()}
    return preview(trials, programs, program)


def _show(
    output: Output,
    record: StudyRecord,
    changes: tuple[Placed, ...],
    revision: Revision | None,
    dry_run: bool,
) -> None:
    plain: dict[str, object] = {
        "study": record.name,
        "same": revision is None,
        "dryRun": dry_run,
        "changes": [_plain(each) for each in changes],
    }
    if revision is None:
        output.document(plain, f"the spec is the one that `{record.name}` has already\n")
        return
    plain["revision"] = revision.number
    plain["trials"] = {
        "kept": revision.kept,
        "imputed": revision.imputed,
        "invalidated": revision.invalidated,
        "cancelled": list(revision.cancelled),
    }
    text = to_text(changes, output.paints(sys.stdout)) + _counts(revision)
    if not dry_run:
        text = f"`{record.name}` has revision {revision.number} of its spec; {_counts(revision)}"
    output.document(plain, text)


def _plain(placed: Placed) -> dict[str, object]:
    change = placed.change
    return {
        "path": change.path,
        "before": change.before,
        "after": change.after,
        "fate": change.fate,
        "why": change.why,
        "afterSpan": plain_span(placed.after),
    }


def _counts(revision: Revision) -> str:
    counts = (
        (revision.kept, "kept"),
        (revision.imputed, "imputed"),
        (revision.invalidated, "invalidated"),
    )
    said = ", ".join(f"{count} {word}" for count, word in counts if count)
    cancelled = ""
    if revision.cancelled:
        cancelled = f"; {plural(len(revision.cancelled), 'trial')} under way cancelled"
    return f"trials: {said or 'none'}{cancelled}\n"
