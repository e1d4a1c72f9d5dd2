"""Which line of the spec causes which change of an object.

One change of the spec at a time is made to the program that lives, and the objects are emitted
again: the fields that move are caused by it. What moves by none alone moves by all together, as
whatever is named by the digest of the whole spec. What the new program does not say differently
at all comes from another version of ofc, or was changed by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from omniforce.compiler.errors import CompilerBug
from omniforce.compiler.ir.program import Program
from omniforce.spec.frozen import dataclass
from omniforce.spec.plain.values import MalformedPlain, from_plain

from ...objects import Tree
from ...target import objects
from ..cluster import reference_of
from ..stamps import is_stamp
from .difference import difference
from .object_plan import ObjectPlan
from .spec_changes import Plain, SpecChange, Way, name_of_item, plain_program
from .successors import role

MOST: Final = 40
"""Changes that are tried one by one; a spec rewritten from end to end is one cause."""

Role = tuple[str, str, str | None, str]
Moved = Mapping[Role, frozenset[str]]
"""The paths of the fields that differ, by object; `*` for an object that comes or goes."""

WHOLE: Final = "*"

_SPACE: Final = "spec.searchSpace"


@dataclass(frozen=True, slots=True)
class Causes:
    """What each change of the spec moves.

    Attributes:
        changes: of the spec.
        moved: what each moves alone, in the same order.
        together: what all of them move.
    """

    changes: tuple[SpecChange, ...] = ()
    moved: tuple[Moved, ...] = ()
    together: Moved | None = None

    def of(self, plan: ObjectPlan, path: str = WHOLE) -> tuple[SpecChange, ...]:
        """The changes that move a field, or an object as a whole; none where none does."""
        here = role(plan.reference)
        if is_stamp(path) or self.together is None:
            return self.changes
        if not _covers(self.together.get(here, frozenset()), path):
            return ()
        alone = tuple(
            change
            for change, moved in zip(self.changes, self.moved, strict=True)
            if _covers(moved.get(here, frozenset()), path)
        )
        named = tuple(c for c in alone if f"[{c.path.rpartition('.')[2]}]" in path)
        return named or alone or self.changes


def causes(before: Program, after: Program, changes: tuple[SpecChange, ...]) -> Causes:
    """Tries the changes one by one on the program that lives."""
    old, new = objects(before), objects(after)
    together = _moved(old, new)
    groups: dict[str, tuple[Way, ...]] = {}
    for change in changes:
        groups[_group(change)] = (*groups.get(_group(change), ()), *change.ways)
    if len(groups) > MOST:
        return Causes(changes, tuple(together for _ in changes), together)
    start, end = plain_program(before), plain_program(after)
    alone: dict[str, Moved] = {}
    for group, ways in groups.items():
        changed = _with(start, end, ways)
        try:
            alone[group] = _moved(old, objects(from_plain(Program, changed)))
        except (MalformedPlain, CompilerBug, ValueError, LookupError):
            alone[group] = together  # not a program by itself: half of a deployment, say
    return Causes(changes, tuple(alone[_group(c)] for c in changes), together)


def _group(change: SpecChange) -> str:
    """What is tried together: all of a space moves the same objects."""
    inside = change.path.startswith((_SPACE, "spec.constraints"))
    return _SPACE if inside else change.path


def _moved(old: Sequence[Tree], new: Sequence[Tree]) -> Moved:
    first = {role(reference_of(tree)): tree for tree in old}
    second = {role(reference_of(tree)): tree for tree in new}
    found: dict[Role, frozenset[str]] = {}
    for each in {**second, **first}:
        if each not in first or each not in second:
            found[each] = frozenset({WHOLE})
        elif paths := _telling(first[each], second[each]):
            found[each] = paths | {WHOLE}
    return found


def _telling(before: Tree, after: Tree) -> frozenset[str]:
    return frozenset(d.path for d in difference(before, after) if not is_stamp(d.path))


def _covers(paths: frozenset[str], path: str) -> bool:
    """Whether one of `paths` is the path, stands above it, or below it."""
    if path in paths:
        return True
    return any(
        long.startswith(short) and long[len(short)] in ".["
        for each in paths
        for short, long in (sorted((each, path), key=len),)
        if each not in (WHOLE, path) and len(short) < len(long)
    )


def _with(old: Plain, new: Plain, ways: tuple[Way, ...]) -> Plain:
    """The old program with what stands at `ways` in the new one."""
    made: object = old
    for way in ways:
        made = _put(made, way, _at(new, way))
    return cast("Plain", made)


def _at(plain: object, way: Way) -> object:
    for step in way:
        if step.startswith("@"):
            items = cast("list[object]", plain) if isinstance(plain, list) else []
            plain = next((i for i in items if name_of_item(i) == step[1:]), None)
        else:
            plain = plain.get(step) if isinstance(plain, dict) else None
    return plain


def _put(plain: object, way: Way, value: object) -> object:
    """A copy of `plain` with another value at `way`; None takes an item of a list away."""
    if not way:
        return value
    step, rest = way[0], way[1:]
    if not step.startswith("@"):
        held = cast("Plain", plain) if isinstance(plain, dict) else {}
        return {**held, step: _put(held.get(step), rest, value)}
    items = cast("list[object]", plain) if isinstance(plain, list) else []
    return list(_items(items, step[1:], rest, value))


def _items(items: list[object], name: str, rest: Way, value: object) -> Iterator[object]:
    found = False
    for item in items:
        if name_of_item(item) != name:
            yield item
            continue
        found = True
        changed = _put(item, rest, value)
        if changed is not None:
            yield changed
    if not found and (made := _put(None, rest, value)) is not None:
        yield made
