"""Brings the text of a spec to the newest version, comments and layout kept."""

from __future__ import annotations

import re
from typing import Final

from ..diagnostic import Edit
from ..edits import apply_edits
from ..frozen import dataclass
from ..nodes import MappingNode, Node, Scalar
from ..source import Source, Span
from ..yaml.reader import read_yaml
from .changes import LATEST, VERSIONS, steps_from
from .old_keys import OldKey, old_keys
from .spec_body import spec_body

_SCHEMA: Final = re.compile(r"omniforce\.dev/schema/(v[0-9a-z]+)(?:-[a-z]+)?\.json")


@dataclass(frozen=True, slots=True)
class Migration:
    """What a file needs.

    Attributes:
        before: the version that it is of; empty where it says none that can be read.
        after: the version that the edits bring it to.
        renamed: each key that has another name: the old one, the new one, the place.
        by_hand: keys whose value no edit can rewrite, such as a placeholder.
        edits: of the text; none where the file is of the newest version.
    """

    before: str
    after: str
    renamed: tuple[tuple[str, str, Span], ...] = ()
    by_hand: tuple[OldKey, ...] = ()
    edits: tuple[Edit, ...] = ()

    def applied(self, text: str) -> str:
        """The text of the file in the newest version."""
        return apply_edits(text, self.edits)


def migrate(source: Source) -> Migration | None:
    """What brings a file to the newest version; None where it is not YAML."""
    document, _ = read_yaml(source)
    return None if document is None else migration(document, source)


def migration(document: Node, source: Source) -> Migration:
    """The same for a tree that has been read."""
    written = document.get("apiVersion") if isinstance(document, MappingNode) else None
    if not isinstance(document, MappingNode) or not isinstance(written, Scalar | None):
        return Migration("", LATEST)
    if written is not None and (written.text not in VERSIONS or written.text == LATEST):
        return Migration(written.text if written.text in VERSIONS else "", LATEST)
    body = spec_body(document)
    # An overlay may say no version; it has that of its spec, which may be the oldest one.
    before = written.text if written is not None else VERSIONS[0]
    found = old_keys(body, steps_from(before)) if body is not None else ()
    edits: list[Edit] = []
    if written is not None:
        edits = [Edit(written.span, LATEST), *_modeline(source)]
    by_hand: list[OldKey] = []
    for key in found:
        made = None if key.twice else edits_of(key, source)
        if made is None:
            by_hand.append(key)
        else:
            edits += made
    return Migration(
        written.text if written is not None else "",
        LATEST,
        tuple((str(key.path[-1]), key.change.key, key.entry.key.span) for key in found),
        tuple(by_hand),
        tuple(edits),
    )


def edits_of(key: OldKey, source: Source | None) -> tuple[Edit, ...] | None:
    """The key and its value as they are written now; None where that takes a person.

    Args:
        key: the old key.
        source: the text, needed where the value is an alias.
    """
    name, value = key.entry.key, key.entry.value
    quote = "" if name.plain else '"'
    edits = [Edit(name.span, f"{quote}{key.change.key}{quote}")]
    if not key.change.values:
        return tuple(edits)
    if isinstance(value, Scalar) and "$(" in value.text:
        return None
    if key.value is None:
        return tuple(edits)
    aliased = isinstance(value, Scalar) and _before(value.span, name.span)
    if aliased and source is None:
        return None
    place = _value_place(source, name, value)
    return (*edits, Edit(place, key.value))


def _value_place(source: Source | None, key: Scalar, value: Node) -> Span:
    """Where a value is written; for an alias, the alias itself."""
    if source is None or not _before(value.span, key.span):
        return value.span
    line = source.line(key.span.end_line)
    found = re.compile(r"\*[^\s,\[\]{}]+").search(line, key.span.end_column - 1)
    if found is None:
        return value.span
    number = key.span.end_line
    return Span(source.name, number, found.start() + 1, number, found.end() + 1)


def _before(one: Span, other: Span) -> bool:
    return (one.line, one.column) < (other.line, other.column)


def _modeline(source: Source) -> tuple[Edit, ...]:
    """The editor's line that names the schema, brought along."""
    first = source.text[:2000].split("\n\n", 1)[0].split("\n")
    for number, line in enumerate(first, 1):
        found = _SCHEMA.search(line) if line.lstrip().startswith("#") else None
        if found is not None:
            place = Span(source.name, number, found.start(1) + 1, number, found.end(1) + 1)
            return (Edit(place, LATEST.rpartition("/")[2]),)
    return ()
