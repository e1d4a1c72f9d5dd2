"""Where a name is declared, where it is used, and its change into another one at all of them."""

from __future__ import annotations

import re

from omniforce.spec.blocks.search_space import RESERVED
from omniforce.spec.frozen import dataclass
from omniforce.spec.nodes import MappingNode
from omniforce.spec.source import Span

from .document import Document
from .mentions import Kind, Mention
from .shape import node_at

NAMES: dict[Kind, tuple[str, str]] = {
    "parameter": (
        r"[A-Za-z_][A-Za-z0-9_]{0,62}",
        "a letter, then letters, digits and `_`, at most 63",
    ),
    "params": (
        r"[A-Za-z_][A-Za-z0-9_-]{0,62}",
        "a letter, then letters, digits, `_` and `-`, at most 63",
    ),
    "device": (
        r"[a-z]([-a-z0-9]{0,30}[a-z0-9])?",
        "small letters, digits and dashes, at most 32",
    ),
}
"""What a name of each kind must match, and the same in words."""

NOUNS: dict[Kind, str] = {
    "parameter": "parameter",
    "params": "entry of `params`",
    "device": "device",
}


class Refused(Exception):  # noqa: N818 - the state of a wish
    """A name cannot be changed so; says why."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """The places of a name, and what they get."""

    spans: tuple[Span, ...]
    text: str


def definition(document: Document, line: int, column: int) -> Mention | None:
    """Where the name at a place is declared; the last anchor before an alias."""
    mention = document.mentions.at(line, column)
    if mention is None:
        return None
    found = [m for m in document.mentions.of(mention.kind, mention.name) if m.declares]
    if mention.kind == "anchor":
        place = (mention.span.line, mention.span.column)
        found = [m for m in found if (m.span.line, m.span.column) <= place][-1:]
    return found[0] if found else None


def references(
    document: Document, line: int, column: int, *, declaration: bool
) -> tuple[Mention, ...]:
    """Every place of the name at a place."""
    mention = document.mentions.at(line, column)
    if mention is None:
        return ()
    found = document.mentions.of(mention.kind, mention.name)
    return tuple(m for m in found if declaration or not m.declares)


def renamable(document: Document, line: int, column: int) -> Mention:
    """The name at a place, if it can be changed.

    Raises:
        Refused: nothing is there that has a declaration in this file.
    """
    mention = document.mentions.at(line, column)
    if mention is None or mention.kind not in NAMES:
        raise Refused("only parameters, entries of `params` and devices can be renamed")
    if not document.mended.whole:
        raise Refused("the file is not YAML at the moment: mend it first")
    places = document.mentions.of(mention.kind, mention.name)
    if not any(m.declares for m in places):
        raise Refused(f"nothing here declares `{mention.name}`")
    for place in places:
        if _text(document, place.span) != place.name:
            raise Refused(f"`{mention.name}` is written with escapes in line {place.span.line}")
    return mention


def rename(document: Document, line: int, column: int, name: str) -> Renaming:
    """The change of the name at a place to `name`, everywhere.

    Raises:
        Refused: it cannot be renamed, or not to this.
    """
    mention = renamable(document, line, column)
    kind, noun = mention.kind, NOUNS[mention.kind]
    pattern, words = NAMES[kind]
    if re.fullmatch(pattern, name) is None:
        raise Refused(f"`{name[:80]}` is no name of a {noun}: {words}")
    if kind == "parameter" and name in RESERVED:
        raise Refused(f"`{name}` is a word of the expressions, no parameter can be called so")
    if name != mention.name and name in _taken(document, kind):
        raise Refused(f"there is a {noun} `{name}` already")
    if kind == "parameter" and name in document.mentions.words:
        raise Refused(f"`{name}` stands in a condition as a value, and would mean the parameter")
    unread = document.mentions.unread
    if unread:
        raise Refused(f"the expression in line {unread[0].line} cannot be read: mend it first")
    places = document.mentions.of(kind, mention.name)
    return Renaming(tuple(m.span for m in places), name)


def _taken(document: Document, kind: Kind) -> set[str]:
    found = {m.name for m in document.mentions.declared(kind)}
    if kind == "parameter":
        arguments = node_at(document.tree, ("spec", "algorithm", "arguments"))
        if isinstance(arguments, MappingNode):
            found |= {e.key.text for e in arguments.entries}
    return found


def _text(document: Document, span: Span) -> str:
    return document.line(span.line)[span.column - 1 : span.end_column - 1]
