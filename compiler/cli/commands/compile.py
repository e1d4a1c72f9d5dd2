"""`ofc compile`: the manifests of a spec, as a folder or as one stream."""

from __future__ import annotations

import click

from ...diagnostics.json_ import plain_diagnostics
from ...lock import lock_of
from ...output_folder import OutputFolder, Written
from ...pipeline import Compiled, Traced, compile_study
from .. import exits
from ..composition import PLATFORMS, Chosen, catalogue, load_spec, sources, spec_options
from ..output import Output, output_options, pass_output, plural

STREAM = "-"


@click.command()
@spec_options
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    default="dist",
    show_default=True,
    help="Where the files go; `-` writes one YAML stream to stdout.",
)
@click.option(
    "--target", type=click.Choice(tuple(PLATFORMS)), default="kubernetes", show_default=True
)
@click.option("--trace", is_flag=True, help="Shows on stderr what each pass changed.")
@click.option("--locked", is_flag=True, help="Fails where the output differs from DIR/ofc.lock.")
@click.option("--force", is_flag=True, help="Overwrites files in DIR that ofc did not write.")
@output_options("--format")
@pass_output
def command(
    output: Output,
    chosen: Chosen,
    folder: str,
    target: str,
    trace: bool,
    locked: bool,
    force: bool,
) -> int:
    """Make the manifests of the spec in FILE, or omniforce.yaml.

    The same spec gives the same bytes. DIR/ofc.lock lists what was written; the next run removes
    what is not needed any more, and touches nothing else.

    `-o` is the folder here, so JSON is `--format json`.
    """
    if not folder:
        raise click.UsageError("`-o` names no folder: write `-o dist`, or `-o .` for this one")
    if locked and folder == STREAM:
        raise click.UsageError("`--locked` compares with a folder: name it with `-o DIR`")
    loaded = load_spec(chosen)
    platform = PLATFORMS[target]()
    compiled = compile_study(loaded, catalogue(), platform.target, trace=trace)
    for each in compiled.trace if trace else ():
        output.message(_traced(each))
    output.diagnose(compiled.diagnostics, sources([loaded]))
    if compiled.program is None:
        output.document(_report(compiled, target, folder, None), "")
        return exits.INVALID
    files = {f.path: f.text for f in platform.target.emit(compiled.program)}
    if folder == STREAM:
        whole = {**_report(compiled, target, folder, None), "contents": files}
        output.document(whole, _stream(files))
        return exits.OK
    lock = lock_of(compiled.program, target, files, loaded.templates)
    written = OutputFolder(folder).write(files, lock, locked=locked, force=force)
    output.document(_report(compiled, target, folder, written), "")
    if output.format == "text":
        output.message(_summary(folder, written))
        for note in platform.notes(compiled.program):
            output.message(f"note: {note}")
    return exits.OK


def _traced(traced: Traced) -> str:
    lines = [f"pass {traced.name}{'' if traced.changed else ': no change'}"]
    lines += [f"  {line}" for line in traced.changed]
    lines += [f"  because: {note}" for note in traced.notes]
    return "\n".join(lines)


def _report(
    compiled: Compiled, target: str, folder: str, written: Written | None
) -> dict[str, object]:
    return {
        "study": compiled.program.name if compiled.program else None,
        "target": target,
        "output": folder,
        "files": list(written.files) if written else [],
        "changed": list(written.changed) if written else [],
        "removed": list(written.removed) if written else [],
        "kept": list(written.kept) if written else [],
        "diagnostics": plain_diagnostics(compiled.diagnostics),
    }


def _summary(folder: str, written: Written) -> str:
    counts = [f"{len(written.changed)} changed"]
    counts += [f"{len(written.removed)} removed"] if written.removed else []
    lines = [f"{plural(len(written.files), 'file')} in {folder}: {', '.join(counts)}"]
    lines += [f"{path} is not needed any more, and stays: it was edited" for path in written.kept]
    return "\n".join(lines)


def _stream(files: dict[str, str]) -> str:
    """All objects as one stream for `kubectl apply -f -`, which knows no kustomization."""
    objects = (t for p, t in sorted(files.items()) if p != "kustomization.yaml")
    return "".join(f"---\n{text.removeprefix('---').lstrip()}" for text in objects)
