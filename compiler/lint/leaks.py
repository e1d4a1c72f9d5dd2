"""Refuses to write what looks like a secret: a manifest is read by all who may read the cluster.

Looks at values and not at files: at what a spec comes to with its overlays, settings, templates
and parameters, since only that goes into an output. Comments do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from omniforce.spec.diagnostic import Diagnostic, Related
from omniforce.spec.frozen import dataclass
from omniforce.spec.layers.settings import NAME as SETTINGS
from omniforce.spec.load import Loaded, in_order
from omniforce.spec.nodes import MappingNode, Node, Scalar, SequenceNode
from omniforce.spec.source import Source, Span

from ..pipeline import Compiled
from .redaction import STARS
from .secrets import Secret, secrets
from .suppressions import read_suppressions
from .table import LEAK

WRITTEN: Final = "OFC608"
MOST: Final = 50
"""Of one spec; who has more of them has read the first."""

_WAY: Final = "name a Secret of the cluster that holds it, and not the value; "


def without_leaks(loaded: Loaded, compiled: Compiled, given: Mapping[str, str]) -> Compiled:
    """What came of a spec, refused where it holds what looks like a secret.

    Args:
        loaded: the spec as it was read.
        compiled: what came of it.
        given: the values of `-p`.
    """
    if compiled.program is None or loaded.filled is None:
        return compiled
    found = _leaks(loaded, loaded.filled, given)
    if not found:
        return compiled
    return replace(compiled, program=None, diagnostics=in_order((*compiled.diagnostics, *found)))


def excusable(loaded: Loaded) -> frozenset[tuple[str, int]]:
    """The lines whose comments may speak of values that come from elsewhere: by `-p`, by `use`."""
    declared = _declared(loaded.filled).values() if loaded.filled is not None else ()
    return frozenset((p.file, p.line) for p in (*declared, *(p for _, p in loaded.uses)))


def _declared(filled: Node) -> dict[str, Span]:
    """Where each parameter is declared."""
    spec = filled.get("spec") if isinstance(filled, MappingNode) else None
    params = spec.get("params") if isinstance(spec, MappingNode) else None
    entries = params.entries if isinstance(params, MappingNode) else ()
    return {e.key.text: e.key.span for e in entries}


def starred(name: str, value: str) -> str:
    """A value as an output may say it, by the name that it was given for."""
    return STARS if any(secrets(Source("", f"{name}={value}"))) else value


def starred_setting(text: str) -> str:
    """`path=value` as an output may say it."""
    path, equals, value = text.partition("=")
    return f"{path}{equals}{starred(path.rpartition('.')[2], value)}"


@dataclass(frozen=True, slots=True)
class _Leak:
    """A secret with the places that a comment may stand at; the first is shown."""

    message: str
    help: str
    label: str
    places: tuple[Span, ...]


def _leaks(loaded: Loaded, filled: Node, given: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    declared = _declared(filled)
    lines, places = _lines({n: v for n, v in given.items() if n in declared}, filled, declared)
    hits = tuple(secrets(Source("", "\n".join(lines))))
    if not hits:
        return ()
    excused = _excused(loaded)
    uses = dict(loaded.uses)
    made: dict[tuple[Span, ...], Diagnostic] = {}
    for hit in hits:
        leak = _leak(hit, places[hit.span.line - 1], loaded, given, declared)
        use = uses.get(leak.places[0].file)
        every = (*leak.places, use) if use is not None else leak.places
        if any((p.file, line) in excused for p in every for line in (p.line, None)):
            continue
        related = (Related(use, "used here"),) if use is not None else ()
        said = Diagnostic(
            WRITTEN, leak.message, leak.places[0], leak.label, leak.help, related=related
        )
        made.setdefault(leak.places[:1], said)
    return tuple(made.values())[:MOST]


def _lines(
    given: Mapping[str, str], filled: Node, declared: Mapping[str, Span]
) -> tuple[list[str], list[Span]]:
    """The values of a spec, each behind its key as `key: value`, and the place of each line."""
    lines: list[str] = []
    places: list[Span] = []
    for name, value in given.items():
        for line in f"{name}: {value}".splitlines():
            lines.append(line)
            places.append(declared[name])
    for key, scalar in _scalars(filled):
        for line in f"{key}{scalar.text}".splitlines():
            lines.append(line)
            places.append(scalar.span)
    return lines, places


def _scalars(node: Node, key: str = "") -> Iterator[tuple[str, Scalar]]:
    match node:
        case Scalar():
            yield key, node
        case SequenceNode(items=items):
            for item in items:
                yield from _scalars(item, key)
        case MappingNode(entries=entries):
            for entry in entries:
                if len(entry.key.text) > 7:
                    yield "", entry.key
                yield from _scalars(entry.value, f"{entry.key.text}: ")


def _leak(
    hit: Secret,
    place: Span,
    loaded: Loaded,
    given: Mapping[str, str],
    declared: Mapping[str, Span],
) -> _Leak:
    for name, value in given.items():
        if name in declared and (hit.text in value or (len(value) > 3 and value in hit.text)):
            return _Leak(
                f"`-p {name}` looks like a secret, and would be written: {hit.why}",
                f"{_WAY}if it is none, say so where `{name}` is declared: "
                f"`# ofc: ignore[{LEAK}] because ...`",
                "declared here",
                (declared[name], place),
            )
    seen = _seen(hit, place, loaded)
    way = (
        f"if it is none, write it into an overlay, with `# ofc: ignore[{LEAK}] because ...`"
        if place.file == SETTINGS
        else f"if it is none, say so behind the line: `# ofc: ignore[{LEAK}] because ...`"
    )
    return _Leak(
        f"what looks like a secret would be written: {hit.why}",
        f"{_WAY}{way}",
        f"{len(hit.text)} letters, not shown",
        (seen, place),
    )


def _seen(hit: Secret, place: Span, loaded: Loaded) -> Span:
    """Where the secret itself stands in the lines of its value."""
    source = next((s for s in loaded.sources if s.name == place.file), None)
    if source is None:
        return place
    lines = range(place.line, place.end_line + 1)
    return next((s.span for s in secrets(source, lines) if s.text == hit.text), place)


def _excused(loaded: Loaded) -> set[tuple[str, int | None]]:
    """Lines, or whole files, of which a comment says why what is there is no secret."""
    return {
        (each.comment.file, each.line)
        for each in read_suppressions(loaded.sources).good
        if each.reason and any(code == LEAK for code, _ in each.codes)
    }
