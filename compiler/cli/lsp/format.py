"""House form as one edit of the lines that differ, so that the editor's cursor stays in place."""

from __future__ import annotations

from omniforce.spec.diagnostic import Edit
from omniforce.spec.source import Source, Span


def formatted(source: Source) -> Edit | None:
    """What brings a text into house form; None where it is, or cannot be read."""
    from omniforce.spec.formatting.formatter import format_source

    made = format_source(source)
    if not isinstance(made, str) or made == source.text:
        return None
    before, after = source.text.split("\n"), made.split("\n")
    shared = min(len(before), len(after)) - 1
    first = 0
    while first < shared and before[first] == after[first]:
        first += 1
    last = 0
    while last < shared - first and before[-1 - last] == after[-1 - last]:
        last += 1
    old, new = before[first : len(before) - last], after[first : len(after) - last]
    end = Span(source.name, first + 1, 1, first + len(old), len(old[-1]) + 1)
    return Edit(end, "\n".join(new))
