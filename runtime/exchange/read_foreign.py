"""Which system a file is of, and what it says: an experiment, with trials where they are there."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from omniforce.spec.nodes import MappingNode, Node, SequenceNode
from omniforce.spec.problem import Problem
from omniforce.spec.source import Source, Span

from . import determined, determined_trials, katib, katib_trials, nni, nni_trials
from .findings import UNREADABLE, Findings
from .foreign_file import Plain, documents, plain_of, read_dump, read_text
from .foreign_study import ForeignStudy, ForeignTrial, Imported, System
from .from_optuna import is_storage, read_optuna


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line says of where to read.

    Attributes:
        file: a file, or an Optuna storage's address.
        system: whose it is; None finds out.
        study: of an Optuna storage with several.
        search_space: NNI's, where it has a file of its own that the configuration does not name.
        trials: more files, with trials.
    """

    file: str
    system: System | None = None
    study: str | None = None
    search_space: str | None = None
    trials: tuple[str, ...] = ()


def read_foreign(wanted: Wanted) -> Imported:
    """Reads an experiment of another system.

    Raises:
        Problem: a file is not there, cannot be read, or is of no system that is known.
    """
    if wanted.system == "optuna" or (wanted.system is None and is_storage(wanted.file)):
        return read_optuna(wanted.file, wanted.study)
    source = read_text(wanted.file)
    nodes, errors = documents(source)
    if errors:
        return Imported(None, (), errors, (source,))
    findings = Findings(source.name)
    match wanted.system or _system(nodes):
        case "katib":
            return _katib(wanted, nodes, source, findings)
        case "nni":
            return _nni(wanted, nodes, source, findings)
        case "determined":
            return _determined(wanted, nodes, source, findings)
        case _:
            raise Problem(
                UNREADABLE,
                f"`{wanted.file}` is no experiment of Optuna, Katib, NNI or Determined",
                "say whose it is with `--from`, or name another file",
            )


def _system(nodes: tuple[Node, ...]) -> System | None:
    flat = tuple(katib.flattened(nodes))
    if any(map(katib.is_experiment, flat)):
        return "katib"
    if any(nni.is_config(_inner(node)) or nni.is_space(node) for node in nodes):
        return "nni"
    if any(determined.is_config(_inner(node)) for node in nodes):
        return "determined"
    return None


def _inner(node: Node) -> Node:
    """The configuration in what the systems' own commands and pages write around it."""
    if isinstance(node, SequenceNode) and node.items:
        node = node.items[0]
    for key in ("experimentParameters", "params", "experiment", "config"):
        inside = node.get(key) if isinstance(node, MappingNode) else None
        node = inside if isinstance(inside, MappingNode) else node
    return node


def _katib(wanted: Wanted, nodes: tuple[Node, ...], source: Source, findings: Findings) -> Imported:
    flat = tuple(katib.flattened(nodes))
    experiments = [
        node
        for node in flat
        if isinstance(node, MappingNode)
        and katib.is_experiment(node)
        and (wanted.study is None or katib.name_of(node) == wanted.study)
    ]
    if len(experiments) != 1:
        names = ", ".join(f"`{katib.name_of(each)}`" for each in experiments)
        findings.wrong(
            f"the file has {len(experiments)} Experiments, one is imported"
            + (f": {names}" if names else ""),
            None,
            "",
            "choose one with `--study NAME`",
        )
        return Imported(None, (), findings.finished(), (source,))
    study = katib.read_experiment(experiments[0], findings)
    dumps: list[Plain] = [plain_of(node) for node in flat]
    dumps += map(read_dump, wanted.trials)
    maximum = study is not None and any(w.direction == "maximize" for w in study.wishes)
    name = katib.name_of(experiments[0])
    trials = katib_trials.read_trials(dumps, name, maximum)
    return _imported(study, trials, findings, (source,))


def _nni(wanted: Wanted, nodes: tuple[Node, ...], source: Source, findings: Findings) -> Imported:
    sources = [source]
    node = _inner(nodes[0]) if nodes else None
    space: Node | None = None
    if node is not None and nni.is_space(node):
        space, node = node, MappingNode((), Span(source.name, 1, 1, 1, 1))
    if not isinstance(node, MappingNode):
        findings.wrong("the file is empty", None, "", "name the configuration of an experiment")
        return Imported(None, (), findings.finished(), (source,))
    beside = wanted.search_space or _beside(wanted.file, nni.space_file(node))
    if beside is not None and node.get("searchSpace") is None:
        other = read_text(beside)
        sources.append(other)
        inside, errors = documents(other)
        if errors:
            return Imported(None, (), errors, tuple(sources))
        space = inside[0] if inside else None
    known = space if isinstance(space, MappingNode) else None
    study = nni.read_config(node, known, findings)
    dumps: list[Plain] = [plain_of(each) for each in nodes if each is not space]
    trials = [
        trial
        for dump in (*dumps, *map(read_dump, wanted.trials))
        for trial in nni_trials.read_trials(dump)
    ]
    return _imported(study, trials, findings, sources)


def _beside(file: str, name: str | None) -> str | None:
    """A file that a configuration names, from its own folder; nothing outside of that."""
    if name is None:
        return None
    folder = Path(file).parent
    place = Path(name)
    if place.is_absolute() or ".." in place.parts:
        return None
    found = folder / place
    return str(found) if found.is_file() else None


def _determined(
    wanted: Wanted, nodes: tuple[Node, ...], source: Source, findings: Findings
) -> Imported:
    node = _inner(nodes[0]) if nodes else None
    if not isinstance(node, MappingNode):
        findings.wrong("the file is empty", None, "", "name the configuration of an experiment")
        return Imported(None, (), findings.finished(), (source,))
    study = determined.read_config(node, findings)
    wish = study.wishes[0] if study is not None and study.wishes else None
    metric, smaller = (wish.origin, wish.direction == "minimize") if wish else ("", True)
    trials: list[ForeignTrial] = []
    tables: list[str] = []
    for name in wanted.trials:
        if name.lower().endswith(".csv"):
            tables.append(read_text(name).text)
        else:
            trials += determined_trials.read_trials(read_dump(name), metric, smaller)
    for each in nodes:
        if node is not each:
            trials += determined_trials.read_trials(plain_of(each), metric, smaller)
    try:
        trials += determined_trials.read_tables(tables, metric, smaller)
    except csv.Error as error:
        raise Problem(
            UNREADABLE,
            f"the trials are no table: {error}",
            "`det experiment describe ID --csv --metrics --outdir DIR` writes them",
        ) from error
    return _imported(study, trials, findings, (source,))


def _imported(
    study: ForeignStudy | None,
    trials: Sequence[ForeignTrial],
    findings: Findings,
    sources: Sequence[Source],
) -> Imported:
    kept = None if findings.has_errors else study
    return Imported(kept, tuple(trials), findings.finished(), tuple(sources))
