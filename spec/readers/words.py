"""The words of messages: what a node is, what was probably meant, lists of names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from ..nodes import MappingNode, Node, Scalar, SequenceNode
from ..source import Path

MANY = 300
"""Words that are all looked at for one that was probably meant."""
MOST_MEANT = 100
"""Faults of one kind that say which name was probably meant; nobody reads more of them."""
LISTED = 40
"""Words that a message lists."""


def describe(node: Node) -> str:
    """What a node is, in the words of a message."""
    match node:
        case MappingNode():
            return "a mapping"
        case SequenceNode():
            return "a list"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool(value)):
            return f"the truth value `{str(value).lower()}`"
        case Scalar(value=int() | float()):
            return f"the number `{short(node.text)}`"
        case Scalar():
            return f"the string `{short(node.text)}`"


def called(path: Path) -> str:
    """What is at `path`, by its key: `trials`, `objectives[0]`, or the document."""
    if not path:
        return "the document"
    key = next((i for i in range(len(path) - 1, -1, -1) if isinstance(path[i], str)), 0)
    return f"`{path[key]}{''.join(f'[{i}]' for i in path[key + 1 :])}`"


def matches(pattern: str, text: str) -> bool:
    """Whether the whole of `text` follows `pattern`."""
    return re.fullmatch(pattern, text) is not None


def short(text: str) -> str:
    """The beginning of a text that may be long."""
    line = text.split("\n", 1)[0]
    return line if len(line) <= 40 and line == text else f"{line[:40]}..."


def nearest(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str | None:
    """The known word that was probably meant, or None."""
    import difflib

    word = word[:100]
    if len(known) > MANY:
        # Of thousands, only those that begin alike and are about as long; each costs 20 us.
        like = (k for k in known if k[:2] == word[:2] and abs(len(k) - len(word)) <= 2)
        known = tuple(islice(like, MANY))
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if found:
        return found[0]
    folded = {k.lower().replace("_", "").replace("-", ""): k for k in known}
    return folded.get(word.lower().replace("_", "").replace("-", ""))


def or_list(words: Mapping[str, object] | tuple[str, ...]) -> str:
    """`a`, `b` or `c`, each in backquotes."""
    quoted = [f"`{w}`" for w in islice(words, LISTED)]
    if len(words) > LISTED:
        return f"{', '.join(quoted)} or {len(words) - LISTED} more"
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
