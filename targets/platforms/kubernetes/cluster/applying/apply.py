"""Brings a cluster to what a program says, one object after the other, in order of need.

    namespace -> parent of the set -> accounts, rights -> ... -> triggers -> serving

Needs nothing of an earlier run: what is there already is left as it is, so that an apply which
broke off goes on by being run again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Final, Literal, Protocol

from omniforce.compiler.ir.program import Program
from omniforce.spec.frozen import dataclass
from omniforce.spec.problem import Problem

from ...check.look import text
from ...objects import WAVES, Tree
from ..apply_set import OUTSIDE, PART_OF, apply_set_of
from ..cluster import Cluster, Forbidden, Reference, reference_of
from ..planning.difference import written
from . import fence
from .gone import delete_and_wait

Done = Literal["created", "changed", "replaced", "unchanged", "left"]

HOLDS_DATA: Final = frozenset({"PersistentVolumeClaim"})
"""Kinds that are never deleted on the way: what is on them is lost with them."""

LATEST_WAVE: Final = max(WAVES.values())


@dataclass(frozen=True, slots=True)
class Applied:
    """One object after an apply; `left` is what may not be written and was there already."""

    reference: Reference
    done: Done


class Tell(Protocol):
    """Is told what happens, as it happens."""

    def applied(self, applied: Applied, count: int, of: int) -> None:
        """An object was written, the `count`-th of `of`."""
        ...


@dataclass(frozen=True, slots=True)
class Apply:
    """One apply.

    Attributes:
        program: what the objects are of.
        objects: as `applied_objects` gives them.
        force: takes fields from other managers.
        replaced: objects that cannot be changed in place: deleted and made anew.
        pause: waits between two looks at what is being deleted, in seconds.
    """

    program: Program
    objects: Sequence[Tree]
    force: bool = False
    replaced: frozenset[Reference] = frozenset()
    pause: Callable[[float], None] = time.sleep

    def run(self, cluster: Cluster, tell: Tell) -> tuple[Applied, ...]:
        """Writes all of them.

        Raises:
            Problem: the cluster refuses one, or somebody has overtaken this apply; what was
                written until then stays, and the next run goes on from there.
        """
        done: list[Applied] = []
        begun = False
        for tree, is_new_wave in _with_waves(self.objects):
            if tree["kind"] not in OUTSIDE and is_new_wave:
                if begun:
                    fence.check(cluster, self.program)
                else:
                    fence.begin(cluster, self.program, force=self.force)
                begun = True
            done.append(self._one(cluster, tree))
            tell.applied(done[-1], len(done), len(self.objects))
        return tuple(done)

    def _one(self, cluster: Cluster, tree: Tree) -> Applied:
        reference = reference_of(tree)
        before = cluster.get(reference)
        if before is not None:
            self._adoptable(reference, before)
        if before is not None and reference in self.replaced:
            _replaceable(reference)
            delete_and_wait(cluster, reference, self.pause)
            cluster.apply(tree, force=self.force)
            return Applied(reference, "replaced")
        try:
            after = cluster.apply(tree, force=self.force)
        except Forbidden:
            # many may work in a namespace and not change it
            if before is None or reference.kind not in OUTSIDE:
                raise
            return Applied(reference, "left")
        if before is None:
            return Applied(reference, "created")
        return Applied(reference, "unchanged" if written(before) == written(after) else "changed")

    def _adoptable(self, reference: Reference, live: Tree) -> None:
        """That the object is of no other study's set.

        Raises:
            Problem: it is.
        """
        other = text(live, "metadata", "labels", PART_OF)
        if other and other != apply_set_of(self.program).id and reference.kind not in OUTSIDE:
            raise Problem(
                "OFC629",
                f"`{reference}` in `{reference.namespace}` belongs to another apply set, `{other}`",
                "rename the study or give it a namespace of its own; or take the label "
                f"`{PART_OF}` off the object, if nobody needs it any more",
            )


def in_order(objects: Sequence[Tree]) -> tuple[Tree, ...]:
    """The objects in the order in which they are applied; within a wave as they stand."""
    return tuple(sorted(objects, key=_group))


def _with_waves(objects: Sequence[Tree]) -> Iterator[tuple[Tree, bool]]:
    """The objects in order; and whether it is the first of a wave."""
    for _, wave in groupby(in_order(objects), key=_group):
        for i, tree in enumerate(wave):
            yield tree, i == 0


def _group(tree: Tree) -> tuple[bool, int]:
    return tree["kind"] not in OUTSIDE, _wave(tree)


def _wave(tree: Tree) -> int:
    return WAVES.get(str(tree["kind"]), LATEST_WAVE)


def _replaceable(reference: Reference) -> None:
    if reference.kind in HOLDS_DATA:
        raise Problem(
            "OFC634",
            f"`{reference}` cannot be changed in place, and making it anew would lose its data",
            "name another claim under `platform.kubernetes.models`, or copy the data away and "
            f"delete it yourself: `kubectl delete {reference.kind.lower()} {reference.name} "
            f"-n {reference.namespace}`",
        )
