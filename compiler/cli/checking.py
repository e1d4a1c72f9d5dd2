"""One spec's way through `ofc check`: loaded, compiled, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping

from omniforce.spec.diagnostic import Diagnostic, Severity, about
from omniforce.spec.frozen import dataclass
from omniforce.spec.load import Loaded
from omniforce.spec.source import Source

from ..pipeline import compile_study
from .composition import PLATFORMS, Chosen, catalogue, load_document
from .memory import digest_of_text


@dataclass(frozen=True, slots=True)
class Question:
    """A spec, and the target that is asked as well."""

    chosen: Chosen
    target: str | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found.

    Attributes:
        name: of the spec's file.
        diagnostics: errors, and the warnings that no comment takes back.
        sources: what the diagnostics point into; empty where there are none.
        read: the digest of each file that it was read from; empty where that is not all there is.
    """

    name: str
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: tuple[Source, ...] = ()
    read: Mapping[str, str] | None = None

    @property
    def valid(self) -> bool:
        """Whether nothing refuses it."""
        return not any(d.is_error for d in self.diagnostics)


def check(question: Question) -> Checked:
    """Checks one spec; a function of its own so that it can run in a process of its own."""
    target = PLATFORMS[question.target]().target if question.target else None
    loaded = load_document(question.chosen)
    found = told(compile_study(loaded, catalogue(), target).diagnostics, loaded)
    if found or loaded.templates:
        return Checked(loaded.source.name, found, loaded.sources)
    return Checked(loaded.source.name, read=digests(loaded.sources))


def digests(sources: tuple[Source, ...]) -> dict[str, str]:
    """The digest of each file, by its name; what the command line says is no file."""
    return {s.name: digest_of_text(s.text) for s in sources if s.name[:1] != "<"}


def told(found: tuple[Diagnostic, ...], loaded: Loaded) -> tuple[Diagnostic, ...]:
    """Errors, and the warnings that no comment takes back."""
    here = about(loaded.source.name, found)
    shown = tuple(d for d in here if d.severity is not Severity.NOTE)
    if all(d.is_error for d in shown) or not any("ofc:" in s.text for s in loaded.sources):
        return shown
    # Only now, since a spec without warnings need not be read for comments.
    from ..lint.suppressions import apply, read_suppressions

    return apply(shown, read_suppressions(loaded.sources)).kept
