"""Files of other systems, read and written as specs."""

from __future__ import annotations

from pathlib import Path

from omniforce.compiler.cli.composition import catalogue
from omniforce.compiler.ir.program import Program
from omniforce.compiler.pipeline import compile_study
from omniforce.runtime.exchange.findings import Findings
from omniforce.runtime.exchange.foreign_study import Imported
from omniforce.runtime.exchange.past_trials import PastTrial, past_trials
from omniforce.runtime.exchange.read_foreign import Wanted, read_foreign
from omniforce.runtime.exchange.spec_text import Filled, spec_text
from omniforce.runtime.rewards import search_of
from omniforce.spec.load import load
from omniforce.spec.source import Source

FILLED = Filled(source="sklearn://digits", estimator="model:Model")


def imported(folder: Path, text: str, *trials: str, name: str = "file.yaml") -> Imported:
    """What is read of a file with this text, and of more files with trials."""
    (folder / name).write_text(text, encoding="utf-8")
    more: list[str] = []
    for number, each in enumerate(trials):
        place = folder / f"trials-{number}.{'csv' if each[:1] not in '[{' else 'json'}"
        place.write_text(each, encoding="utf-8")
        more.append(str(place))
    return read_foreign(Wanted(file=str(folder / name), trials=tuple(more)))


def told(found: Imported) -> list[str]:
    """What was noticed: line, code and message, in the order of the file."""
    return [
        f"{'-' if d.span is None else d.span.line} {d.code} {d.message}" for d in found.findings
    ]


def written(found: Imported) -> str:
    """The spec from `searchSpace` on."""
    assert found.study is not None, found.findings
    text = spec_text(found.study, FILLED, Findings("file"))
    return text[text.index("  searchSpace:") :]


def program(found: Imported) -> Program:
    """The spec compiled, which must pass."""
    assert found.study is not None, found.findings
    text = spec_text(found.study, FILLED, Findings("file"))
    compiled = compile_study(load(Source("spec.yaml", text)), catalogue())
    assert compiled.program is not None, (compiled.diagnostics, text)
    made: Program = compiled.program
    return made


def past(found: Imported) -> tuple[tuple[PastTrial, ...], list[str]]:
    """The trials as points of the spec's space, and what is said of those left out."""
    assert found.study is not None, found.findings
    findings = Findings("file")
    taken = past_trials(found.study, found.trials, search_of(program(found)), findings)
    return taken, [each.message for each in findings.found]
