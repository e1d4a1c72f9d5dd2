"""Parameters of one name in branches that exclude each other: the same argument, searched apart.

    family: {net: {width: 8...64}, trees: {width: 1...9}}    =>    width, width__trees

The first one keeps its name, a later one is called after its branch. Within a branch the name means
that branch's parameter; elsewhere nobody can say which one is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..expression.tree import Expression, Name, Value
from ..readers import Reading
from ..resolving.resolve import with_names
from ..source import Span
from .declaration import Branch, Declaration
from .placed import At

Ways = dict[str, set[Value]]
"""The values of each choice that something stands under."""

MOST_ALIKE = 100
"""Parameters that may have one name, since each is compared with all before it."""


def exclusive(one: Branch | None, other: Branch | None, known: Mapping[str, Declaration]) -> bool:
    """Whether no point has both branches."""
    return _exclude(_ways(one, known), _ways(other, known))


def _exclude(ours: Ways, theirs: Ways) -> bool:
    return any(ours[host].isdisjoint(theirs[host]) for host in ours.keys() & theirs.keys())


def _ways(branch: Branch | None, known: Mapping[str, Declaration]) -> Ways:
    """The values of each choice that it stands under."""
    found: dict[str, set[Value]] = {}
    while branch is not None:
        if branch.values:
            found[branch.host] = set(branch.values)
        branch = known[branch.host].branch
    return found


def called_after(name: str, branch: Branch | None, known: Mapping[str, Declaration]) -> str:
    """A name of its own for a later parameter of that name."""
    value = str(branch.values[0]) if branch is not None and branch.values else ""
    plain = value if value.isascii() and f"_{value}".isidentifier() else "other"
    made, number = f"{name}__{plain}", 2
    while made in known:
        made, number = f"{name}__{plain}_{number}", number + 1
    return made


def in_their_branch(
    declared: Mapping[str, Declaration], reading: Reading
) -> dict[str, Declaration]:
    """The declarations, each name in them that several have made the one that is meant."""
    variants: dict[str, list[Declaration]] = {}
    for declaration in declared.values():
        variants.setdefault(declaration.written, []).append(declaration)
    several = {
        name: [(d.name, _ways(d.branch, declared)) for d in found]
        for name, found in variants.items()
        if len(found) > 1
    }
    if not several:
        return dict(declared)
    return {
        d.name: _Scope(d, _ways(d.branch, declared), several, reading).own()
        for d in declared.values()
    }


class _Scope:
    """What the names mean where one declaration stands."""

    def __init__(
        self,
        reader: Declaration,
        ways: Ways,
        variants: Mapping[str, list[tuple[str, Ways]]],
        reading: Reading,
    ) -> None:
        self.reader = reader
        self.ways = ways
        self.variants = variants
        self.reading = reading

    def own(self) -> Declaration:
        """The declaration with the names that it means."""
        count = self.reader.count
        if count is not None and isinstance(count.value, str):
            count = replace(count, value=self.meant(count.value, count, Name(count.value)))
        return replace(
            self.reader,
            count=count,
            when=self.renamed(self.reader.when),
            value=self.renamed(self.reader.value),
        )

    def renamed(self, written: At[Expression] | None) -> At[Expression] | None:
        """A condition or term with the names that it means."""
        if written is None:
            return None
        return replace(
            written,
            value=with_names(
                written.value, lambda n: replace(n, name=self.meant(n.name, written, n))
            ),
        )

    def place(self, written: At[Expression] | At[int | str], at: Name) -> Span:
        """Where a name stands; the whole where nobody knows."""
        if written.text is None or at.at.end == 0:
            return written.span
        return written.text.inside(at.at.start, at.at.end)

    def meant(self, name: str, written: At[Expression] | At[int | str], at: Name) -> str:
        """The one parameter of that name that the reader can be active with."""
        if name not in self.variants:
            return name
        seen = [v for v, ways in self.variants[name] if not _exclude(ways, self.ways)]
        if len(seen) <= 1:
            return seen[0] if seen else name
        self.reading.report(
            "OFC227",
            f"`{name}` is the name of {len(seen)} parameters, in branches of their own",
            self.place(written, at),
            "which of them?",
            f"move `{self.reader.written}` into the branch that it belongs to, or give them "
            "names of their own",
        )
        return name
