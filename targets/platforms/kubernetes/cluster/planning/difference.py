"""Which fields two objects differ in, with paths that people can read.

    spec.template.spec.containers[search].env[OFC_STUDY].value    "digits" -> "digits-edge"

Items of a list are told by their name where they have one, so that a new first item does not make
all others look changed. A text that is itself JSON, such as the compiled study in its ConfigMap,
is compared inside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from omniforce.spec.frozen import dataclass

from ...objects import Tree
from .hidden import told

Step = str | int
"""A part of a path: a key, or a position in a list."""

NAMES: Final = ("name", "mountPath", "containerPort", "port", "key", "topologyKey", "type")
"""What tells the items of a list apart, the first that all of them have."""

BOOKKEEPING: Final = (
    "managedFields",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "uid",
    "selfLink",
)
"""Keys of `metadata` that the server writes at each change."""

_SIGNATURE: Final = re.compile(r"[a-z.]+\.knative\.dev/(creator|lastModifier)")
"""Annotations in which Knative's webhooks write who asked; another identity is no change."""

_WORD: Final = re.compile(r"[A-Za-z_][\w-]*")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field.

    Attributes:
        path: with dots; keys with signs of their own, and items of lists, in brackets.
        before: JSON, or None where it was not there.
        after: JSON, or None where it is not there any more.
    """

    path: str
    before: str | None
    after: str | None


def written(tree: Tree) -> Tree:
    """An object without its status and what servers keep beside it."""
    made = {key: value for key, value in tree.items() if key != "status"}
    metadata = made.get("metadata")
    if isinstance(metadata, dict):
        kept = {k: v for k, v in metadata.items() if k not in BOOKKEEPING}
        annotations = kept.get("annotations")
        if isinstance(annotations, dict):
            signed = {k: v for k, v in annotations.items() if not _SIGNATURE.fullmatch(str(k))}
            kept = {k: v for k, v in kept.items() if k != "annotations"}
            kept |= {"annotations": signed} if signed else {}
        made["metadata"] = kept
    return made


def difference(before: Tree | None, after: Tree | None) -> tuple[FieldChange, ...]:
    """All fields that differ, in the order of `after`; empty where both say the same.

    What servers keep beside an object is no field of it: status, managers, versions.
    """
    if before is None or after is None:
        return ()
    return tuple(_Walk(str(after.get("kind"))).walk("", written(before), written(after)))


def under(path: str, step: Step) -> str:
    """The path of something below another."""
    if isinstance(step, int) or not _WORD.fullmatch(step):
        return f"{path}[{step}]"
    return f"{path}.{step}" if path else step


@dataclass(frozen=True, slots=True)
class _Walk:
    """Walks two objects of a kind side by side."""

    kind: str

    def walk(self, path: str, before: object, after: object) -> Iterator[FieldChange]:
        if same(before, after):
            return
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self._mappings(path, before, after)
            return
        if isinstance(before, list) and isinstance(after, list):
            name = named_by(before, after)
            if name is not None:
                yield from self._items(path, before, after, name)
                return
            if _as_long(before, after):
                for i, (old, new) in enumerate(zip(before, after, strict=True)):
                    yield from self.walk(under(path, i), old, new)
                return
        inside: tuple[FieldChange, ...] = ()
        if (documents := _documents(before, after)) is not None:
            inside = tuple(self.walk(path, *documents))
        yield from inside or (self._change(path, [before], [after]),)

    def _change(self, path: str, before: list[object], after: list[object]) -> FieldChange:
        """A field; an empty list is a value that is not there."""
        old, new = ([told(v, path, self.kind) for v in each] for each in (before, after))
        return FieldChange(path, old[0] if old else None, new[0] if new else None)

    def _mappings(
        self, path: str, before: dict[str, object], after: dict[str, object]
    ) -> Iterator[FieldChange]:
        for key in (*after, *(k for k in before if k not in after)):
            here = under(path, str(key))
            if key in before and key in after:
                yield from self.walk(here, before[key], after[key])
            else:
                old, new = ([each[key]] if key in each else [] for each in (before, after))
                yield self._change(here, old, new)

    def _items(
        self, path: str, before: list[object], after: list[object], name: str
    ) -> Iterator[FieldChange]:
        old, new = _by_name(before, name), _by_name(after, name)
        for key in (*new, *(k for k in old if k not in new)):
            here = f"{path}[{key}]"
            if key in old and key in new:
                yield from self.walk(here, old[key], new[key])
            else:
                was, now = ([each[key]] if key in each else [] for each in (old, new))
                yield self._change(here, was, now)
        kept = [k for k in old if k in new], [k for k in new if k in old]
        if kept[0] != kept[1]:
            yield self._change(f"{path} (order)", [list(old)], [list(new)])


def named_by(*lists: list[object]) -> str | None:
    """The key that tells the items of the lists apart, or None where none does."""
    if not any(lists):
        return None
    for name in NAMES:
        keys = [[name_of_item(item, name) for item in each] for each in lists]
        if all(None not in each and len(set(each)) == len(each) for each in keys):
            return name
    return None


def name_of_item(item: object, name: str) -> str | None:
    """What an item is called by a key, with its place where it is one of an array of parameters."""
    if not isinstance(item, dict):
        return None
    found, index = item.get(name), item.get("index")
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return f"{found}{index}" if isinstance(index, list) and index else str(found)


def _by_name(items: list[object], name: str) -> dict[str, object]:
    return {str(name_of_item(item, name)): item for item in items}


def _as_long(before: list[object], after: list[object]) -> bool:
    """Whether two lists of objects can be read item by item."""
    return len(before) == len(after) and all(isinstance(i, dict) for i in (*before, *after))


def _documents(before: object, after: object) -> tuple[object, object] | None:
    """Both texts as what they say, where they are JSON of some length."""
    if not (isinstance(before, str) and isinstance(after, str)):
        return None
    if not (before[:1] in "{[" and after[:1] in "{[" and before and after):
        return None
    try:
        return json.loads(before), json.loads(after)
    except (ValueError, RecursionError):
        return None


def same(before: object, after: object) -> bool:
    """Whether two values are the same in JSON, where `1` is `1.0` and never `true`."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(same(v, after[k]) for k, v in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same, before, after))
    if isinstance(before, bool) or isinstance(after, bool):
        return before is after
    return before == after
