"""`ofc advise`: what the trials of a study say about its spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from omniforce.spec.problem import Problem

from .. import exits
from ..access import Place, access_options
from ..output import DATA, Output, output_options, pass_output, plural
from ..state import late

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omniforce.runtime.advisor.advice import Advice

OTHER = "OFC870"
UNREADABLE = "OFC871"


@click.command()
@click.argument("study", required=False)
@click.option("-f", "--file", metavar="SPEC", help="The spec that advice is written into.")
@click.option("--write", is_flag=True, help="Do as advised, in the spec's file; comments stay.")
@access_options
@output_options(formats=DATA)
@pass_output
def command(output: Output, study: str | None, file: str | None, write: bool, place: Place) -> int:
    """Say what the trials of STUDY advise to change in its spec, and on what evidence.

    Without STUDY, of the study that was touched last. Nothing is written without `--write`, which
    takes `-f`, or omniforce.yaml.
    """
    with late(), place.open(study) as access:
        from omniforce.runtime.advisor.as_json import plain_advice
        from omniforce.runtime.advisor.table import advise
        from omniforce.runtime.exchange.study_copy import program_of

        record = access.record()
        found = advise(record, program_of(record), access.trials())
    plain: dict[str, object] = {
        "study": record.name,
        "advice": [plain_advice(each) for each in found],
        "written": [],
    }
    if not write:
        output.document(plain, _text(record.name, found))
        return exits.OK
    done = _write(file, record.name, found)
    plain["written"] = [each.message for each in done]
    output.document(plain, _text(record.name, found, done))
    return exits.OK


def _write(file: str | None, study: str, found: Sequence[Advice]) -> tuple[Advice, ...]:
    """Writes what can be written into the spec, if it still is one afterwards."""
    from pathlib import Path

    from omniforce.runtime.advisor.patch import patch
    from omniforce.spec.source import Source

    from ...pipeline import compile_study
    from ..composition import DEFAULT_SPEC, catalogue, load_file

    name = file or DEFAULT_SPEC
    if name == "-":
        raise Problem(
            UNREADABLE, "the spec comes from standard input", "name a file, which can be written"
        )
    loaded = load_file(name)
    compiled = compile_study(loaded, catalogue())
    if loaded.document is None or compiled.program is None:
        raise Problem(
            UNREADABLE, f"the spec `{name}` has errors", f"`ofc check {name}` shows them all"
        )
    if compiled.program.name != study:
        raise Problem(
            OTHER,
            f"the spec `{name}` is of `{compiled.program.name}`, and the study is `{study}`",
            "name the study's own spec with `-f`",
        )
    done: tuple[Advice, ...] = ()
    text = loaded.source.text
    for each in found:  # one by one, so that one that does not fit keeps none of the others out
        fresh = _load(Source(loaded.source.name, text), name)
        made = patch(fresh.source, fresh.document, [cast("Any", each)])
        if not made.done:
            continue
        after = _load(Source(loaded.source.name, made.text), name)
        if compile_study(after, catalogue()).program is None:
            continue
        text, done = made.text, (*done, each)
    if done:
        Path(name).write_text(text, encoding="utf-8", newline="")
    return done


def _load(source: Any, name: str) -> Any:
    from omniforce.spec.load import load

    from ..composition import Chosen, LateTemplates

    return load(source, templates=LateTemplates(Chosen((name,), {}).folder))


def _text(study: str, found: Sequence[Advice], done: Sequence[Advice] | None = None) -> str:
    if not found:
        return f"nothing to advise on `{study}`: too few trials, or all is well\n"
    lines = list[str]()
    for each in found:
        lines.append(f"{each.rule}: {each.message}")
        lines += [f"  - {line}" for line in each.evidence]
        state = ""
        if done is not None:
            state = " (written)" if each in done else " (left to you)"
        lines += [f"  = help: {each.help}{state}", ""]
    if done is None:
        count = sum(bool(each.changes) for each in found)
        if count:
            lines.append(f"{plural(count, 'change')} can be written into the spec by `--write`")
    return "\n".join(lines).rstrip("\n") + "\n"
