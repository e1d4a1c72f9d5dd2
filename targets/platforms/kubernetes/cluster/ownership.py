"""Who has set a field of a live object, as server-side apply remembers it in `managedFields`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from omniforce.spec.frozen import dataclass

from ..objects import Tree
from .planning.difference import Step

MANAGER: Final = "ofc"
"""What `apply` calls itself."""


@dataclass(frozen=True, slots=True)
class Managers:
    """The managers of one object with the fields of each."""

    fields: tuple[tuple[str, Mapping[str, object]], ...]

    def of(self, live: Tree, path: tuple[Step, ...]) -> tuple[str, ...]:
        """Those that have set the field at `path`, or a whole that it is in; sorted."""
        return tuple(sorted({name for name, own in self.fields if _owns(own, live, path)}))


def managers(live: Tree) -> Managers:
    """The managers of a live object; what cannot be read counts for nobody."""
    metadata = live.get("metadata")
    entries = metadata.get("managedFields") if isinstance(metadata, dict) else None
    return Managers(tuple(_read(entries if isinstance(entries, list) else [])))


def _read(entries: list[object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("subresource"):
            continue
        own = entry.get("fieldsV1")
        if isinstance(own, dict):
            yield str(entry.get("manager", "unknown")), own


def _owns(own: Mapping[str, object], value: object, path: tuple[Step, ...]) -> bool:
    """Whether a set of fields holds `path`; an empty set stands for all that is below it."""
    for step in path:
        if not own:
            return True
        below = _step(own, value, step)
        if not isinstance(below, dict):
            return False
        own = below
        value = _at(value, step)
    return True


def _step(own: Mapping[str, object], value: object, step: Step) -> object:
    if isinstance(step, str):
        return own.get(f"f:{step}")
    if f"i:{step}" in own:
        return own[f"i:{step}"]
    item = _at(value, step)
    for key, below in own.items():
        if key.startswith("k:") and isinstance(item, dict) and _matches(key[2:], item):
            return below
        if key.startswith("v:") and key[2:] == json.dumps(item):
            return below
    return None


def _matches(key: str, item: Mapping[str, object]) -> bool:
    try:
        wanted = json.loads(key)
    except ValueError:
        return False
    return isinstance(wanted, dict) and all(item.get(k) == v for k, v in wanted.items())


def _at(value: object, step: Step) -> object:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None
