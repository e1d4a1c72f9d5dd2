"""The house form of a spec: `ofc fmt`.

Two spaces a level; lists indented below their key; `{a: 1, b: 2}`; quotes only where they are
needed; expressions as the language prints them; one empty line at most. What is short stays
short, keys and items stay in the writer's order, and a comment stays with what it is about.
"""

from __future__ import annotations

from ..diagnostic import Diagnostic
from ..source import Source
from ..yaml.reader import read_yaml


def format_source(source: Source) -> str | tuple[Diagnostic, ...]:
    """The text of a file in house form; formatting it again gives it again.

    A file with errors is formatted as well, as long as it is YAML; else what is wrong with it
    comes back. What has no house form, such as a file that is one scalar, stays as it is.
    """
    document, found = read_yaml(source)
    if document is None:
        return found
    from .expressions import spelled
    from .gather import Unformattable, gather
    from .guard import hold
    from .printer import write

    text = source.text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        pieces = gather(text)
    except Unformattable:
        return source.text
    spellings = spelled(pieces.root)
    made = write(pieces, spellings)
    hold(text, made, pieces.words, spellings)
    return made
