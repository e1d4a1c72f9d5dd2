"""Every parameter can take part in some trial."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostic import Severity
from ..nodes import MappingNode
from ..space import Coordinate, Space
from .finding import Finding, Place, Readable

SPACE = ("spec", "searchSpace")


def live_parameters(document: Readable) -> Iterator[Finding]:
    """Reports parameters whose conditions cannot hold at once, the first of a dead branch only."""
    space = document.value(Space, *SPACE)
    if space is None:
        return
    first: dict[str, Coordinate] = {}
    for coordinate in space.coordinates:
        first.setdefault(coordinate.name, coordinate)
    doubtful = [c for c in first.values() if len(c.conditions) > 1]
    if not doubtful:
        return
    from ..analysis.proof import never_active  # late: few specs have such parameters

    for coordinate in doubtful:
        if never_active(coordinate, space):
            yield Finding(
                "OFC241",
                f"`{coordinate.name}` never takes part: its conditions cannot hold together",
                Place(_path(document, coordinate.name), on_key=True),
                "in no trial",
                "correct its `when`, or the branch that it stands in",
                severity=Severity.WARNING,
            )


def _path(document: Readable, name: str) -> tuple[str | int, ...]:
    """Where a parameter of this name stands; they are unique in a space."""
    open_: list[tuple[tuple[str | int, ...], object]] = [(SPACE, document.written(*SPACE))]
    while open_:
        path, node = open_.pop()
        if isinstance(node, MappingNode):
            for entry in node.entries:
                here = (*path, entry.key.text)
                if entry.key.text == name and here in document.values:
                    return here
                open_.append((here, entry.value))
    return SPACE
