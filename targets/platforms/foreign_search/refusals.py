"""What neither Katib nor Trainer can be told, though their formats would take the text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from omniforce.compiler.ir.program import Program, Search
from omniforce.compiler.language_uses import SPACE
from omniforce.spec.diagnostic import Diagnostic
from omniforce.spec.source import Span
from omniforce.spec.space import Choice, Coordinate, FloatRange, IntRange

from ..kubernetes.names import LONGEST_SERVICE, is_label
from ..kubernetes.refusals import no_source
from ..kubernetes.steps import search_of
from ..kubernetes.study_files import study_json
from .values import value_text, variable

LARGEST: Final = 2**20
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/@+-, ")
"""Characters of a value that no template's text replacement and no shell takes for more."""


def shared_refusals(
    target: str, supports: frozenset[str], program: Program
) -> Iterator[Diagnostic]:
    """What both refuse: strategies and ranges that they lack, texts that would not come through.

    Args:
        target: its name.
        supports: its words, of which `strategy:...` are read here.
        program: complete.
    """
    search = search_of(program)
    yield from _strategy(target, supports, search, program)
    yield from no_source(target, program)
    yield from _names(target, search, program)
    for coordinate in search.space:
        if not coordinate.index and not coordinate.conditions:
            yield from _domain(target, coordinate, program)
    if not is_label(program.name, LONGEST_SERVICE):
        yield limit(
            f"the name `{program.name}` has more than {LONGEST_SERVICE} characters, or is no label",
            place(program, "metadata.name", None),
            f"`{target}` takes no longer one",
            f"write small letters, digits and dashes, at most {LONGEST_SERVICE}, a letter first",
        )
    size = len(study_json(program).encode())
    if size > LARGEST:
        yield limit(
            f"the study has {size} bytes, of which a ConfigMap holds {LARGEST}",
            place(program, SPACE, None),
            "too large",
            "make the search space smaller, or move long SQL into a view of the database",
        )


def _strategy(
    target: str, supports: frozenset[str], search: Search, program: Program
) -> Iterator[Diagnostic]:
    known = sorted(w.removeprefix("strategy:") for w in supports if w.startswith("strategy:"))
    span = place(program, "spec.search.strategy", search.span)
    name = search.strategy.name
    if name not in known:
        yield Diagnostic(
            "OFC401",
            f"the strategy `{name}` is not on the target `{target}`",
            span,
            f"not on `{target}`",
            f"write `strategy: {known[0]}`",
        )
    elif search.strategy.options:
        yield Diagnostic(
            "OFC401",
            f"the options of `{name}` are not on the target `{target}`, whose `{name}` is its own",
            place(program, "spec.search.strategy.options", span),
            f"not on `{target}`",
            f"write `strategy: {name}`",
        )


def _names(target: str, search: Search, program: Program) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for coordinate in search.space:
        other = seen.setdefault(variable(coordinate.name), coordinate.name)
        if other != coordinate.name:
            yield inexpressible(
                f"`{coordinate.name}` and `{other}` differ only in capitals, and `{target}` "
                "passes both in one environment variable",
                place(program, f"{SPACE}.{coordinate.name}", None),
                variable(coordinate.name),
                f"rename one of them: `{coordinate.name}_2`",
            )


def _domain(target: str, coordinate: Coordinate, program: Program) -> Iterator[Diagnostic]:
    name, domain = coordinate.name, coordinate.domain
    span = place(program, f"{SPACE}.{name}.range", place(program, f"{SPACE}.{name}", None))
    if isinstance(domain, Choice):
        yield from _texts(target, name, domain, span)


def _texts(target: str, name: str, domain: Choice, span: Span | None) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for value in domain.values:
        text = value_text(value)
        if not text or not set(text) <= _PLAIN or text != text.strip():
            yield inexpressible(
                f"`{name}` may be `{text}`, which `{target}` would replace in a template as text",
                span,
                "characters of more than a value",
                "write letters, digits and any of `_ . : / @ + - ,`",
            )
        if text in seen:
            yield inexpressible(
                f"two values of `{name}` are both `{text}` once they are text, as `{target}` "
                "passes them",
                span,
                "the same text",
                "give one of them another name",
            )
        seen.add(text)


def logarithmic_ints(search: Search) -> Iterator[Coordinate]:
    """Whole numbers on a logarithmic scale."""
    for coordinate in search.space:
        match coordinate.domain:
            case IntRange(scale="log"):
                yield coordinate
            case _:
                pass


def logarithmic_floats(search: Search) -> Iterator[Coordinate]:
    """Real numbers on a logarithmic scale."""
    for coordinate in search.space:
        match coordinate.domain:
            case FloatRange(scale="log"):
                yield coordinate
            case _:
                pass


def place(program: Program, path: str, otherwise: Span | None) -> Span | None:
    """Where the spec says something, or where it would."""
    return dict(program.places).get(path, otherwise)


def inexpressible(message: str, span: Span | None, label: str, way_out: str) -> Diagnostic:
    """A range or a value that the target would take for another one."""
    return Diagnostic("OFC403", message, span, label, way_out)


def limit(message: str, span: Span | None, label: str, way_out: str) -> Diagnostic:
    """More of something than the target takes."""
    return Diagnostic("OFC404", message, span, label, way_out)
