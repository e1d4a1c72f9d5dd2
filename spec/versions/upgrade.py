"""Brings the tree of a spec into the newest form; every place stays that of what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..diagnostic import Diagnostic, Edit, Severity
from ..nodes import Entry, MappingNode, Node, Scalar
from ..readers import or_list
from ..source import Path, Source
from ..yaml.reader import read_yaml
from .changes import GROUP, HISTORY, LATEST, VERSIONS
from .migrate import Migration, edits_of, migration
from .old_keys import OldKey, by_hand, old_keys
from .spec_body import spec_body, with_spec_body


def read_document(source: Source) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """`read_yaml`, and then `upgrade`."""
    document, found = read_yaml(source)
    if document is None:
        return None, found
    upgraded, more = upgrade(document, source)
    return upgraded, (*found, *more)


def upgrade(document: Node, source: Source) -> tuple[Node, tuple[Diagnostic, ...]]:
    """A document in the newest form, whatever version it says that it is of.

    Args:
        document: of any kind that has a `spec`; without an `apiVersion`, as an overlay may be, it
            counts as one of the newest.
        source: its text.

    Returns:
        The tree, and a warning for each key that has another name now. In a document of the
        newest version, and beside the new key, an old key is an error.
    """
    written = document.get("apiVersion") if isinstance(document, MappingNode) else None
    if not isinstance(document, MappingNode):
        return document, ()
    found: tuple[Diagnostic, ...] = ()
    made, version = document, LATEST
    if written is not None:
        if not isinstance(written, Scalar) or not isinstance(written.value, str):
            return document, ()
        version = written.text
        if version not in VERSIONS:
            found = (_unknown(written),)
            version = LATEST
        if written.text != LATEST:
            made = _with_version(document)
    body = spec_body(document)
    if body is None:
        return made, found
    upgraded, more = upgrade_body(body, version, migration(document, source))
    return made if upgraded is body else with_spec_body(made, upgraded), (*found, *more)


def upgrade_body(
    body: Node, version: str, whole: Migration | None = None
) -> tuple[Node, tuple[Diagnostic, ...]]:
    """`spec`, or the body of a template, in the newest form.

    Args:
        body: the tree.
        version: of its document; one of `VERSIONS`.
        whole: what would bring the whole document to the newest version, for the warnings.
    """
    found = old_keys(body, HISTORY)
    if not found:
        return body, ()
    outdated = version != LATEST
    said = tuple(
        _deprecated(key, whole) if outdated and not key.twice else _refused(key) for key in found
    )
    return _renamed(body, {key.path: key for key in found}, ()), said


def _renamed(node: Node, keys: Mapping[Path, OldKey], here: Path) -> Node:
    """The tree with its old keys under their new names; beside the new key, without them."""
    if not isinstance(node, MappingNode):
        return node
    entries: list[Entry] = []
    for entry in node.entries:
        path = (*here, entry.key.text)
        key = keys.get(path)
        if key is not None and key.twice:
            continue
        if key is not None:
            entries.append(_new(entry, key))
        elif any(path == each[: len(path)] for each in keys):
            entries.append(Entry(entry.key, _renamed(entry.value, keys, path)))
        else:
            entries.append(entry)
    return replace(node, entries=tuple(entries))


def _new(entry: Entry, key: OldKey) -> Entry:
    name = replace(entry.key, value=key.change.key, text=key.change.key, exact=False)
    value = key.value
    if value is None or not isinstance(entry.value, Scalar):
        return Entry(name, entry.value)
    return Entry(name, replace(entry.value, value=value, text=value, exact=False))


def _with_version(document: MappingNode) -> MappingNode:
    return replace(
        document,
        entries=tuple(
            Entry(e.key, replace(e.value, value=LATEST, text=LATEST, exact=False))
            if e.key.text == "apiVersion" and isinstance(e.value, Scalar)
            else e
            for e in document.entries
        ),
    )


def _deprecated(key: OldKey, whole: Migration | None) -> Diagnostic:
    name, since = key.path[-1], key.version.since
    edits = whole.edits if whole is not None and not whole.by_hand else ()
    return Diagnostic(
        "OFC111",
        f"`{name}` is called `{key.change.key}` since {since}",
        key.entry.key.span,
        f"read until {key.version.until}",
        f"`ofc migrate` writes {_now(key)} and `apiVersion: {LATEST}`",
        Severity.WARNING,
        edits=edits,
    )


def _refused(key: OldKey) -> Diagnostic:
    name, new = key.path[-1], key.change.key
    if key.twice:
        return by_hand(key)
    return Diagnostic(
        "OFC112",
        f"`{name}` is called `{new}` since {key.version.since}",
        key.entry.key.span,
        f"write `{new}`",
        f"write {_now(key)}",
        edits=edits_of(key, None) or (),
    )


def _now(key: OldKey) -> str:
    node = key.entry.value
    value = key.value or (node.text if isinstance(node, Scalar) else "")
    return f"`{key.change.key}: {value}`" if value else f"`{key.change.key}:`"


def _unknown(written: Scalar) -> Diagnostic:
    meant = GROUP + written.text if GROUP + written.text in VERSIONS else None
    return Diagnostic(
        "OFC110",
        f"`{written.text[:60]}` is no version of the language that can be read here",
        written.span,
        f"did you mean `{meant}`?" if meant else "unknown version",
        f"write `{meant}`" if meant else f"write {or_list(VERSIONS)}",
        edits=(Edit(written.span, meant),) if meant else (),
    )
