"""Server-side apply: whose field is whose, what changes, what goes (structured-merge-diff)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from . import schema as schemas
from .fields import Fields, Path, fields_of, is_absent, key_of, remove, show, to_v1, value_at
from .kinds import Schema

Tree = dict[str, Any]


@dataclass(frozen=True)
class Owner:
    """One entry of `managedFields`."""

    manager: str
    operation: str
    api_version: str
    time: str
    fields: Fields
    subresource: str = ""

    @property
    def who(self) -> tuple[str, str, str]:
        return self.manager, self.operation, self.subresource

    def plain(self) -> Tree:
        made = {
            "manager": self.manager,
            "operation": self.operation,
            "apiVersion": self.api_version,
            "fieldsType": "FieldsV1",
            "fieldsV1": to_v1(self.fields),
        }
        made |= {"time": self.time} if self.time else {}
        return made | ({"subresource": self.subresource} if self.subresource else {})

    def described(self) -> str:
        """As a conflict names it."""
        if self.operation == "Apply":
            return f'conflict with "{self.manager}"'
        sub = f' with subresource "{self.subresource}"' if self.subresource else ""
        return f'conflict with "{self.manager}"{sub} using {self.api_version} at {self.time}'


class Conflict(Exception):
    """Others have set fields to other values."""

    def __init__(self, found: list[tuple[Owner, Path]]) -> None:
        super().__init__()
        self.found = found

    def causes(self) -> list[Tree]:
        return [
            {"reason": "FieldManagerConflict", "message": owner.described(), "field": show(path)}
            for owner, path in self.found
        ]

    def message(self) -> str:
        if len(self.found) == 1:
            owner, path = self.found[0]
            return f"Apply failed with 1 conflict: {owner.described()}: {show(path)}"
        lines = [f"Apply failed with {len(self.found)} conflicts"]
        by: dict[str, list[str]] = {}
        for owner, path in self.found:
            by.setdefault(owner.described().replace("conflict", "conflicts"), []).append(show(path))
        told = "\n".join(f"{who}:\n" + "\n".join(f"- {p}" for p in ps) for who, ps in by.items())
        return f"{lines[0]}: {told}"


def apply(
    live: Tree, config: Tree, schema: Schema, owners: tuple[Owner, ...], me: Owner, force: bool
) -> tuple[Tree, tuple[Owner, ...]]:
    """The object and its owners after an apply; `me` comes without fields.

    Raises:
        Conflict: and nothing is changed.
    """
    claimed = fields_of(config, schema)
    merged = merge(live, config, schema)
    changed = _changed(claimed, live, merged, schema)
    others = tuple(owner for owner in owners if owner.who != me.who)
    found = [(owner, path) for owner in others for path in sorted(owner.fields & changed)]
    if found and not force:
        raise Conflict(found)
    left = tuple(_without(owner, owner.fields & changed) for owner in others)
    mine = next((owner.fields for owner in owners if owner.who == me.who), frozenset())
    kept = frozenset[Path]().union(claimed, *(owner.fields for owner in left))
    gone = False
    for path in sorted(mine - kept, key=len):  # an item before what tells it from others
        # an item goes with all that is in it, unless somebody else holds the item itself
        if path[-1][0] == "k" or not any(other[: len(path)] == path for other in kept):
            merged = remove(merged, path, schema) or {}
            gone = True
    if gone:  # and with it what others held of it
        left = tuple(_without(o, _absent(o.fields, merged, schema)) for o in left)
    before = next((owner for owner in owners if owner.who == me.who), None)
    if merged == live:  # who only claims what is there has no time, or keeps the one it had
        me = replace(me, time=before.time if before else "")
    same = before is not None and before.fields == claimed
    now = (
        before
        if same and before is not None
        else Owner(me.manager, me.operation, me.api_version, me.time, claimed, me.subresource)
    )
    return merged, _sorted((*left, now))


def updated(
    live: Tree, new: Tree, schema: Schema, owners: tuple[Owner, ...], me: Owner
) -> tuple[Owner, ...]:
    """The owners after a write that is no apply: who changes a field owns it."""
    before, after = fields_of(live, schema), fields_of(new, schema)
    changed = _changed(after, live, new, schema)
    # who adds a whole owns it beside what is in it; an apply claims no more than it says
    wholes = {path[:i] for path in changed for i in range(2, len(path))}
    changed |= {path for path in wholes if is_absent(value_at(live, path, schema))}
    gone = before - after
    made = [_without(owner, changed | gone) for owner in owners if owner.who != me.who]
    mine = next((owner.fields for owner in owners if owner.who == me.who), frozenset())
    claimed = (mine | changed) - gone
    if claimed:
        made.append(
            Owner(me.manager, me.operation, me.api_version, me.time, claimed, me.subresource)
        )
    return _sorted(made)


def merge(live: Any, config: Any, schema: Schema) -> Any:
    """Live with the applied values over it."""
    relation = schemas.relation(config, schema)
    if relation in ("fields", "entries"):
        made = dict(live) if isinstance(live, dict) else {}
        for key, value in config.items():
            sub = schemas.child(schema, key) or schemas.DEDUCED
            made[key] = merge(made.get(key), value, sub)
        return made
    if relation == "keyed" and isinstance(live, list):
        return _merge_keyed(live, config, schema)
    if relation == "set" and isinstance(live, list):
        return list(_in_order(live, config))
    return copy.deepcopy(config)


def _merge_keyed(live: list[Any], config: list[Any], schema: Schema) -> list[Any]:
    new = {key_of(value, schema): value for value in config}
    old = {key_of(value, schema): value for value in live}
    item = schemas.item(schema)
    order = _in_order(list(old), list(new))
    return [merge(old.get(key), new[key], item) if key in new else old[key] for key in order]


def _in_order(live: list[Any], config: list[Any]) -> Iterator[Any]:
    """The keys of both: as the applied list has them, others where they stood between them."""
    shared = [key for key in config if key in live]
    left, right = list(live), list(config)
    while left or right:
        if left and right and left[0] == right[0]:
            yield left.pop(0)
            right.pop(0)
            shared = shared[1:]
        elif left and left[0] not in config:
            yield left.pop(0)
        elif left and (not right or (shared and shared[0] != left[0])):
            left.pop(0)  # comes when its turn is
        else:
            key = right.pop(0)
            shared = shared[1:] if shared and key == shared[0] else shared
            yield key


def _changed(fields: Fields, before: Tree, after: Tree, schema: Schema) -> Fields:
    """Those that are set, or set to something else; of what has fields, only that it is there."""
    parents = {path[:i] for path in fields for i in range(1, len(path))}
    found = set()
    for path in fields:
        old, new = value_at(before, path, schema), value_at(after, path, schema)
        there = not is_absent(old)
        set_anew = path not in parents and there and _text(old) != _text(new)
        if there == is_absent(new) or set_anew:
            found.add(path)
    return frozenset(found)


def _absent(fields: Fields, tree: Tree, schema: Schema) -> Fields:
    return frozenset(path for path in fields if is_absent(value_at(tree, path, schema)))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _sorted(owners: Iterable[Owner]) -> tuple[Owner, ...]:
    """Those that own anything, in the order in which `managedFields` lists them."""
    kept = (owner for owner in owners if owner.fields)
    return tuple(sorted(kept, key=lambda o: (o.operation, o.time, o.manager)))


def _without(owner: Owner, lost: Fields) -> Owner:
    return Owner(
        owner.manager,
        owner.operation,
        owner.api_version,
        owner.time,
        owner.fields - lost,
        owner.subresource,
    )
