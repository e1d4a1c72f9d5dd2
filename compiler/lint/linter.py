"""All advice on one spec, less what its comments suppress."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from omniforce.spec.diagnostic import Diagnostic, Severity
from omniforce.spec.frozen import dataclass
from omniforce.spec.load import Loaded, in_order
from omniforce.spec.source import Source

from ..diagnostics.codes import CODES
from ..diagnostics.report import Suppressed
from ..pipeline import Compiled
from ..templates.pins import VENDOR
from .advice import Subject
from .leaks import excusable
from .parameters import written_parameters
from .redaction import Redaction
from .secrets import Secret, secrets
from .suppression_faults import suppression_faults
from .suppressions import apply, read_suppressions
from .table import LEAK, RULES

COMMENTS = ("OFC940", "OFC941", "OFC942", "OFC943", "OFC944")
"""What is wrong with suppressions themselves; no comment takes these back."""

LINT_CODES = (LEAK, *(rule.code for rule in RULES), *COMMENTS)
"""Every code that only the linter finds."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which findings are wanted, by the beginnings of their codes; errors always are.

    Attributes:
        select: empty means all.
        ignore: wins over `select`.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def wants(self, code: str) -> bool:
        """Whether findings of this code are shown."""
        return (not self.select or code.startswith(self.select)) and not (
            self.ignore and code.startswith(self.ignore)
        )


EVERYTHING = Selection()

MOST = 200
"""Secrets that are told of one spec."""


@dataclass(frozen=True, slots=True)
class Linted:
    """What the linter says of a spec.

    Attributes:
        diagnostics: errors, warnings and notes, in the order of the file.
        suppressed: what comments took back.
        sources: every file, with stars where a secret stands; show these and no others.
    """

    diagnostics: tuple[Diagnostic, ...]
    suppressed: tuple[Suppressed, ...]
    sources: Mapping[str, Source]


def lint(loaded: Loaded, compiled: Compiled, selection: Selection = EVERYTHING) -> Linted:
    """The findings of the compiler and of every rule.

    Where the spec is refused, only its errors, secrets and broken comments are told: advice on a
    study that is not there would be a guess.

    Args:
        loaded: the spec as it was read.
        compiled: what came of it.
        selection: which findings are wanted.
    """
    texts = tuple({s.name: s for s in loaded.sources}.values())
    hidden = tuple(each for source in texts for each in secrets(source))
    read = read_suppressions(texts)
    advice = (*_secrets(hidden), *_advice(loaded, compiled))
    applied = apply((*compiled.diagnostics, *advice), read)
    # What the rules had no chance to find is not called unused: nor what speaks of values that
    # come from elsewhere.
    lines = excusable(loaded)
    elsewhere = {
        (each.comment, LEAK)
        for each in read.good
        if each.line is not None and (each.comment.file, each.line) in lines
    }
    applied = replace(applied, used=applied.used | elsewhere)
    looked_for = (LEAK,) if compiled.program is None else tuple(CODES)
    every = (*applied.kept, *suppression_faults(read, applied, looked_for))
    wanted = (d for d in every if d.is_error or selection.wants(d.code))
    redaction = Redaction(hidden)
    return Linted(
        tuple(map(redaction.diagnostic, in_order(wanted))),
        tuple(
            Suppressed(
                redaction.diagnostic(s.diagnostic), redaction.text(s.reason, s.diagnostic.span)
            )
            for s in applied.suppressed
            if selection.wants(s.diagnostic.code)
        ),
        {s.name: redaction.source(s) for s in texts},
    )


def _secrets(found: Sequence[Secret]) -> Iterator[Diagnostic]:
    # Who has more of them has read the first; what is shown hides them all.
    for each in found[:MOST]:
        yield Diagnostic(
            LEAK,
            f"this looks like a secret: {each.why}",
            each.span,
            f"{len(each.text)} letters, not shown",
            "take it out and make it void, since git keeps it; on a cluster it belongs into a "
            "Secret, here into the environment",
            Severity.WARNING,
        )


def _advice(loaded: Loaded, compiled: Compiled) -> Iterator[Diagnostic]:
    study, document = loaded.study, loaded.filled
    if compiled.program is None or study is None or document is None:
        return
    parameters = written_parameters(document, study.spec.search_space)
    subject = Subject(study.spec, compiled.program, loaded.spans, document, parameters)
    # Of what was vendored the advice is for its authors.
    foreign = os.path.join(os.path.dirname(loaded.source.name), VENDOR, "")
    for rule in RULES:
        for said in rule.check(subject):
            if said.span is not None and said.span.file.startswith(foreign):
                continue
            yield Diagnostic(
                rule.code,
                said.message,
                said.span,
                said.label,
                said.help,
                rule.severity,
                said.related,
                said.edits,
                said.applicable,
            )
