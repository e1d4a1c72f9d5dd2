"""One spec's way through `ofc compile`: loaded, compiled, laid out, attested."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePath

from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.frozen import dataclass
from omniforce.spec.load import Loaded
from omniforce.spec.problem import Problem
from omniforce.spec.source import Source

from ..attestations.contents import Contents, contents_of
from ..ir.program import Program
from ..lint.leaks import starred, starred_setting, without_leaks
from ..lock import Lock, lock_of
from ..pipeline import Compiled, Traced, compile_study
from .checking import digests, told
from .composition import PLATFORMS, Chosen, catalogue, load_spec
from .layouts import Layout, lay_out

ATTESTATIONS = "attestations"

LATEST = 253_402_300_799
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for, the same for every spec.

    Attributes:
        layout: how the files lie; None for one folder with its kustomization.
        provenance: whether the output says what it was made from.
        sbom: the form of the bill of materials; None for none.
    """

    target: str
    layout: Layout | None = None
    provenance: bool = False
    sbom: str | None = None
    trace: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One of the specs of a run."""

    chosen: Chosen
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Made:
    """What became of one spec; small enough to come out of a process of its own.

    Attributes:
        study: its name; None where the spec is refused.
        diagnostics: errors, and the warnings that no comment takes back.
        sources: what the diagnostics point into; empty where there are none.
        files: text by path; empty where the spec is refused.
        yours: files that are written once, for their owner to go on with.
        notes: what a person must know beside the files.
        read: the digest of each file that it was read from; empty where that is not all there is.
    """

    study: str | None
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]
    trace: tuple[Traced, ...]
    files: Mapping[str, str]
    yours: Mapping[str, str]
    lock: Lock | None = None
    notes: tuple[str, ...] = ()
    read: Mapping[str, str] | None = None


def compile_spec(chosen: Chosen, target: str, *, trace: bool = False) -> tuple[Loaded, Compiled]:
    """Loads a spec and compiles it for a target."""
    loaded = load_spec(chosen)
    platform = PLATFORMS[target]()
    compiled = compile_study(loaded, catalogue(), platform.target, trace=trace)
    return loaded, without_leaks(loaded, compiled, chosen.params)


def make(task: Task) -> Made:
    """Compiles a spec into files; nothing is written."""
    chosen, wanted = task.chosen, task.wanted
    loaded, compiled = compile_spec(chosen, wanted.target, trace=wanted.trace)
    found = told(compiled.diagnostics, loaded)
    sources = loaded.sources if found else ()
    trace = compiled.trace if wanted.trace else ()
    program = compiled.program
    if program is None:
        return Made(None, found, sources, trace, {}, {})
    platform = PLATFORMS[wanted.target]()
    laid = lay_out(platform, program, wanted.layout)
    files = {f.path: f.text for f in laid.files}
    if wanted.provenance or wanted.sbom:
        files |= _attested(chosen, wanted, loaded, program, files)
    name = wanted.layout.name if wanted.layout is not None else ""
    lock = lock_of(program, wanted.target, files, loaded.templates, name)
    yours = {f.path: f.text for f in laid.yours}
    notes = (*platform.notes(program), *laid.notes)
    read = None if found or loaded.templates else digests(loaded.sources)
    return Made(program.name, found, sources, trace, files, yours, lock, notes, read)


def _attested(
    chosen: Chosen, wanted: Wanted, loaded: Loaded, program: Program, files: dict[str, str]
) -> dict[str, str]:
    from ..attestations.provenance import provenance
    from ..attestations.sbom import FORMS

    contents = _contents(chosen, wanted, loaded, program, files)
    made: dict[str, str] = {}
    if wanted.sbom:
        form = FORMS[wanted.sbom]
        made[f"{ATTESTATIONS}/{form.file}"] = form.write(contents)
    if wanted.provenance:
        path = f"{ATTESTATIONS}/provenance.intoto.jsonl"
        made[path] = provenance(contents, {**files, **made})
    return made


def _contents(
    chosen: Chosen, wanted: Wanted, loaded: Loaded, program: Program, files: dict[str, str]
) -> Contents:
    return contents_of(
        program,
        target=wanted.target,
        layout=wanted.layout.name if wanted.layout is not None else "",
        # the spec and its overlays; what templates brought stands there as templates
        sources=tuple((in_repository(s.name), s.text) for s in loaded.sources[: len(chosen.files)]),
        params=tuple((name, starred(name, v)) for name, v in sorted(chosen.params.items())),
        settings=tuple(map(starred_setting, chosen.settings)),
        templates=loaded.templates,
        files=files,
        epoch=_epoch(os.environ.get("SOURCE_DATE_EPOCH")),
    )


def _epoch(text: str | None) -> int | None:
    """What stands for now in an attestation; nothing does where nobody says so.

    Raises:
        Problem: it is no time that both formats can write.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= LATEST):
        raise Problem(
            "OFC607",
            f"`SOURCE_DATE_EPOCH` is `{text[:40]}`, and no number of seconds since 1970",
            "set it to one: `SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)`, or unset it",
        )
    return int(text)


def in_repository(name: str) -> str:
    """A file as its repository knows it, whatever folder this machine has that in."""
    path = Path(name).absolute()
    root = next((each for each in path.parents if (each / ".git").exists()), None)
    if name.startswith("<") or root is None:
        return PurePath(name).name
    return path.relative_to(root).as_posix()
