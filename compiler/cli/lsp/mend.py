"""A tree of a text that YAML cannot read: the lines in its way are taken for empty.

No place moves, so that everything else of the file can still be found where it is. A line that is
being typed is nearly always the only one in the way.
"""

from __future__ import annotations

from omniforce.spec.frozen import dataclass
from omniforce.spec.nodes import Node
from omniforce.spec.source import Source
from omniforce.spec.yaml.reader import read_yaml

MOST = 4
"""Lines that are taken away before the text is given up."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What could be read.

    Attributes:
        tree: None where even without a few lines there is none.
        whole: whether nothing had to be taken away.
    """

    tree: Node | None
    whole: bool


def mend(source: Source) -> Mended:
    """The tree of a source, if need be of a part of it."""
    text = source.text
    for attempt in range(MOST + 1):
        tree, found = read_yaml(Source(source.name, text))
        if tree is not None:
            return Mended(tree, attempt == 0)
        place = next((d.span for d in found if d.span is not None), None)
        if place is None:
            break
        lines = text.split("\n")
        at = _in_the_way(lines, place.line - 1)
        if at is None:
            break
        lines[at] = ""
        text = "\n".join(lines)
    return Mended(None, False)


def _in_the_way(lines: list[str], at: int) -> int | None:
    """The line to take away: where the error is, unless one just before looks unfinished.

    YAML often names the line behind the one that is to blame, whose text it took to go on.
    """
    near = [i for i in range(min(at, len(lines) - 1), -1, -1) if lines[i].strip()][:3]
    unfinished = (i for i in near if _unfinished(lines[i]))
    return next(unfinished, near[0] if near else None)


def _unfinished(line: str) -> bool:
    """Whether a line has no key and is no item, or opens what it does not close."""
    text = line.partition(" #")[0].strip()
    if text.startswith("#"):
        return False
    opened = sum(text.count(c) for c in "{[(") - sum(text.count(c) for c in "}])")
    quoted = text.count('"') % 2 or text.count("'") % 2
    return bool(quoted) or opened > 0 or not (":" in text or text.startswith(("-", "]", "}")))
