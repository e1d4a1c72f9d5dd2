"""`ofc import`: an experiment of another system as a spec, and its trials as past ones."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.load import Loaded, load
from omniforce.spec.problem import Problem
from omniforce.spec.source import Source

from ...diagnostics.json_ import plain_diagnostics
from ...ir.program import Program
from ...pipeline import compile_study
from .. import exits
from ..access import who
from ..composition import Chosen, catalogue, load_spec
from ..output import DATA, Output, output_options, pass_output, plural
from ..state import dir_option, late

if TYPE_CHECKING:
    from omniforce.runtime.exchange.findings import Findings
    from omniforce.runtime.exchange.foreign_study import Imported
    from omniforce.runtime.exchange.spec_text import Filled
    from omniforce.runtime.local.home import Home
    from omniforce.runtime.store.store import Store

_HERE = "FILE"


@click.command()
@click.argument("file", metavar="FILE|URL")
@click.option(
    "--from",
    "system",
    type=click.Choice(("optuna", "katib", "nni", "determined")),
    help="Whose it is.  [default: by what it says]",
)
@click.option("--study", metavar="NAME", help="Which, where there are several.")
@click.option(
    "--search-space", type=click.Path(), help="NNI's, where its configuration names none."
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the spec there.")
@click.option("--name", metavar="NAME", help="What the study is called.")
@click.option("--source", metavar="URI", help="What is learnt from, as sklearn://digits.")
@click.option("--target", metavar="COLUMN", help="The column to predict.")
@click.option("--estimator", metavar="MODULE:CLASS", help="The class that trains.")
@click.option("--image", metavar="IMAGE", help="The image that has it.")
@click.option("--budget", type=click.IntRange(1, 1_000_000), help="Trials to run.")
@click.option(
    "--trials",
    multiple=True,
    is_flag=False,
    flag_value=_HERE,
    metavar="[FILE]",
    help="Take the past trials over, those of FILE as well; may stand often.",
)
@click.option("--spec", "spec_file", metavar="FILE", help="Take the trials into this spec's study.")
@click.option("--force", is_flag=True, help="Replace the file that --out names.")
@dir_option
@output_options(formats=DATA)
@pass_output
def command(
    output: Output,
    file: str,
    system: str | None,
    study: str | None,
    search_space: str | None,
    out: Path | None,
    name: str | None,
    source: str | None,
    target: str | None,
    estimator: str | None,
    image: str | None,
    budget: int | None,
    trials: tuple[str, ...],
    spec_file: str | None,
    force: bool,
    root: Path,
) -> int:
    """Write the spec of an experiment of Optuna, Katib, NNI or Determined to stdout.

    What a spec cannot say, or says otherwise, is a warning with its place in the file. `--trials`
    puts the completed trials into the study, so that its search begins with them; they cost
    nothing of its budget.
    """
    if spec_file is not None and not trials:
        raise click.UsageError("`--spec` is for the trials: add `--trials`")
    if spec_file is not None and out is not None:
        raise click.UsageError("`--spec` names the spec: `--out` writes another")
    with late():
        from omniforce.runtime.exchange.findings import Findings
        from omniforce.runtime.exchange.foreign_study import SYSTEMS
        from omniforce.runtime.exchange.read_foreign import Wanted, read_foreign
        from omniforce.runtime.exchange.spec_text import Filled

        wanted = Wanted(
            file=file,
            system=next((each for each in SYSTEMS if each == system), None),
            study=study,
            search_space=search_space,
            trials=tuple(each for each in trials if each != _HERE),
        )
        imported = read_foreign(wanted)
        findings = Findings(file, list(imported.findings))
        if imported.study is None:
            return _refused(output, findings, imported.sources)
        filled = Filled(
            name=name,
            source=source,
            target=target,
            estimator=estimator,
            image=image,
            trials=budget,
        )
        taking = _Taking(file, imported, findings, root) if trials else None
        if spec_file is not None and taking is not None:
            return _into(output, taking, load_spec(Chosen((spec_file,), {})))
        return _written(output, taking, imported, findings, filled, out, force)


def _refused(output: Output, findings: Findings, sources: tuple[Source, ...]) -> int:
    found = findings.finished()
    output.diagnose(found, {each.name: each for each in sources})
    output.document({"diagnostics": plain_diagnostics(found)}, "")
    return exits.INVALID


def _written(
    output: Output,
    taking: _Taking | None,
    imported: Imported,
    findings: Findings,
    filled: Filled,
    out: Path | None,
    force: bool,
) -> int:
    from omniforce.runtime.exchange.findings import LACKING
    from omniforce.runtime.exchange.spec_text import spec_text

    assert imported.study is not None  # the caller has looked
    text = spec_text(imported.study, filled, findings)
    own = Source(str(out) if out is not None else "<spec>", text)
    loaded = load(own)
    compiled = compile_study(loaded, catalogue())
    for each in compiled.diagnostics:
        if each.is_error:
            findings.found.append(each)
    everything = {each.name: each for each in (*imported.sources, own)}
    if compiled.program is None:
        output.diagnose(findings.finished(), everything)
        output.document({"diagnostics": plain_diagnostics(findings.finished()), "spec": text}, "")
        return exits.INVALID
    if out is not None:
        _write(out, text, force)
    incomplete = [d for d in findings.found if d.code == LACKING and "data.source" in d.message]
    incomplete += [d for d in findings.found if d.code == LACKING and "estimator" in d.message]
    numbers: tuple[int, ...] = ()
    if taking is not None and not incomplete:
        numbers = taking.take(compiled.program)
    output.diagnose(findings.finished(), everything)
    plain = _plain(taking, imported, findings.finished(), numbers, compiled.program)
    plain |= {"spec": text} if out is None else {"file": str(out)}
    output.document(plain, text if out is None else "", exact=True)
    if out is not None:
        output.message(f"wrote {out}: check it with `ofc check {out}`")
    if taking is not None and incomplete:
        raise Problem(
            LACKING,
            "the trials were not taken over: they belong to a spec that is complete",
            "finish the spec, then `ofc import "
            f"{taking.file} --trials --spec {out or 'omniforce.yaml'}`; or give `--source` and "
            "`--estimator`",
        )
    if taking is not None:
        output.message(taking.said(numbers, compiled.program.name))
    return exits.OK


def _into(output: Output, taking: _Taking, loaded: Loaded) -> int:
    """The trials into the study of a spec that is there already."""
    compiled = compile_study(loaded, catalogue())
    everything = {each.name: each for each in (*taking.imported.sources, *loaded.sources)}
    if compiled.program is None:
        output.diagnose(compiled.diagnostics, everything)
        output.document({"diagnostics": plain_diagnostics(compiled.diagnostics)}, "")
        return exits.INVALID
    numbers = taking.take(compiled.program)
    left_out = tuple(d for d in taking.findings.finished() if d.code == "OFC789")
    output.diagnose(left_out, everything)
    plain = _plain(taking, taking.imported, left_out, numbers, compiled.program)
    output.document(plain, "")
    output.message(taking.said(numbers, compiled.program.name))
    return exits.OK


def _plain(
    taking: _Taking | None,
    imported: Imported,
    found: tuple[Diagnostic, ...],
    numbers: tuple[int, ...],
    program: Program,
) -> dict[str, object]:
    assert imported.study is not None
    return {
        "study": program.name,
        "system": imported.study.system,
        "pastTrials": len(imported.trials),
        "takenOver": None if taking is None else list(numbers),
        "diagnostics": plain_diagnostics(found),
    }


class _Taking:
    """Puts the past trials into the store of a spec's study."""

    def __init__(self, file: str, imported: Imported, findings: Findings, root: Path) -> None:
        self.file, self.imported, self.findings, self._root = file, imported, findings, root

    def take(self, program: Program) -> tuple[int, ...]:
        from typing import Any, cast

        from omniforce.runtime.exchange.past_trials import past_trials
        from omniforce.runtime.exchange.take_over import take_over
        from omniforce.runtime.exchange.to_optuna import shown_address
        from omniforce.runtime.local.home import Home
        from omniforce.runtime.rewards import search_of

        assert self.imported.study is not None
        ours = cast("Any", program)  # see `composition.Platform`
        search = search_of(ours)
        past = past_trials(self.imported.study, self.imported.trials, search, self.findings)
        if not past:
            return ()
        source = shown_address(self.file) if "://" in self.file else Path(self.file).name
        home = Home(self._root.absolute(), program.name)
        with home.alone(), closing(_store(home)) as store:
            return take_over(store, ours, past, who(), source, time.time())

    def said(self, numbers: tuple[int, ...], name: str) -> str:
        there = len(self.imported.trials)
        if not there:
            return "no completed trial is there to take over: name their file with `--trials FILE`"
        return f"{plural(len(numbers), 'trial')} of {there} taken over into `{name}`"


def _store(home: Home) -> Store:
    from omniforce.runtime.store.store import Store

    home.make()
    return Store.at(home.store)


def _write(out: Path, text: str, force: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        with open(os.open(out, flags, 0o666), "w", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise Problem(
            "OFC702", f"`{out}` exists already", "name another file, or add `--force`"
        ) from None
    except OSError as fault:
        why = (fault.strerror or str(fault)).lower()
        raise Problem("OFC701", f"`{out}` cannot be written: {why}", "name another file") from None
