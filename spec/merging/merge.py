"""The three-way merge of a spec: keys by their names, items of lists one by one.

What one side changed and the other did not is taken; what both changed to the same is taken once;
what both added stands there twice, ours first. Only the same value changed to two things is a
conflict. Comments go with what they stand beside.
"""

from __future__ import annotations

from dataclasses import replace

from ..formatting.expressions import spelled
from ..formatting.gather import Unformattable, gather
from ..formatting.pieces import (
    Clash,
    Document,
    Item,
    Items,
    Note,
    Pair,
    Pairs,
    Piece,
    Remark,
    Word,
)
from ..formatting.printer import write
from ..frozen import dataclass
from ..source import Source
from ..yaml.reader import read_yaml
from .lists import Slot, align
from .same import clashes, said, same


@dataclass(frozen=True, slots=True)
class Merged:
    """The one file of three, in house form.

    Attributes:
        conflicts: how many stand in it, between git's usual markers.
    """

    text: str
    conflicts: int


def merge(base: Source, ours: Source, theirs: Source) -> Merged | None:
    """One file of three; None where one of them is no YAML, or what comes out would be none."""
    documents = [_document(source) for source in (base, ours, theirs)]
    old, mine, yours = documents
    if mine is None or yours is None:
        return None
    before = old.root if old is not None else Pairs(())
    root = _merged(before, mine.root, yours.root)
    if isinstance(root, Clash) or not isinstance(root, Pairs | Items):
        return None
    made = replace(
        mine,
        root=root,
        head=_remarks(old.head if old is not None else (), mine.head, yours.head),
        foot=_remarks(old.foot if old is not None else (), mine.foot, yours.foot),
    )
    count = clashes(root)
    text = write(made, spelled(root))
    if not count and read_yaml(Source(ours.name, text))[0] is None:
        return None  # an alias whose anchor stayed on the other side
    return Merged(text, count)


def _document(source: Source) -> Document | None:
    if not source.text.strip() or read_yaml(source)[0] is None:
        return None
    try:
        return gather(source.text.replace("\r\n", "\n").replace("\r", "\n"))
    except Unformattable:
        return None


def _merged(base: Piece | None, ours: Piece, theirs: Piece) -> Piece | None:
    """One value of three; None where that is a conflict."""
    if isinstance(ours, Pairs) and isinstance(theirs, Pairs):
        old = base if isinstance(base, Pairs) else Pairs((), ours.flow)
        if ours.marks == theirs.marks:
            return _mappings(old, ours, theirs)
    if isinstance(ours, Items) and isinstance(theirs, Items) and ours.marks == theirs.marks:
        old_items = base if isinstance(base, Items) else Items((), ours.flow)
        return _lists(old_items, ours, theirs)
    if same(ours, theirs) or same(base, theirs):
        return ours
    return theirs if same(base, ours) else None


# mappings


def _mappings(base: Pairs, ours: Pairs, theirs: Pairs) -> Pairs | None:
    old, mine, yours = _by_key(base), _by_key(ours), _by_key(theirs)
    made: list[Pair | Clash] = []
    for name in _order(tuple(mine), tuple(yours)):
        entry = _entry(old.get(name), mine.get(name), yours.get(name))
        if isinstance(entry, Clash) and (ours.flow or theirs.flow):
            return None  # no marker can stand in braces, so the whole is the conflict
        if entry is not None:
            made.append(entry)
    return replace(
        _form(base, ours, theirs),
        entries=tuple(made),
        tail=_remarks(base.tail, ours.tail, theirs.tail),
    )


def _form(base: Pairs, ours: Pairs, theirs: Pairs) -> Pairs:
    """Braces or lines: ours, unless only theirs went from one to the other."""
    return theirs if base.entries and base.flow == ours.flow != theirs.flow else ours


def _by_key(piece: Pairs) -> dict[str, Pair]:
    pairs = (e for e in piece.entries if isinstance(e, Pair))
    return {p.key.value if isinstance(p.key, Word) else repr(said(p.key)): p for p in pairs}


def _order(mine: tuple[str, ...], yours: tuple[str, ...]) -> list[str]:
    """Our order; what only they have stands behind what it follows there, and our own additions."""
    order, known = list(mine), set(mine)
    theirs = set(yours)
    before: str | None = None
    for name in yours:
        if name not in known:
            at = order.index(before) + 1 if before is not None else 0
            while at < len(order) and order[at] not in theirs:
                at += 1
            order.insert(at, name)
        before = name
    return order


def _entry(base: Pair | None, ours: Pair | None, theirs: Pair | None) -> Pair | Clash | None:
    """One key of three versions; None where it is gone."""
    if ours is None and theirs is None:
        return None
    if ours is None or theirs is None:
        kept = ours or theirs
        if kept is None or base is None:
            return kept
        if same(base.value, kept.value):
            return None  # one side took it away, and the other left it as it was
        return Clash((ours,) if ours else (), (theirs,) if theirs else ())
    value = _merged(base.value if base is not None else None, ours.value, theirs.value)
    if value is None:
        return Clash((ours,), (theirs,))
    old = base if base is not None else ours
    return replace(
        ours,
        value=value,
        above=_remarks(old.above, ours.above, theirs.above),
        note=_note(old.note, ours.note, theirs.note),
    )


def _note(base: Note | None, ours: Note | None, theirs: Note | None) -> Note | None:
    """The comment behind a value: ours, unless only theirs changed."""
    old, mine = (n.text if n is not None else None for n in (base, ours))
    return theirs if mine == old else ours


def _remarks(
    base: tuple[Remark, ...], ours: tuple[Remark, ...], theirs: tuple[Remark, ...]
) -> tuple[Remark, ...]:
    """The comments of one place: ours, unless only theirs changed; of two changes both."""
    old, mine, yours = ([r.text for r in each] for each in (base, ours, theirs))
    if mine == yours or yours == old:
        return ours
    if mine == old:
        return theirs
    return (*ours, *(r for r in theirs if r.text not in mine and r.text not in old))


# lists


def _lists(base: Items, ours: Items, theirs: Items) -> Items | None:
    old, mine, yours = ([e for e in x.entries if isinstance(e, Item)] for x in (base, ours, theirs))
    form = theirs if base.entries and base.flow == ours.flow != theirs.flow else ours
    tail = _remarks(base.tail, ours.tail, theirs.tail)
    if same(base, theirs) or same(ours, theirs):
        return replace(form, entries=tuple(mine), tail=tail)
    if same(base, ours):
        return replace(form, entries=tuple(yours), tail=tail)
    made: list[Item | Clash] = []
    for left, right in zip(align(old, mine), align(old, yours), strict=True):
        entries = _slot(left, right)
        if any(isinstance(e, Clash) for e in entries) and (ours.flow or theirs.flow):
            return None
        made += entries
    return replace(form, entries=tuple(made), tail=tail)


def _slot(ours: Slot, theirs: Slot) -> list[Item | Clash]:
    """One item of the base and what was added before it, on both sides."""
    mine = [said(i.value) for i in ours.added]
    made: list[Item | Clash] = [
        *ours.added,
        *(i for i in theirs.added if said(i.value) not in mine),
    ]
    if ours.base is None:
        return made
    if ours.now is None and theirs.now is None:
        return made
    if ours.now is None or theirs.now is None:
        kept = ours.now or theirs.now
        if kept is not None and not same(kept.value, ours.base.value):
            mine_, yours_ = ours.now, theirs.now
            made.append(Clash((mine_,) if mine_ else (), (yours_,) if yours_ else ()))
        return made
    value = _merged(ours.base.value, ours.now.value, theirs.now.value)
    if value is None:
        made.append(Clash((ours.now,), (theirs.now,)))
        return made
    made.append(
        replace(
            ours.now,
            value=value,
            above=_remarks(ours.base.above, ours.now.above, theirs.now.above),
            note=_note(ours.base.note, ours.now.note, theirs.now.note),
        )
    )
    return made
