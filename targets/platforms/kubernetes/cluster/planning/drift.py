"""Which fields of a live object were changed by hand since `ofc` applied them.

Compared is the live object with what the study that lives there was compiled to. A field counts
where its value differs and `ofc` owns it no more, as `managedFields` says: whoever writes another
value takes it over. What servers write beside our fields, and what another version of ofc would
emit, are no drift.
"""

from __future__ import annotations

from collections.abc import Iterator

from omniforce.spec.frozen import dataclass

from ...objects import Tree
from ..ownership import MANAGER, Managers, managers
from ..stamps import is_stamp
from .difference import Step, name_of_item, named_by, same, under, written
from .hidden import told


@dataclass(frozen=True, slots=True)
class Drift:
    """A field that somebody else has changed.

    Attributes:
        applied: what ofc had applied, in JSON.
        live: what is there, in JSON; None where it was removed.
        manager: who did it; empty where nobody is on record, as after a removal.
    """

    path: str
    applied: str
    live: str | None
    manager: str


def drift(live: Tree, applied: Tree) -> tuple[Drift, ...]:
    """The fields of `applied` that are different in `live`, and not by ofc."""
    return tuple(
        _walk("", (), written(applied), live, _Look(live, managers(live), str(live.get("kind"))))
    )


@dataclass(frozen=True, slots=True)
class _Look:
    live: Tree
    managers: Managers
    kind: str


def _walk(
    path: str, steps: tuple[Step, ...], applied: object, live: object, look: _Look
) -> Iterator[Drift]:
    if same(applied, live):
        return
    if isinstance(applied, dict) and isinstance(live, dict):
        for key, value in applied.items():
            below, way = under(path, key), (*steps, key)
            if key in live:
                yield from _walk(below, way, value, live[key], look)
            else:
                yield from _changed(below, way, value, None, look)
        return
    if isinstance(applied, list) and isinstance(live, list) and (name := named_by(applied, live)):
        places = {name_of_item(item, name): i for i, item in enumerate(live)}
        for item in applied:
            key = name_of_item(item, name)
            here = f"{path}[{key}]"
            if key in places:
                yield from _walk(here, (*steps, places[key]), item, live[places[key]], look)
            else:
                yield from _changed(here, (*steps, -1), item, None, look)
        return
    yield from _changed(path, steps, applied, live, look)


def _changed(
    path: str, steps: tuple[Step, ...], applied: object, live: object, look: _Look
) -> Iterator[Drift]:
    owners = look.managers.of(look.live, steps)
    if MANAGER in owners or is_stamp(path):
        return  # whose it is and of which spec is no content: a study may come from GitOps
    yield Drift(
        path,
        told(applied, path, look.kind),
        None if live is None else told(live, path, look.kind),
        ", ".join(owners),
    )
